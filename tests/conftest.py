"""Fixtures every test may use: one real PostgreSQL for the whole run, one template database, clones per test.

Markers: what needs more than the base install says so in pyproject.toml and is skipped with a reason.
"""

import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url, prepare_extensions
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.pipeline import build_demo_source, build_search
from cordsearch.settings import Settings
from tests.catalogue import Catalogue

CATALOGUE_PRODUCTS = 1_200
CATALOGUE_SEED = 20240501


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The one server of this run. Its files do not survive it, so it need not wait for the disk."""
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-test-"))
    server = EmbeddedPostgres(directory, {"fsync": "off", "full_page_writes": "off", "shared_buffers": "256MB"})
    with server.running():
        yield server
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: EmbeddedPostgres) -> str:
    """URL of the maintenance database."""
    return postgres_server.url()


@pytest.fixture
def new_database(postgres_url: str) -> Iterator[Callable[[str | None], str]]:
    """Make a database, a clone of ``template`` if one is named, that is dropped after the test; return its URL."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        name = f"test_{secrets.token_hex(6)}"
        create_database(postgres_url, name, template)
        made.append(name)
        return database_url(postgres_url, name)

    yield make
    with connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database(new_database: Callable[[str | None], str]) -> str:
    """URL of a fresh database with pgvector and pg_trgm."""
    url = new_database(None)
    prepare_extensions(url)
    return url


@pytest.fixture(scope="session")
def catalogue(postgres_server: EmbeddedPostgres) -> Iterator[Catalogue]:
    """The demo source and the warehouse built from it, once per run.

    Built in ``catalogue``, which stays without connections so that it can be cloned; everybody reads its first clone.
    """
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-test-models-"))
    source_url = postgres_server.url("catalogue_source")
    warehouse_url = postgres_server.url("catalogue")
    settings = Settings(data_directory=directory, DATABASE_URL=warehouse_url)
    create_database(postgres_server.url(), "catalogue")
    prepare_extensions(warehouse_url)
    build_demo_source(source_url, CATALOGUE_PRODUCTS, CATALOGUE_SEED)
    build_search(settings, warehouse_url, demo_url=source_url)
    create_database(postgres_server.url(), "catalogue_shared", template="catalogue")
    yield Catalogue(source_url, postgres_server.url("catalogue_shared"), settings.model_directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def catalogue_url(catalogue: Catalogue) -> str:
    """URL of the shared warehouse; for reading only."""
    return catalogue.warehouse_url


@pytest.fixture(scope="session")
def model_directory(catalogue: Catalogue) -> Path:
    """Folder of the model trained on the shared warehouse."""
    return catalogue.model_directory


@pytest.fixture
def catalogue_database(catalogue: Catalogue, new_database: Callable[[str | None], str]) -> str:
    """URL of this test's own copy of the warehouse; write to it as you like."""
    assert catalogue.warehouse_url
    return new_database("catalogue")


@pytest.fixture
def catalogue_source(catalogue: Catalogue, new_database: Callable[[str | None], str]) -> str:
    """URL of this test's own copy of the demo source; write to it as you like."""
    assert catalogue.source_url
    return new_database("catalogue_source")


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def service_process(catalogue: Catalogue, **environment: str) -> Iterator[str]:
    """Run a real service process on ``catalogue`` for the length of the block; yield its base URL."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cordsearch", "serve", "--port", str(port)],
            env={
                "PATH": "/usr/bin:/bin",
                "DATABASE_URL": catalogue.warehouse_url,
                "CORDSEARCH_DATA_DIRECTORY": str(catalogue.model_directory.parent),
                "CORDSEARCH_SERVICE_WARM_UP_SECONDS": "0",
                "CORDSEARCH_SERVICE_QUEUE_WAIT_MS": "60000",  # test machines are busy
                "CORDSEARCH_SERVICE_DEADLINE_MS": "60000",
                "CORDSEARCH_SERVICE_DRAIN_SECONDS": "0",
                **environment,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        base_url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(process, base_url)
            yield base_url
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def running_service(catalogue: Catalogue) -> Iterator[str]:
    """Base URL of a real service process on the shared warehouse."""
    with service_process(catalogue) as base_url:
        yield base_url


def _wait_until_ready(process: subprocess.Popen[bytes], base_url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the service stopped with exit code {process.returncode} before it was ready")
        try:
            if httpx.get(f"{base_url}/ready", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the service was not ready within 60 seconds")
