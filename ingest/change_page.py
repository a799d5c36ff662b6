"""Stage: BRONZE, one page of changes. Writes bronze.<table>_cdc, bronze.<table>_state, bronze.dead_row, the checkpoint.

Functions run inside the caller's transaction: all of the page is there, or nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import psycopg
from psycopg import sql

from cordsearch.sql import load_query
from ingest.bronze import first_line
from ingest.change_source import LARGEST_KEY, SMALLEST_KEY
from ingest.checkpoint import TableKey
from ingest.envelope import DeadRow, EncodedPage
from ingest.incremental_checkpoint import IncrementalCheckpoint, advance_incremental
from ingest.tables import SourceTable
from ingest.warehouse_session import Connection


@dataclass(frozen=True, slots=True)
class Looked:
    """Which keys a page speaks of: a range, or some keys. What bronze holds of them and the page lacks is gone."""

    first_key: int = SMALLEST_KEY
    last_key: int = LARGEST_KEY
    keys: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One page to apply: its rows, what was looked at (None: nothing can be gone), and where that leads."""

    page: EncodedPage
    after: IncrementalCheckpoint
    source: dict[str, Any]  # the envelope's source block, for delete events
    looked: Looked | None = None
    caught_up_ms: int | None = None  # with this page everything up to that moment is applied
    reconciled: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a page."""

    checkpoint: IncrementalCheckpoint
    created: int = 0
    updated: int = 0
    deleted: int = 0
    dead_rows: int = 0


def apply_change(
    connection: Connection,
    table: SourceTable,
    key: TableKey,
    change: Change,
    current: IncrementalCheckpoint,
    commit_lsn: str | None = None,
) -> Applied:
    """Write one page inside the caller's transaction. Raises CheckpointConflictError, psycopg.Error.

    ``commit_lsn``: the newest log position of the stream that the page is sure to include; its events come after it.
    """
    page, created, updated, deleted = change.page, 0, 0, 0
    nothing_is_gone = change.looked is None or change.looked.keys == []
    if page.rows or not nothing_is_gone:  # most passes over most tables find nothing
        page = _bring(connection, page)
        created, updated = connection.execute(
            table_query("append_changes", table), key.parameters() | {"commit_lsn": commit_lsn}
        ).fetchone() or (0, 0)
        deleted = _append_deletes(connection, table, change, page.dead_rows, commit_lsn)
    refused = _insert_dead_rows(connection, key, page.dead_rows)
    checkpoint = advance_incremental(
        connection, key, current, change.after, caught_up=change.caught_up_ms is not None, reconciled=change.reconciled
    )
    if refused or change.caught_up_ms is not None:
        values = {"dead_rows": refused, "caught_up_ts_ms": change.caught_up_ms}
        connection.execute(load_query(__file__, "sql/touch_checkpoint.sql"), key.parameters() | values)
    return Applied(checkpoint, created, updated, deleted, refused)


def _bring(connection: Connection, page: EncodedPage) -> EncodedPage:
    """Copy the page beside bronze; rows that only PostgreSQL refuses are parked one by one."""
    connection.execute("set local client_min_messages = warning")
    connection.execute(load_query(__file__, "sql/create_incoming_change.sql"))
    try:
        with connection.transaction():
            _copy(connection, page.copy_text)
    except psycopg.DataError:
        dead = []
        for line in filter(None, page.copy_text.split(b"\n")):
            try:
                with connection.transaction():
                    _copy(connection, line + b"\n")
            except psycopg.DataError as refusal:
                row_key, _, rest = line.decode("utf-8", "replace").partition("\t")
                dead.append(DeadRow(row_key, "*", f"refused by PostgreSQL: {first_line(refusal)}", rest))
        if len(dead) == page.rows > 1:
            raise  # not a bad row but a bad table: park nothing
        return replace(page, rows=page.rows - len(dead), dead_rows=(*page.dead_rows, *dead))
    return page


def _append_deletes(
    connection: Connection, table: SourceTable, change: Change, refused: Sequence[DeadRow], commit_lsn: str | None
) -> int:
    if change.looked is None:
        return 0
    looked = change.looked
    scope = {
        "first_key": looked.first_key, "last_key": looked.last_key, "keys": looked.keys,
        "refused": [int(row.row_key) for row in refused],
    }  # fmt: skip
    gone = connection.execute(table_query("forget_gone", table), scope).fetchall()
    if gone:
        moment = change.page.source_ts_ms
        values = {
            "keys": [row[0] for row in gone], "event_ids": [row[1] for row in gone], "source_ts_ms": moment,
            "source": orjson.dumps(change.source | {"ts_ms": moment}).decode(), "commit_lsn": commit_lsn,
        }  # fmt: skip
        connection.execute(table_query("append_deletes", table), values)
    return len(gone)


def _insert_dead_rows(connection: Connection, key: TableKey, rows: Sequence[DeadRow]) -> int:
    query, inserted = load_query(__file__, "sql/insert_new_dead_row.sql"), 0
    for row in rows:
        values = {"row_key": row.row_key, "column_name": row.column, "reason": row.reason, "raw": row.raw}
        inserted += connection.execute(query, key.parameters() | values).rowcount
    return inserted


def table_query(name: str, table: SourceTable, **identifiers: sql.Identifier) -> sql.Composed:
    """Return ``sql/<name>.sql`` with the table's own names filled in."""
    return sql.SQL(load_query(__file__, f"sql/{name}.sql")).format(
        bronze=sql.Identifier(table.bronze_table),
        state=sql.Identifier(f"{table.snake_name}_state"),
        **identifiers,
    )


def _copy(connection: Connection, text: bytes) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("copy pg_temp.incoming_change (row_key, source_ts_ms, payload) from stdin") as copy,
    ):
        copy.write(text)
