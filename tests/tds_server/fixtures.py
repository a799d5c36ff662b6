"""Fixtures: a TDS server in front of a PostgreSQL database, stopped and checked after the test.

A test folder takes them over in its ``conftest.py``: ``from tests.tds_server.fixtures import tds_server``.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

from ingest.tables import TABLES
from tests.tds_server.server import TdsServer
from tests.tds_server.wire_types import WireType

USERS = {"loader": "wire test 1/@é", "reporter": "second made-up word"}


class StartTdsServer(Protocol):
    """What the fixture ``tds_server`` gives; see :class:`TdsServer` for the options."""

    def __call__(
        self,
        postgres_url: str,
        *,
        users: Mapping[str, str] = USERS,
        database: str = "cord",
        types: Mapping[str, Mapping[str, WireType]] | None = None,
        packet_size: int | None = None,
        null_bitmaps: bool = True,
        snapshot_allowed: bool = True,
    ) -> TdsServer: ...


def registry_types() -> dict[str, dict[str, WireType]]:
    """Return the wire type of every column of the source tables."""
    return {
        table.name: {column.name: WireType.parse(column.type, nullable=column.nullable) for column in table.columns}
        for table in TABLES
    }


@pytest.fixture
def tds_server() -> Iterator[StartTdsServer]:
    """Start servers that speak TDS for a PostgreSQL database; a server's own failures fail the test."""
    started: list[TdsServer] = []

    def start(
        postgres_url: str,
        *,
        users: Mapping[str, str] = USERS,
        database: str = "cord",
        types: Mapping[str, Mapping[str, WireType]] | None = None,
        packet_size: int | None = None,
        null_bitmaps: bool = True,
        snapshot_allowed: bool = True,
    ) -> TdsServer:
        server = TdsServer(
            postgres_url,
            users,
            database=database,
            types=registry_types() if types is None else types,
            packet_size=packet_size,
            null_bitmaps=null_bitmaps,
            snapshot_allowed=snapshot_allowed,
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
    failures = [failure for server in started for failure in server.failures]
    assert not failures, f"the TDS test server failed: {failures!r}"
