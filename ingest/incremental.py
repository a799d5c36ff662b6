"""Stage: SOURCE -> BRONZE, kept up to date. Reads what changed in the source tables, appends it to bronze.<table>_cdc.

Per table, the surest method the source offers: Change Tracking, a rowversion column, the ``Updated`` watermark with
an overlap, or a comparison of the whole table. Rows deleted for good are found by Change Tracking and by comparison
at once, by the other two when keys are reconciled. A table without a snapshot gets one first.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from cordsearch.errors import CordSearchError
from ingest.bronze import BronzeWriter
from ingest.change_source import ChangeReader
from ingest.change_writer import ChangeWriter, TableState
from ingest.checkpoint import TableKey
from ingest.failures import (
    CheckpointConflictError,
    SourceError,
    SourcePermissionError,
    SourceTableError,
    WarehouseError,
    with_retries,
)
from ingest.follow import TableFollower
from ingest.follow_plan import Limits
from ingest.follow_table import FollowedTable
from ingest.incremental_checkpoint import SnapshotState
from ingest.incremental_report import IncrementalFailedError, IncrementalReport, TableChanges
from ingest.snapshot import SnapshotFailedError, TableFailure, run_snapshot
from ingest.source_catalog import Catalog, shape_of
from ingest.sources import SourceDatabase
from ingest.tables import SourceTable
from ingest.warehouse_session import WarehouseSession

Pass = Callable[[TableFollower, SnapshotState, TableState], TableChanges]


def run_incremental(
    sources: Sequence[SourceDatabase],
    warehouse_url: str,
    tables: Collection[str] | None = None,
    limits: Limits | None = None,
) -> IncrementalReport:
    """Append what changed since the last pass to bronze, for every table of ``sources`` or those in ``tables``.

    The first pass of a table compares all its rows with bronze; so does a pass that has nothing to go on from.
    A table that fails does not stop the others; a table that another loader works on is left to it.

    Raises:
        IncrementalFailedError: after all tables were tried, when one or more failed; names each with its cause.
        CordSearchError: ``tables`` names an unknown table. WarehouseError, DatabaseUnavailableError: the
        warehouse cannot take rows; what was committed stays.
    """
    return _run(sources, warehouse_url, tables, limits or Limits(), _follow)


def run_reconciliation(
    sources: Sequence[SourceDatabase],
    warehouse_url: str,
    tables: Collection[str] | None = None,
    limits: Limits | None = None,
    *,
    every_row: bool = False,
) -> IncrementalReport:
    """Compare the keys of source and bronze: rows gone at the source become delete events, missing rows are read.

    ``every_row`` compares contents as well, which also finds rows changed without a new ``Updated``. A table
    that was never followed is compared whole. Raises as :func:`run_incremental`; a table of which more than
    ``limits.largest_delete_share`` vanished (and 1,000 rows or more) fails instead of being emptied.
    """
    return _run(sources, warehouse_url, tables, limits or Limits(), _compare_rows if every_row else _reconcile)


def _follow(follower: TableFollower, snapshot: SnapshotState, state: TableState) -> TableChanges:
    return follower.follow(snapshot, state.checkpoint)


def _reconcile(follower: TableFollower, snapshot: SnapshotState, state: TableState) -> TableChanges:
    if state.checkpoint is None or state.checkpoint.snapshot_started_at != snapshot.started_at:
        return follower.follow(snapshot, state.checkpoint)
    return follower.reconcile(state.checkpoint)


def _compare_rows(follower: TableFollower, snapshot: SnapshotState, state: TableState) -> TableChanges:
    return follower.follow(snapshot, state.checkpoint, every_row=True)


def _run(
    sources: Sequence[SourceDatabase], warehouse_url: str, names: Collection[str] | None, limits: Limits, work: Pass
) -> IncrementalReport:
    chosen = [
        (source, [table for table in source.tables if names is None or table.name in names]) for source in sources
    ]
    unknown = sorted(set(names or ()) - {table.name for _, tables in chosen for table in tables})
    if unknown:
        raise CordSearchError(f"No source has a table named {', '.join(unknown)}. Names are as in ingest/tables.json.")
    report = IncrementalReport()
    started = time.monotonic()
    with BronzeWriter(warehouse_url) as writer:
        writer.create_tables(table for _, tables in chosen for table in tables)
    for source, tables in chosen:
        if tables:
            _SourceRun(source, warehouse_url, limits, work, report).run(tables)
    report.seconds = time.monotonic() - started
    if report.failures:
        raise IncrementalFailedError(report)
    return report


class _SourceRun:
    """One pass over the tables of one source, on one connection to it."""

    def __init__(
        self, source: SourceDatabase, warehouse_url: str, limits: Limits, work: Pass, report: IncrementalReport
    ) -> None:
        self._source, self._url, self._limits = source, warehouse_url, limits
        self._session = WarehouseSession(warehouse_url)
        self._work, self._report = work, report

    def run(self, tables: Sequence[SourceTable]) -> None:
        with ChangeReader(self._source) as reader, self._session:
            try:
                catalogs = {
                    schema: with_retries(lambda schema=schema: reader.catalog(schema))  # type: ignore[misc]
                    for schema in sorted({table.schema for table in tables})
                }
                tracked = _tracked_tables(reader)
            except SourceError as error:
                self._report.failures.append(TableFailure(self._source.name, "*", str(error)))
                return
            for table in tables:
                try:
                    is_tracked = (table.schema, table.name) in tracked
                    self._report.tables.append(self._pass(reader, table, catalogs[table.schema], tracked=is_tracked))
                except (SourceError, CheckpointConflictError) as error:
                    self._report.failures.append(TableFailure(self._source.name, table.name, str(error)))
                    if isinstance(error, SourceError) and error.whole_source:
                        return

    def _pass(self, reader: ChangeReader, table: SourceTable, catalog: Catalog, *, tracked: bool) -> TableChanges:
        started = time.monotonic()
        shape = shape_of(self._source, table, catalog)
        key = TableKey(self._source.name, table.name)
        with ChangeWriter(self._session, table, key) as writer:
            if not writer.lock():
                return TableChanges(self._source.name, table.name, busy=True)
            state = writer.state()
            if state.streamed:
                raise SourceTableError(
                    f"{self._source.description}, table {table.name}: bronze holds events of the stream, whose log "
                    f"positions come before any direct read, so staging would not see what is appended here. Follow a "
                    f"table by one method: leave it out here, or empty bronze.{table.bronze_table} and load it anew."
                )
            snapshot = state.snapshot
            if snapshot is None or not snapshot.complete:
                snapshot = self._load(table, writer)
            followed = FollowedTable(self._source, shape, reader, writer)
            follower = TableFollower(followed, self._limits, tracked=tracked)
            changes = self._work(follower, snapshot, state)
        changes.seconds = time.monotonic() - started
        return changes

    def _load(self, table: SourceTable, writer: ChangeWriter) -> SnapshotState:
        try:
            run_snapshot([replace(self._source, tables=(table,))], self._url, self._limits.page_size)
        except SnapshotFailedError as error:
            raise SourceTableError("; ".join(failure.reason for failure in error.report.failures)) from error
        loaded = writer.snapshot_state()
        if loaded is None:
            raise WarehouseError(f"The snapshot of {table.name} left no checkpoint. Run the same command again.")
        return loaded


def _tracked_tables(reader: ChangeReader) -> set[tuple[str, str]]:
    try:
        return with_retries(reader.tracked_tables)
    except (SourcePermissionError, SourceTableError):
        return set()  # who may not see it cannot use it
