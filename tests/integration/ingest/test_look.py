"""A change of the direct loader says since when it may have been committed: the begin of the look before."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cordsearch.database import connect
from ingest.sources import SourceDatabase
from tests.integration.ingest.following import events, follow, touch


@pytest.fixture
def source(source_url: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(source_url, autocommit=True) as connection:
        yield connection


def looked_at_ms(warehouse: str) -> int:
    with connect(warehouse) as connection:
        query = "select newest_source_ts_ms from bronze.ingest_checkpoint where table_name = 'Storage'"
        row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def snapshot_began_ms(warehouse: str) -> int:
    with connect(warehouse) as connection:
        query = "select floor(extract(epoch from started_at) * 1000) from bronze.ingest_checkpoint"
        row = connection.execute(query + " where table_name = 'Storage'").fetchone()
        assert row is not None
        return int(row[0])


def since(warehouse: str) -> list[int | None]:
    return [payload["source"].get("since_ts_ms") for _, _, payload in events(warehouse)]


def test_a_change_is_bounded_by_the_last_look_before_it(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    follow(sources, empty_database)
    assert set(since(empty_database)) == {None}  # rows of a snapshot are no changes
    follow(sources, empty_database)
    before = looked_at_ms(empty_database)
    touch(source, 4, "renamed")
    follow(sources, empty_database)
    assert since(empty_database)[-1] == before < looked_at_ms(empty_database)
    assert before > snapshot_began_ms(empty_database)


def test_what_the_first_comparison_finds_is_bounded_by_the_snapshot(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    follow(sources, empty_database)
    with connect(empty_database, autocommit=True) as connection:  # as if nobody had looked since
        connection.execute("update bronze.incremental_checkpoint set caught_up_at = null, comparing = true")
    touch(source, 4, "renamed")
    follow(sources, empty_database)
    assert since(empty_database)[-1] == snapshot_began_ms(empty_database)
