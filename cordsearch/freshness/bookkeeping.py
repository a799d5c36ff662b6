"""What the stages wrote down about themselves. Reads bronze, staging_intermediate, staging_marts and embeddings.

Nothing need exist yet: a stage that never ran counts as empty. One that is being built anew raises psycopg.Error.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from cordsearch.freshness.tables import DirectTable, StreamPartition
from cordsearch.sql import load_query
from ingest.tables import TABLES

Connection = psycopg.Connection[tuple[Any, ...]]

MOST_COUNTED = 10_000  # of waiting products and unpublished events: what is more than that needs no exact number
_RELATIONS = (
    "bronze.ingest_checkpoint", "bronze.incremental_checkpoint", "bronze.stream_offset", "bronze.dead_letter",
    "staging_intermediate.source_position", "staging_intermediate.touched_product",
    "staging_marts.dim_product_search", "embeddings.model", "embeddings.pending",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BronzeTable:
    """One bronze table: the highest event id given out, and whether events are found by their id without a scan."""

    bronze_table: str
    newest_event_id: int
    has_index: bool


@dataclass(frozen=True, slots=True)
class MartPosition:
    """Where the marts stand in one table: events up to ``event_id`` are taken, and in the marts if ``published``."""

    table_name: str
    event_id: int
    published: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Products whose text no document and vector holds yet, at most MOST_COUNTED; ``since``: the oldest, if known."""

    product_ids: list[int]
    cut_off: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """Everything at one moment. ``bronze`` and ``positions`` are keyed by the source table's name."""

    direct: list[DirectTable]
    partitions: list[StreamPartition]
    bronze: dict[str, BronzeTable]
    positions: dict[str, MartPosition]
    waiting: Waiting
    products: int
    dead_letters: int


def read_bookkeeping(connection: Connection) -> Bookkeeping:
    """Read it all. Marts before the queue: what a publication put there is seen with it. Raises psycopg.Error."""
    rows = connection.execute(_query("relations"), {"names": list(_RELATIONS)}).fetchall()
    present = {name for name, is_present in rows if is_present}
    return Bookkeeping(
        direct=_direct(connection, present),
        partitions=_partitions(connection, present),
        positions=_positions(connection, present),
        bronze=_bronze(connection, present),
        waiting=_waiting(connection, present),
        products=_number(connection, present, "staging_marts.dim_product_search", "count_products"),
        dead_letters=_number(connection, present, "bronze.dead_letter", "waiting_dead_letters"),
    )


def _direct(connection: Connection, present: set[str]) -> list[DirectTable]:
    if "bronze.ingest_checkpoint" not in present:
        return []
    query = "direct_tables" if "bronze.incremental_checkpoint" in present else "snapshot_tables"
    with connection.cursor(row_factory=class_row(DirectTable)) as cursor:
        return cursor.execute(_query(query)).fetchall()


def _partitions(connection: Connection, present: set[str]) -> list[StreamPartition]:
    if "bronze.stream_offset" not in present:
        return []
    with connection.cursor(row_factory=class_row(StreamPartition)) as cursor:
        return cursor.execute(_query("stream_partitions")).fetchall()


def _positions(connection: Connection, present: set[str]) -> dict[str, MartPosition]:
    if not {"staging_intermediate.source_position", "staging_intermediate.touched_product"} <= present:
        return {}
    names = {table.snake_name: table.name for table in TABLES}
    with connection.cursor(row_factory=class_row(MartPosition)) as cursor:
        found = cursor.execute(_query("mart_positions")).fetchall()
    return {names[position.table_name]: position for position in found if position.table_name in names}


def _bronze(connection: Connection, present: set[str]) -> dict[str, BronzeTable]:
    if "bronze.ingest_checkpoint" not in present:
        return {}
    names = {table.bronze_table: table.name for table in TABLES}
    with connection.cursor(row_factory=class_row(BronzeTable)) as cursor:
        found = cursor.execute(_query("bronze_tables"), {"tables": list(names)}).fetchall()
    return {names[table.bronze_table]: table for table in found}


def _waiting(connection: Connection, present: set[str]) -> Waiting:
    if "staging_marts.dim_product_search" not in present:
        return Waiting([], cut_off=False, since=None)
    query = "waiting_by_text"
    if {"embeddings.model", "embeddings.pending"} <= present:
        row = connection.execute(_query("queue_is_filled")).fetchone()
        query = "waiting_in_queue" if row is not None and row[0] else query
    rows = connection.execute(_query(query), {"bound": MOST_COUNTED}).fetchall()
    since = [moment for _, moment in rows if moment is not None]
    return Waiting([row[0] for row in rows], cut_off=len(rows) == MOST_COUNTED, since=min(since, default=None))


def _number(connection: Connection, present: set[str], relation: str, query: str) -> int:
    if relation not in present:
        return 0
    row = connection.execute(_query(query)).fetchone()
    return int(row[0]) if row else 0


def _query(name: str) -> str:
    return load_query(__file__, f"sql/{name}.sql")
