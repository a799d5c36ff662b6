"""A real service with two workers: replaced and stopped under requests, without losing one."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.catalogue import Catalogue
from tests.conftest import free_port

WORKERS = 2


class Server:
    """A process whose log can be waited for."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process, self.log, self.port = process, log, port
        self.url = f"http://127.0.0.1:{port}"

    def wait_for(self, line: str, count: int) -> None:
        """Wait until ``line`` was logged ``count`` times."""
        until(lambda: self.log.read_text().count(line) >= count, self.log.read_text)


def until(holds: Callable[[], bool], explain: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(explain())
        time.sleep(0.05)


@pytest.fixture
def server(catalogue: Catalogue, tmp_path: Path) -> Iterator[Server]:
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cordsearch", "serve", "--port", str(port), "--workers", str(WORKERS)],
            env={
                "PATH": os.defpath,
                "DATABASE_URL": catalogue.warehouse_url,
                "CORDSEARCH_DATA_DIRECTORY": str(catalogue.model_directory.parent),
                "CORDSEARCH_POOL_SIZE": "2",
                "CORDSEARCH_SERVICE_WARM_UP_SECONDS": "0",
                "CORDSEARCH_SERVICE_DRAIN_SECONDS": "1",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        server = Server(process, log, port)
        try:
            server.wait_for("Application startup complete", WORKERS)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


class Shoppers:
    """Threads that ask without a pause; some keep their connection, some open one for every request."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.statuses: list[int] = []
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._ask, args=[kept]) for kept in (True, True, False, False)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, kept: bool) -> None:  # noqa: FBT001
        limits = httpx.Limits(max_keepalive_connections=None if kept else 0)
        with httpx.Client(base_url=self._url, timeout=20, limits=limits) as client:
            while not self._stop.is_set():
                try:
                    self.statuses.append(client.get("/autocomplete", params={"q": "коло"}).status_code)
                except httpx.HTTPError as error:
                    self.failures.append(f"{type(error).__name__}: {error}")


def test_workers_are_replaced_without_losing_a_request(server: Server) -> None:
    with Shoppers(server.url) as shoppers:
        until(lambda: len(shoppers.statuses) > 20, lambda: str(shoppers.failures))
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("Finished server process", WORKERS)
        assert httpx.get(f"{server.url}/ready").status_code == 200
        answered = len(shoppers.statuses)
        until(lambda: len(shoppers.statuses) > answered + 20, lambda: str(shoppers.failures))
    assert shoppers.failures == []
    assert set(shoppers.statuses) == {200}
    server.wait_for("Application startup complete", 2 * WORKERS)
    _stops_gently(server)


def _stops_gently(server: Server) -> None:
    """SIGTERM: not ready at first, searches answered all the same; a request that was begun is answered to the end."""
    with (
        httpx.Client(base_url=server.url, timeout=20) as client,
        socket.create_connection(("127.0.0.1", server.port)) as begun,
    ):
        begun.sendall(b"GET /autocomplete?q=SEM HTTP/1.1\r\nHost: service\r\n")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: client.get("/ready").status_code == 503, lambda: "it stays ready")
        assert client.get("/autocomplete", params={"q": "коло"}).status_code == 200
        begun.sendall(b"\r\n")
        assert begun.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(timeout=30) == 0
