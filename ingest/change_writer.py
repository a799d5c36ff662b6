"""Stage: BRONZE. Appends what changed to bronze.<table>_cdc and remembers it in bronze.<table>_state.

One page is one transaction: events, remembered hashes, refused rows and the checkpoint. A row whose content is what
bronze last holds is not appended, so the same page applied twice has the effect of once.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import psycopg
from psycopg import sql

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.sql import load_query
from ingest import failures
from ingest.bronze import warehouse_error
from ingest.change_page import Applied, Change, apply_change, table_query
from ingest.checkpoint import TableKey
from ingest.failures import Result, WarehouseError
from ingest.incremental_checkpoint import (
    IncrementalCheckpoint,
    Method,
    SnapshotState,
    read_incremental,
    read_snapshot_state,
    start_comparison,
)
from ingest.tables import SourceTable
from ingest.warehouse_session import Connection, WarehouseSession

_LONGEST_IDENTIFIER = 63


@dataclass(frozen=True, slots=True)
class TableState:
    """What the warehouse knows of a table before a pass.

    ``stream_wrote``: the stream did, since bronze was last compared with the source.
    """

    snapshot: SnapshotState | None
    checkpoint: IncrementalCheckpoint | None
    stream_wrote: bool = False


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the stream left in a table: newest log position and time, and whether it wrote since the last comparison.

    Everything it had brought before a pass begins was committed at the source before the pass reads: what the pass
    reads stands after it. Later events of the stream stand after the pass, and end where the source is.
    """

    commit_lsn: str | None = None
    newest_source_ts_ms: int = 0
    wrote: bool = False


# Per table, what the stream left and how much it had written then: looking is dear, the count is cheap.
KnownStreams = dict[str, tuple[list[int], StreamState]]


class ChangeWriter:
    """Writes one table through a session; reconnects when the connection breaks. Leaving it releases the table."""

    def __init__(
        self, session: WarehouseSession, table: SourceTable, key: TableKey, known_streams: KnownStreams | None = None
    ) -> None:
        self._session, self._table, self._key = session, table, key
        self._known_streams: KnownStreams = {} if known_streams is None else known_streams
        self._stream = StreamState()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._session.release()

    def lock(self) -> bool:
        """Take the table for this connection; False when another loader has it."""
        name = f"cordsearch.incremental.{self._key.source_name}.{self._key.table_name}"
        row = self._session.open().execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
        return bool(row and row[0])

    def state(self) -> TableState:
        """Return what is known of the table; creates the bookkeeping where missing. Raises WarehouseError."""

        def work(connection: Connection) -> TableState:
            if not self._is_prepared(connection):
                self._prepare(connection)
            snapshot, checkpoint = read_snapshot_state(connection, self._key), read_incremental(connection, self._key)
            streamed = connection.execute(
                sql.SQL("select exists (select from {} where topic is not null)").format(
                    sql.Identifier("bronze", self._table.bronze_table)
                )
            ).fetchone()
            if streamed is None or not streamed[0]:
                return TableState(snapshot, checkpoint)
            self._stream = self._read_stream(connection)
            if snapshot is None or not snapshot.complete:
                connection.execute(load_query(__file__, "sql/adopt_streamed.sql"), self._key.parameters())
                snapshot = read_snapshot_state(connection, self._key)
            if snapshot is not None:  # events without a log position are ordered by time alone
                newest_ms = max(snapshot.newest_source_ts_ms, self._stream.newest_source_ts_ms)
                snapshot = replace(snapshot, newest_source_ts_ms=newest_ms)
            return TableState(snapshot, checkpoint, stream_wrote=self._stream.wrote)

        return self._transact(work, "reading what is known of")

    def _read_stream(self, connection: Connection) -> StreamState:
        row = connection.execute(load_query(__file__, "sql/stream_count.sql")).fetchone()
        count, known = row[0] if row else [], self._known_streams.get(self._table.name)
        if known is not None and known[0] == count and not known[1].wrote:
            return known[1]
        found = connection.execute(table_query("read_stream_state", self._table)).fetchone()
        state = StreamState(*found) if found else StreamState()
        self._known_streams[self._table.name] = (count, state)  # counted before: what came between is seen again
        return state

    def _is_prepared(self, connection: Connection) -> bool:
        names = ["bronze.incremental_checkpoint", f"bronze.{self._table.snake_name}_state"]
        query = "select to_regclass(%s) is not null and to_regclass(%s) is not null"
        row = connection.execute(query, names).fetchone()
        return bool(row and row[0])

    def _prepare(self, connection: Connection) -> None:
        connection.execute("select pg_advisory_xact_lock(hashtext('cordsearch.bronze'))")
        connection.execute("set local client_min_messages = warning")
        connection.execute(load_query(__file__, "sql/create_incremental_schema.sql"))
        index = f"{self._table.bronze_table}_event"[:_LONGEST_IDENTIFIER]
        connection.execute(table_query("create_row_state", self._table, index=sql.Identifier(index)))

    def snapshot_state(self) -> SnapshotState | None:
        """Return what is known of the table's snapshot."""
        return self._transact(lambda connection: read_snapshot_state(connection, self._key), "reading the snapshot of")

    def start_comparison(
        self, stored: IncrementalCheckpoint | None, snapshot: SnapshotState, method: Method, position: str | None
    ) -> IncrementalCheckpoint:
        """Begin to compare the whole table with what bronze holds; remembers bronze anew after a new snapshot."""
        return self._start(stored, snapshot, method, position, comparing=True)

    def start_following(
        self, stored: IncrementalCheckpoint | None, snapshot: SnapshotState, method: Method, position: str
    ) -> IncrementalCheckpoint:
        """Go on from ``position``, which the snapshot covers; remembers what bronze holds."""
        return self._start(stored, snapshot, method, position, comparing=False)

    def seconds_since(self, moment: datetime) -> float:
        """Return how long ago, by the warehouse's clock, a moment of the warehouse was."""

        def work(connection: Connection) -> float:
            row = connection.execute("select extract(epoch from now() - %s)::float8", [moment]).fetchone()
            return row[0] if row else 0.0

        return self._transact(work, "reading the clock for")

    def _start(
        self,
        stored: IncrementalCheckpoint | None,
        snapshot: SnapshotState,
        method: Method,
        position: str | None,
        *,
        comparing: bool,
    ) -> IncrementalCheckpoint:
        def work(connection: Connection) -> IncrementalCheckpoint:
            if stored is None or stored.snapshot_started_at != snapshot.started_at or self._stream.wrote:
                connection.execute(sql.SQL("truncate {}").format(self._state_table))
                connection.execute(table_query("rebuild_row_state", self._table))
            return start_comparison(connection, self._key, stored, snapshot, method, position, comparing=comparing)

        return self._transact(work, "beginning to follow", self._committed_after(stored, comparing=comparing))

    def held_rows(self) -> int:
        """Return how many live rows of the table bronze holds."""
        query = sql.SQL("select count(*) from {}").format(self._state_table)

        def work(connection: Connection) -> int:
            row = connection.execute(query).fetchone()
            return row[0] if row else 0

        return self._transact(work, "counting the rows of")

    def key_differences(self, keys: Sequence[int], first_key: int, last_key: int) -> dict[int, bool]:
        """Return keys of the range that only one side has; True: bronze has it, the source does not."""
        values = {"keys": list(keys), "first_key": first_key, "last_key": last_key}
        query = table_query("key_differences", self._table)
        return self._transact(
            lambda connection: {row[0]: row[1] for row in connection.execute(query, values)}, "comparing the keys of"
        )

    def apply(self, change: Change, current: IncrementalCheckpoint) -> Applied:
        """Write one page with its checkpoint. A lost connection is retried: the stored revision tells what happened.

        Raises:
            WarehouseFullError: the disk is full. WarehouseError: lost for good or refused.
            CheckpointConflictError: another loader moved the table. In each case nothing of the page is kept.
        """
        done: list[Applied] = []

        def work(connection: Connection) -> Applied:
            done[:] = [apply_change(connection, self._table, self._key, change, current, self._stream.commit_lsn)]
            return done[0]

        def committed() -> Applied | None:
            stored = read_incremental(self._session.open(), self._key)
            return done[0] if done and stored is not None and stored == done[0].checkpoint else None

        return self._transact(work, "writing changes of", committed)

    def _committed_after(
        self, stored: IncrementalCheckpoint | None, *, comparing: bool
    ) -> Callable[[], IncrementalCheckpoint | None]:
        """Whether a lost commit moved the table from ``stored``; nobody else does while this writer has the table."""

        def committed() -> IncrementalCheckpoint | None:
            found = read_incremental(self._session.open(), self._key)
            moved = found is not None and found.comparing == comparing and found.diff_key is None and found != stored
            return found if moved else None

        return committed

    def _transact(
        self,
        work: Callable[[Connection], Result],
        doing: str,
        committed: Callable[[], Result | None] = lambda: None,
    ) -> Result:
        """Run ``work`` in a transaction, again after a lost connection unless ``committed`` tells its result."""
        broken = False
        for delay in (*failures.RETRY_DELAYS_SECONDS, None):
            try:
                if broken and (result := committed()) is not None:
                    return result
                with self._session.open().transaction():
                    return work(self._session.open())
            except (psycopg.OperationalError, psycopg.InterfaceError, DatabaseUnavailableError) as error:
                broken = True
                self._session.close()
                if delay is None or isinstance(error, psycopg.errors.DiskFull):
                    raise self._told(error, doing) from error
                time.sleep(delay)
            except psycopg.Error as error:
                self._session.close()
                raise self._told(error, doing) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _told(self, error: Exception, doing: str) -> WarehouseError:
        return warehouse_error(self._session.url, error, f"{doing} {self._table.name}")

    @property
    def _state_table(self) -> sql.Identifier:
        return sql.Identifier("bronze", f"{self._table.snake_name}_state")
