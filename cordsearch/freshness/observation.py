"""Writes what is known of freshness now into schema ``freshness``. Reads the bookkeeping of all stages.

One observer at a time. Everything an observation writes is one transaction; one that fails writes nothing, and the next
one makes it good: a publication that was not seen at once is seen later, with a later time.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from cordsearch.database import connect, describe_url
from cordsearch.errors import CordSearchError
from cordsearch.freshness.bookkeeping import MOST_COUNTED, Bookkeeping, Connection, read_bookkeeping
from cordsearch.freshness.tables import (
    DirectTable,
    TableState,
    direct_state,
    heartbeat_of,
    heartbeats,
    later,
    looks_of,
    one_of_both,
    partitions_by_table,
    stream_state,
)
from cordsearch.sql import load_query
from ingest.tables import TABLES_BY_NAME

logger = logging.getLogger(__name__)

KEEP_SECONDS = 86_400.0
_MOST_TIMED = 100_000  # events of one table in one publication whose time is looked at
_NEWEST_READ = 10_000  # events read for the newest change when none was seen before


class FreshnessError(CordSearchError):
    """Freshness could not be observed; nothing was written."""


@dataclass(frozen=True, slots=True)
class _Published:
    """What this observation found published: how many publications (none or one) with how many events."""

    publications: int = 0
    events: int = 0


def observe(warehouse_url: str, *, keep_seconds: float = KEEP_SECONDS) -> None:
    """Write down how fresh everything is now. Call it after each stage, and every few seconds.

    Costs tens of milliseconds at full size. Publications older than ``keep_seconds`` are forgotten.

    Raises:
        FreshnessError: PostgreSQL refused or a stage is being built anew. DatabaseUnavailableError: no connection.
    """
    with connect(warehouse_url, autocommit=True) as connection:
        try:
            connection.execute(_query("begin_observation"))
            _create_schema(connection)
            found = read_bookkeeping(connection)
            with connection.transaction():
                _write(connection, found, keep_seconds)
        except psycopg.Error as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise FreshnessError(
                f"Freshness of the {describe_url(warehouse_url)} could not be observed: {reason}. "
                f"Nothing was written; the next observation makes it good."
            ) from error


@contextmanager
def observed(warehouse_url: str) -> Iterator[None]:
    """Observe when the block ends, however it ends. Work that is done does not fail because observing fails."""
    try:
        yield
    finally:
        try:
            observe(warehouse_url)
        except CordSearchError as error:
            logger.warning("%s", error)


def _create_schema(connection: Connection) -> None:
    # asked first: the statements below take locks, and need a right that an observer may lack
    row = connection.execute("select to_regclass('freshness.pipeline') is not null").fetchone()
    if row is None or not row[0]:
        with connection.transaction():
            connection.execute(load_query(__file__, "sql/create_schema.sql"))


def _write(connection: Connection, found: Bookkeeping, keep_seconds: float) -> None:
    with connection.cursor() as cursor:
        stored = {(row[0], row[1]) for row in cursor.execute(_query("read_looks"))}
        looks = [{"table_name": table.table_name} | asdict(look) for table in found.direct for look in looks_of(table)]
        new = [look for look in looks if (look["table_name"], look["finished_at"]) not in stored]
        cursor.executemany(_query("write_look"), new)
        in_marts: dict[str, int] = dict(cursor.execute(_query("published_positions")).fetchall())
    published = _publish(connection, found, in_marts)
    with connection.cursor(row_factory=dict_row) as cursor:
        known = {row["table_name"]: row for row in cursor.execute(_query("read_states"))}
        states = [
            _state_row(connection, found, state, known.get(state.table_name), in_marts.get(state.table_name))
            for state in _states(found)
        ]
        # most observations find most tables as they were
        cursor.executemany(_query("write_state"), [row for row in states if row != known.get(row["table_name"])])
    if new:
        connection.execute(_query("forget_looks"))
    if published.publications:
        connection.execute(_query("forget_publications"), {"keep_seconds": keep_seconds})
    waiting = found.waiting
    values = {
        "products": found.products, "waiting": len(waiting.product_ids), "waiting_since": waiting.since,
        "dead_letters": found.dead_letters, "lost_messages": sum(part.lost_count for part in found.partitions),
        "new_publications": published.publications, "new_events": published.events,
    }  # fmt: skip
    connection.execute(_query("write_pipeline"), values)


def _publish(connection: Connection, found: Bookkeeping, in_marts: dict[str, int]) -> _Published:
    """Write down what was published since the last observation, and what became searchable; moves ``in_marts``."""
    waiting = {"waiting": found.waiting.product_ids, "cut_off": found.waiting.cut_off}
    published_at: datetime | None = None
    direct = {table.table_name: table for table in found.direct}
    for name, position in found.positions.items():
        before = in_marts.get(name)
        if not position.published or position.event_id == before:
            continue
        bronze = found.bronze.get(name)
        if before is not None and position.event_id > before and bronze is not None and bronze.has_index:
            if published_at is None:
                connection.execute(_query("create_published_event"))
                published_at = position.seen_at
            _take_events(connection, name, direct.get(name), before, position.event_id)
        # seen for the first time, or built anew: that is where counting begins
        in_marts[name] = position.event_id
        connection.execute(_query("write_published_position"), {"table_name": name, "event_id": position.event_id})
    connection.execute(_query("settle_publications"), waiting)
    if published_at is None:
        return _Published()
    inserted = connection.execute(_query("insert_publication"), waiting | {"published_at": published_at}).fetchone()
    return _Published(1, inserted[0]) if inserted else _Published()


def _take_events(connection: Connection, name: str, direct: DirectTable | None, after: int, upto: int) -> None:
    values = {
        "table_name": name, "after": after, "upto": upto, "bound": _MOST_TIMED,
        "snapshot_started_at": direct.snapshot_started_at if direct else None,
        "snapshot_completed_at": direct.snapshot_completed_at if direct else None,
    }  # fmt: skip
    connection.execute(_on_bronze("publish_events", name), values)


def _states(found: Bookkeeping) -> list[TableState]:
    """Return the state of every table that is known."""
    direct = {table.table_name: direct_state(table) for table in found.direct}
    alive = heartbeats(found.partitions)
    streamed = {
        name: stream_state(name, _source_of(name), partitions, heartbeat_of(partitions, alive))
        for name, partitions in partitions_by_table(found.partitions).items()
        if name in TABLES_BY_NAME
    }
    both = {name: one_of_both(direct[name], streamed[name]) for name in direct.keys() & streamed.keys()}
    return list((direct | streamed | both).values())


def _source_of(table_name: str) -> str:
    return "product" if table_name == "Product" else "ecosystem"


def _state_row(
    connection: Connection, found: Bookkeeping, state: TableState, known: dict[str, Any] | None, in_marts: int | None
) -> dict[str, Any]:
    """Return the row of ``state`` in freshness.source_table, with what only bronze itself can tell."""
    row = asdict(state) | {"unpublished_events": 0, "unpublished_since": None, "seen_event_id": 0}
    if known is not None:
        row["seen_event_id"] = known["seen_event_id"]
        row["newest_change_at"] = later(state.newest_change_at, known["newest_change_at"])
        # what was up to a moment once stays up to it
        row["looked_at"] = later(state.looked_at, known["looked_at"])
    bronze = found.bronze.get(state.table_name)
    if bronze is None or not bronze.has_index:
        return row
    if bronze.newest_event_id > row["seen_event_id"]:
        after = max(row["seen_event_id"], bronze.newest_event_id - _NEWEST_READ)
        seen, newest = _one(connection, _on_bronze("newest_change", state.table_name), {"after": after})
        row["seen_event_id"] = seen or row["seen_event_id"]
        row["newest_change_at"] = later(row["newest_change_at"], newest)
    if state.table_name in found.positions and bronze.newest_event_id > (in_marts or 0):
        values = {"position": in_marts or 0, "bound": MOST_COUNTED}
        events, since = _one(connection, _on_bronze("unpublished_events", state.table_name), values)
        row |= {"unpublished_events": events, "unpublished_since": since}
    return row


def _one(connection: Connection, query: sql.Composed, values: Mapping[str, Any]) -> tuple[Any, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None  # an aggregate without groups always has one
    return row


def _on_bronze(name: str, table_name: str) -> sql.Composed:
    table = sql.Identifier("bronze", TABLES_BY_NAME[table_name].bronze_table)
    return sql.SQL(_query(name)).format(table=table)


def _query(name: str) -> str:
    return load_query(__file__, f"sql/{name}.sql")
