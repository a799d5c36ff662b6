"""Stage: BRONZE, kept small. Deletes events from bronze.<table>_cdc that staging will never show again.

Of every key the newest event stays, in the order staging uses (dbt/macros/latest_rows.sql), whatever its age; older
ones go when they arrived before the retention. Staging shows the greatest event of each key, and the greatest stays
the greatest when smaller ones are taken away or come again: so no staging row changes, now or after a replay, and
the order of deletions does not matter. A delete event stays for the same reason, without the image of the row it
deleted: were it dropped, an older event told again (a replay, a dead letter) would bring the row back.

Safe beside loaders, stream and transform: what is deleted was committed, and is known to be smaller than something that
stays. The marts take keys, not events (dbt/macros/follow_source.sql): a key with news is found by the event that stays.
Each batch is a transaction of its own; a killed run leaves nothing to clean up, the next one finds the rest.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg import sql

from cordsearch.errors import CordSearchError
from cordsearch.progress import Progress
from ingest.bronze import warehouse_error
from ingest.change_page import table_query
from ingest.tables import TABLES, TABLES_BY_NAME, SourceTable
from ingest.warehouse_session import Connection, WarehouseSession

BATCH_EVENTS = 5_000
_LOCK_SECONDS = 10  # VACUUM FULL must not stand in everybody's way while it waits for its turn


@dataclass(slots=True)
class TableCompaction:
    """What was done to one table; bytes are those of the table with indexes. ``busy``: another run has it."""

    table: str
    deleted: int = 0
    slimmed: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    seconds: float = 0.0
    busy: bool = False


@dataclass(slots=True)
class CompactionReport:
    """What one run did."""

    retention_days: float
    tables: list[TableCompaction] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def deleted(self) -> int:
        """Events deleted."""
        return sum(table.deleted for table in self.tables)

    def __str__(self) -> str:
        if not self.retention_days:
            return "Nothing was compacted: a retention of 0 days keeps everything."
        before, after = (sum(getattr(table, name) for table in self.tables) for name in ("bytes_before", "bytes_after"))
        slimmed = sum(table.slimmed for table in self.tables)
        lines = [
            (
                f"{self.deleted:,} superseded events older than {self.retention_days:g} days deleted, {slimmed:,} "
                f"delete events made small, in {len(self.tables)} tables and {self.seconds:.1f} s; "
                f"{before / 1e6:,.0f} MB before, {after / 1e6:,.0f} MB now."
            )
        ]
        busy = [table.table for table in self.tables if table.busy]
        if busy:
            lines.append(f"Left to another compaction at work: {', '.join(busy)}.")
        return "\n".join(lines)


def run_compaction(
    warehouse_url: str,
    retention_days: float,
    tables: Collection[str] | None = None,
    *,
    shrink: bool = False,
    batch_events: int = BATCH_EVENTS,
) -> CompactionReport:
    """Delete superseded events that arrived more than ``retention_days`` ago; 0 keeps everything.

    The freed space is vacuumed, so that new events reuse it; the end of a file that became empty goes back to the file
    system. ``shrink`` writes each table anew instead (VACUUM FULL), which gives back everything, needs as much free
    disk as what stays and keeps readers and writers of that table out meanwhile.

    Raises:
        CordSearchError: unknown table, or a negative retention. WarehouseError: the warehouse failed or, with
        ``shrink``, somebody used a table for too long; batches that were done stay done. DatabaseUnavailableError.
    """
    unknown = sorted(set(tables or ()) - TABLES_BY_NAME.keys())
    if unknown:
        raise CordSearchError(f"There is no table {', '.join(unknown)}. Names are as in ingest/tables.json.")
    if retention_days < 0:
        raise CordSearchError(f"A retention of {retention_days:g} days makes no sense. 0 keeps everything.")
    report, started = CompactionReport(retention_days), time.monotonic()
    if retention_days:
        before = datetime.now(UTC) - timedelta(days=retention_days)
        with WarehouseSession(warehouse_url) as session:
            for table in TABLES:
                if (tables is None or table.name in tables) and _exists(session, table):
                    report.tables.append(_Compaction(session, table, before, batch_events).run(shrink=shrink))
    report.seconds = time.monotonic() - started
    return report


class _Compaction:
    """One table, on one connection."""

    def __init__(self, session: WarehouseSession, table: SourceTable, before: datetime, batch_events: int) -> None:
        self._session, self._table, self._before, self._batch_events = session, table, before, batch_events

    def run(self, *, shrink: bool) -> TableCompaction:
        done, started = TableCompaction(self._table.name), time.monotonic()
        try:
            connection = self._session.open()
            if not self._lock(connection):
                done.busy = True
                return done
            done.bytes_before = self._size(connection)
            done.deleted = self._work_off(connection, "find_superseded", "delete_chosen")
            done.slimmed = self._work_off(connection, "find_old_deletes", "slim_chosen")
            if shrink:
                connection.execute(sql.SQL("set lock_timeout = {}").format(f"{_LOCK_SECONDS}s"))
                self._vacuum(connection, "full, analyze")
                connection.execute("reset lock_timeout")
            elif done.deleted or done.slimmed:
                self._vacuum(connection, "analyze")
            done.bytes_after = self._size(connection)
        except psycopg.Error as error:
            self._session.close()
            raise warehouse_error(self._session.url, error, f"compacting {self._table.name}") from error
        self._session.release()
        done.seconds = time.monotonic() - started
        return done

    def _work_off(self, connection: Connection, find: str, work: str) -> int:
        """Choose events with one query, then treat them batch by batch; return how many."""
        count = 0
        connection.execute("set client_min_messages = warning")
        connection.execute("drop table if exists pg_temp.chosen_event")
        connection.execute(table_query(find, self._table), {"before": self._before})
        row = connection.execute("select count(*) from pg_temp.chosen_event").fetchone()
        total = row[0] if row else 0
        if total:
            connection.execute("create index on pg_temp.chosen_event (number)")
            connection.execute("analyze pg_temp.chosen_event")
            with Progress(f"compact {self._table.name}", total, "events") as progress:
                for after in range(0, total, self._batch_events):
                    values = {"after": after, "until": after + self._batch_events}
                    treated = connection.execute(table_query(work, self._table), values).rowcount
                    count += treated
                    progress.advance(treated)
        connection.execute("drop table pg_temp.chosen_event")
        return count

    def _lock(self, connection: Connection) -> bool:
        name = f"cordsearch.compaction.{self._table.name}"
        row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
        return bool(row and row[0])

    def _size(self, connection: Connection) -> int:
        row = connection.execute("select pg_total_relation_size(%s)", [f"bronze.{self._table.bronze_table}"]).fetchone()
        return row[0] if row else 0

    def _vacuum(self, connection: Connection, options: LiteralString) -> None:
        name = sql.Identifier("bronze", self._table.bronze_table)
        statement = sql.SQL("vacuum ({}) {} (row_key, event_id, source_ts_ms)")
        connection.execute(statement.format(sql.SQL(options), name))


def _exists(session: WarehouseSession, table: SourceTable) -> bool:
    row = session.open().execute("select to_regclass(%s) is not null", [f"bronze.{table.bronze_table}"]).fetchone()
    return bool(row and row[0])
