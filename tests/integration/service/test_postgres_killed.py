"""PostgreSQL killed under requests and started again: answers or 503, never another error, and no restart is needed."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cordsearch.embedded_postgres import EmbeddedPostgres
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

ADDRESSES = ("/search?q=колодки", "/search?q=SEM1", "/search?q=амотризатор", "/autocomplete?q=SEM")


@pytest.fixture
def own_server(postgres_server: EmbeddedPostgres, catalogue: Catalogue, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A copy of the test run's server, this test's own: nobody else misses it."""
    assert catalogue.warehouse_url
    server = EmbeddedPostgres(tmp_path / "postgres", postgres_server.settings)
    server.directory.mkdir(parents=True)
    server._prepare_folders()
    server._run(
        *("pg_basebackup", "--host", str(postgres_server.socket_directory), "--username", "postgres"),
        *("--pgdata", str(server.data_directory), "--checkpoint", "fast", "--wal-method", "stream", "--no-sync"),
    )
    yield server
    server.stop()


def kill(server: EmbeddedPostgres) -> None:
    """As the kernel does when memory runs out: no goodbye, no checkpoint. Returns when the process is gone."""
    os.kill(int((server.data_directory / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while server.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)


class Shoppers:
    """Asks without a pause until it is told to stop; remembers what was answered."""

    def __init__(self, application: RunningApplication) -> None:
        self._application = application
        self._stopped = asyncio.Event()
        self.answers: list[httpx.Response] = []

    async def ask(self, address: str) -> None:
        while not self._stopped.is_set():
            self.answers.append(await self._application.client.get(address))
            await asyncio.sleep(0.01)

    def stop(self) -> None:
        self._stopped.set()


async def until_it_answers(application: RunningApplication, status: int) -> None:
    async with asyncio.timeout(30):
        while (await application.client.get("/ready")).status_code != status:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_killed_and_started_again(catalogue: Catalogue, own_server: EmbeddedPostgres) -> None:
    settings = service_settings(catalogue, search_deadline_ms=250, statement_timeout_ms=2_000)
    with ExitStack() as uses:
        await asyncio.to_thread(uses.enter_context, own_server.running())
        async with running_application(settings, own_server.url("catalogue_shared")) as application:
            shoppers = Shoppers(application)
            async with asyncio.TaskGroup() as asking:
                for address in ADDRESSES:
                    asking.create_task(shoppers.ask(address))
                await until_it_answers(application, 200)
                await asyncio.to_thread(kill, own_server)
                await until_it_answers(application, 503)
                await asyncio.to_thread(uses.enter_context, own_server.running())
                await until_it_answers(application, 200)
                shoppers.stop()
            for address in ADDRESSES:
                answer = await application.client.get(address)
                assert answer.status_code == 200
                assert not answer.json().get("degraded")
    statuses = {answer.status_code for answer in shoppers.answers}
    assert statuses == {200, 503}
    for answer in shoppers.answers:
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"] == "application/problem+json"
