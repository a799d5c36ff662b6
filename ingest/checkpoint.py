"""Stage: BRONZE, the bookkeeping. Reads and writes bronze.ingest_checkpoint.

Functions take an open connection and never commit: the caller commits rows and checkpoint together.
"""

from dataclasses import dataclass
from typing import Any

from cordsearch.sql import load_query
from ingest.failures import CheckpointConflictError
from ingest.warehouse_session import Connection


@dataclass(frozen=True, slots=True)
class TableKey:
    """Which checkpoint: the source's name and the table's original name."""

    source_name: str
    table_name: str

    def parameters(self) -> dict[str, object]:
        """The two names as query parameters."""
        return {"source_name": self.source_name, "table_name": self.table_name}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a table has come: every source row with a key up to ``last_key`` is durable in bronze."""

    complete: bool
    last_key: int | None
    rows: int
    dead_rows: int


def read_checkpoint(connection: Connection, key: TableKey) -> Checkpoint | None:
    """Return the stored checkpoint, or None when the table was never begun."""
    row = connection.execute(_query("read_checkpoint"), key.parameters()).fetchone()
    return _checkpoint(row) if row else None


def start_checkpoint(connection: Connection, key: TableKey) -> Checkpoint:
    """Begin the table at its first key, forgetting an earlier checkpoint."""
    connection.execute(_query("start_checkpoint"), key.parameters())
    return Checkpoint(complete=False, last_key=None, rows=0, dead_rows=0)


def advance_checkpoint(
    connection: Connection, key: TableKey, current: Checkpoint, last_key: int, rows: int, dead_rows: int, ts_ms: int
) -> Checkpoint:
    """Move from ``current`` to ``last_key``. Raises CheckpointConflictError when it is no longer at ``current``."""
    moved = {"last_key": last_key, "rows": rows, "dead_rows": dead_rows, "source_ts_ms": ts_ms}
    return _compare_and_set(connection, "advance_checkpoint", key, current, moved)


def complete_checkpoint(connection: Connection, key: TableKey, current: Checkpoint, ts_ms: int) -> Checkpoint:
    """Mark the table as read to its end. Raises CheckpointConflictError like :func:`advance_checkpoint`."""
    return _compare_and_set(connection, "complete_checkpoint", key, current, {"source_ts_ms": ts_ms})


def _compare_and_set(
    connection: Connection, query: str, key: TableKey, current: Checkpoint, values: dict[str, int]
) -> Checkpoint:
    parameters = key.parameters() | values | {"expected_key": current.last_key}
    row = connection.execute(_query(query), parameters).fetchone()
    if row is None:
        raise CheckpointConflictError(
            f"Another loader is working on table {key.table_name} of source {key.source_name}: "
            f"its checkpoint is no longer at key {current.last_key}. Nothing of this page was written. "
            f"Let the other one finish, or stop it and run this again."
        )
    return _checkpoint(row)


def _checkpoint(row: tuple[Any, ...]) -> Checkpoint:
    return Checkpoint(complete=row[0] == "complete", last_key=row[1], rows=row[2], dead_rows=row[3])


def _query(name: str) -> str:
    return load_query(__file__, f"sql/{name}.sql")
