"""The TDS server's fixture, and databases that the tests of one file share for reading."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from tests.tds_server.fixtures import tds_server

__all__ = ["tds_server"]


@pytest.fixture(scope="module")
def shared_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Make a database that lives as long as the tests of one file; return its URL."""
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{secrets.token_hex(6)}")
        create_database(postgres_url, made[-1])
        return database_url(postgres_url, made[-1])

    yield make
    with connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
