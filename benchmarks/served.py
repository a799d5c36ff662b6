"""A service process for a benchmark: started on a free port of the loopback, stopped at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

_START_SECONDS = 120.0


@contextmanager
def running_service(
    warehouse_url: str, data_directory: Path, changed: Mapping[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """Start ``cordsearch serve``; yield its base URL and process id.

    ``changed`` are settings as environment variables. Raises RuntimeError when it is not ready within two minutes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": warehouse_url,
        "CORDSEARCH_DATA_DIRECTORY": str(data_directory.resolve()),
        **(changed or {}),
    }
    command = [sys.executable, "-m", "cordsearch", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=Path.cwd(), stderr=subprocess.DEVNULL) as process:
        base_url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(process, base_url)
            yield base_url, process.pid
        finally:
            process.terminate()


def _wait_until_ready(process: subprocess.Popen[bytes], base_url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base_url}/ready", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not become ready; start it by hand to see why: cordsearch serve")
