"""Stage: BRONZE, the bookkeeping of the incremental loader. Reads and writes bronze.incremental_checkpoint.

Functions take an open connection and never commit: the caller commits rows and checkpoint together.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cordsearch.sql import load_query
from ingest.checkpoint import TableKey
from ingest.failures import CheckpointConflictError
from ingest.warehouse_session import Connection


class Method(StrEnum):
    """How the changes of a table are found, the surest first."""

    CHANGE_TRACKING = "change_tracking"
    ROWVERSION = "rowversion"
    UPDATED = "updated"
    FULL_DIFF = "full_diff"


@dataclass(frozen=True, slots=True)
class IncrementalCheckpoint:
    """What was seen of a table: everything up to ``position`` is durable in bronze.

    While ``comparing``, ``position`` is where to go on after the whole table was compared, and every key up to
    ``diff_key`` is compared. ``revision`` counts writes.
    """

    method: Method
    position: str | None
    comparing: bool
    diff_key: int | None
    revision: int
    newest_source_ts_ms: int
    snapshot_started_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """What the bookkeeping says of the table's snapshot."""

    complete: bool
    started_at: datetime
    newest_source_ts_ms: int


def read_incremental(connection: Connection, key: TableKey) -> IncrementalCheckpoint | None:
    """Return the stored checkpoint, or None when the table was never followed."""
    row = connection.execute(_query("read_incremental_checkpoint"), key.parameters()).fetchone()
    return _checkpoint(row) if row else None


def read_snapshot_state(connection: Connection, key: TableKey) -> SnapshotState | None:
    """Return the state of the snapshot, or None when there never was one."""
    row = connection.execute(_query("read_snapshot_state"), key.parameters()).fetchone()
    return SnapshotState(*row) if row else None


def start_comparison(
    connection: Connection,
    key: TableKey,
    stored: IncrementalCheckpoint | None,
    snapshot: SnapshotState,
    method: Method,
    position: str | None,
    *,
    comparing: bool = True,
) -> IncrementalCheckpoint:
    """Begin to follow a table, at once or by comparing it. Raises CheckpointConflictError when it left ``stored``."""
    values = {
        "method": method, "position": position, "comparing": comparing,
        "newest_source_ts_ms": snapshot.newest_source_ts_ms, "snapshot_started_at": snapshot.started_at,
        "expected_revision": stored.revision if stored else None,
    }  # fmt: skip
    return _moved(connection, "start_comparison", key, values)


def advance_incremental(
    connection: Connection,
    key: TableKey,
    current: IncrementalCheckpoint,
    wanted: IncrementalCheckpoint,
    *,
    caught_up: bool,
    reconciled: bool,
) -> IncrementalCheckpoint:
    """Move from ``current`` to ``wanted``. Raises CheckpointConflictError when it is no longer at ``current``."""
    values = {
        "position": wanted.position, "comparing": wanted.comparing, "diff_key": wanted.diff_key,
        "newest_source_ts_ms": wanted.newest_source_ts_ms, "caught_up": caught_up, "reconciled": reconciled,
        "expected_revision": current.revision,
    }  # fmt: skip
    return _moved(connection, "advance_incremental_checkpoint", key, values)


def _moved(connection: Connection, query: str, key: TableKey, values: dict[str, Any]) -> IncrementalCheckpoint:
    row = connection.execute(_query(query), key.parameters() | values).fetchone()
    if row is None:
        raise CheckpointConflictError(
            f"Another loader is working on table {key.table_name} of source {key.source_name}: its checkpoint has "
            f"moved. Nothing of this page was written. Let the other one finish, or stop it and run this again."
        )
    return _checkpoint(row)


def _checkpoint(row: tuple[Any, ...]) -> IncrementalCheckpoint:
    return IncrementalCheckpoint(Method(row[0]), *row[1:])


def _query(name: str) -> str:
    return load_query(__file__, f"sql/{name}.sql")
