"""Stage: SOURCE -> BRONZE, passes over tables on connections that stay open between them.

A worker polls the same tables every half second: opening connections, reading the source's catalogue and
building statements cost more than looking for changes. One object is for one thread at a time.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

from cordsearch.errors import CordSearchError
from ingest.bronze import BronzeWriter
from ingest.change_source import ChangeReader
from ingest.change_writer import ChangeWriter, KnownStreams, TableState
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
from ingest.follow_plan import Begin, Limits, PassStoppedError
from ingest.follow_table import FollowedTable
from ingest.incremental_checkpoint import SnapshotState
from ingest.incremental_report import IncrementalReport, TableChanges
from ingest.snapshot import SnapshotFailedError, TableFailure, run_snapshot
from ingest.source_catalog import Catalog, shape_of
from ingest.sources import SourceDatabase
from ingest.tables import SourceTable
from ingest.warehouse_session import WarehouseSession

Pass = Callable[[TableFollower, SnapshotState, TableState], TableChanges]

_CATALOG_SECONDS = 60.0  # how late a new column, or Change Tracking switched on, may be noticed


class IncrementalLoader:
    """Follows tables of ``sources``; connections open at the first use and again after a break.

    ``should_stop`` is asked between pages: once it says yes, a pass ends with what is committed.
    """

    def __init__(
        self,
        sources: Sequence[SourceDatabase],
        warehouse_url: str,
        limits: Limits | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._url, self._limits = warehouse_url, limits or Limits()
        self._should_stop = should_stop
        self._opened = [_OpenSource(source, warehouse_url, should_stop) for source in sources]
        self._tables_exist = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; the next pass opens them again."""
        for opened in self._opened:
            opened.close()

    def follow(
        self,
        tables: Collection[str] | None = None,
        *,
        begin: Begin = Begin.COMPARE,
        overlap_seconds: float | None = None,
    ) -> IncrementalReport:
        """Append what changed since the last pass; failures are in the report.

        Raises CordSearchError: ``tables`` names an unknown table. WarehouseError, DatabaseUnavailableError: the
        warehouse cannot take rows; what was committed stays.
        """

        def work(follower: TableFollower, snapshot: SnapshotState, state: TableState) -> TableChanges:
            return follower.follow(snapshot, state.checkpoint, begin=begin, stream_wrote=state.stream_wrote)

        limits = self._limits if overlap_seconds is None else replace(self._limits, overlap_seconds=overlap_seconds)
        return self.run(tables, work, limits, may_load=begin is not Begin.LATER)

    def reconcile(
        self, tables: Collection[str] | None = None, *, every_row: bool = False, begin: Begin = Begin.COMPARE
    ) -> IncrementalReport:
        """Compare the keys of source and bronze, or every row, and put bronze right. Raises like :meth:`follow`.

        ``begin``: what to do with a table that was never followed.
        """

        def work(follower: TableFollower, snapshot: SnapshotState, state: TableState) -> TableChanges:
            never_followed = state.checkpoint is None or state.checkpoint.snapshot_started_at != snapshot.started_at
            if every_row or never_followed or state.stream_wrote or state.checkpoint is None:
                wrote = state.stream_wrote
                return follower.follow(snapshot, state.checkpoint, every_row=every_row, stream_wrote=wrote)
            return follower.reconcile(state.checkpoint)

        return self.run(tables, work, self._limits, may_load=begin is not Begin.LATER)

    def run(
        self, names: Collection[str] | None, work: Pass, limits: Limits, *, may_load: bool = True
    ) -> IncrementalReport:
        """Make one pass over the tables called ``names``, or over all."""
        chosen = [
            (opened, [table for table in opened.source.tables if names is None or table.name in names])
            for opened in self._opened
        ]
        unknown = sorted(set(names or ()) - {table.name for _, tables in chosen for table in tables})
        if unknown:
            raise CordSearchError(
                f"No source has a table named {', '.join(unknown)}. Names are as in ingest/tables.json."
            )
        report = IncrementalReport()
        started = time.monotonic()
        if not self._tables_exist:
            with BronzeWriter(self._url) as writer:
                writer.create_tables(table for opened in self._opened for table in opened.source.tables)
            self._tables_exist = True
        try:
            for opened, tables in chosen:
                if tables:
                    opened.run(tables, _Pass(work, limits, may_load=may_load), report)
        except PassStoppedError:
            report.stopped = True
        report.seconds = time.monotonic() - started
        return report


@dataclass(frozen=True, slots=True)
class _Pass:
    """What is done with each table; ``may_load``: a table without a complete snapshot gets one."""

    work: Pass
    limits: Limits
    may_load: bool


class _OpenSource:
    """One source with its connections, what its catalogue said, and what was built of it."""

    def __init__(self, source: SourceDatabase, warehouse_url: str, should_stop: Callable[[], bool]) -> None:
        self.source = source
        self._url, self._should_stop = warehouse_url, should_stop
        self._reader = ChangeReader(source)
        self._session = WarehouseSession(warehouse_url)
        self._catalogs: dict[str, Catalog] = {}
        self._tracked: set[tuple[str, str]] = set()
        self._catalogs_read = float("-inf")
        self._followed: dict[str, FollowedTable] = {}
        self._known_streams: KnownStreams = {}

    def close(self) -> None:
        self._reader.close()
        self._session.close()
        self._forget()

    def run(self, tables: Sequence[SourceTable], one_pass: _Pass, report: IncrementalReport) -> None:
        try:
            self._know({table.schema for table in tables})
        except SourceError as error:
            report.failures.append(TableFailure(self.source.name, "*", str(error)))
            report.lost_sources.add(self.source.name)
            return
        for table in tables:
            if self._should_stop():
                raise PassStoppedError
            try:
                report.tables.append(self._pass(table, one_pass))
            except (SourceError, CheckpointConflictError) as error:
                self._forget()  # a table that was altered is looked at anew
                report.failures.append(TableFailure(self.source.name, table.name, str(error)))
                if isinstance(error, SourceError) and error.whole_source:
                    report.lost_sources.add(self.source.name)
                    return

    def _know(self, schemas: set[str]) -> None:
        """Read the source's catalogue, unless that was done a moment ago."""
        if time.monotonic() - self._catalogs_read < _CATALOG_SECONDS and schemas <= self._catalogs.keys():
            return
        self._forget()
        self._reader.begin_view()
        for schema in sorted(schemas):
            self._catalogs[schema] = with_retries(lambda schema=schema: self._reader.catalog(schema))  # type: ignore[misc]
        try:
            self._tracked = with_retries(self._reader.tracked_tables)
        except (SourcePermissionError, SourceTableError):
            self._tracked = set()  # who may not see it cannot use it
        self._catalogs_read = time.monotonic()

    def _forget(self) -> None:
        self._catalogs_read = float("-inf")
        self._catalogs, self._followed = {}, {}

    def _pass(self, table: SourceTable, one_pass: _Pass) -> TableChanges:
        started = time.monotonic()
        key = TableKey(self.source.name, table.name)
        with ChangeWriter(self._session, table, key, self._known_streams) as writer:
            shape = None if table.name in self._followed else shape_of(self.source, table, self._catalogs_of(table))
            if not writer.lock():
                return TableChanges(self.source.name, table.name, busy=True)
            state = writer.state()
            snapshot = state.snapshot
            if snapshot is None or not snapshot.complete:
                if not one_pass.may_load:
                    return TableChanges(self.source.name, table.name, waits_for_begin="it was never loaded whole")
                snapshot = self._load(table, writer, one_pass.limits)
            if shape is not None:
                self._followed[table.name] = FollowedTable(self.source, shape, self._reader, self._should_stop)
            followed = self._followed[table.name]
            followed.begin_pass(writer)
            tracked = (table.schema, table.name) in self._tracked
            try:
                changes = one_pass.work(TableFollower(followed, one_pass.limits, tracked=tracked), snapshot, state)
            finally:
                self._reader.begin_view()  # no transaction stays open at the source between passes
        changes.seconds = time.monotonic() - started
        return changes

    def _catalogs_of(self, table: SourceTable) -> Catalog:
        if table.schema not in self._catalogs:  # another table's failure made us forget it
            self._know({table.schema})
        return self._catalogs[table.schema]

    def _load(self, table: SourceTable, writer: ChangeWriter, limits: Limits) -> SnapshotState:
        try:
            run_snapshot([replace(self.source, tables=(table,))], self._url, limits.page_size)
        except SnapshotFailedError as error:
            raise SourceTableError("; ".join(failure.reason for failure in error.report.failures)) from error
        loaded = writer.snapshot_state()
        if loaded is None:
            raise WarehouseError(f"The snapshot of {table.name} left no checkpoint. Run the same command again.")
        return loaded
