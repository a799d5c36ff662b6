"""Duties of the worker that read the sources directly: passes over table groups, beginning a table, reconciliation.

Writes schema ``bronze`` through ``ingest``, and ``worker.table_problem``: a table that fails is left out for a while,
the others of its group go on. A source that cannot be read at all fails the whole job, which is tried again later.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from cordsearch.errors import CordSearchError
from cordsearch.worker.schedule import Overlaps
from cordsearch.worker.table_groups import TableGroup
from cordsearch.worker.table_problems import TableProblems
from ingest.follow_plan import Begin, Limits
from ingest.incremental_loader import IncrementalLoader
from ingest.incremental_report import IncrementalReport
from ingest.sources import SourceDatabase

log = logging.getLogger("cordsearch.worker")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a pass did: events appended, tables that must be begun first, and a line about it (None: nothing)."""

    events: int
    to_begin: tuple[str, ...]
    outcome: str | None

    def told(self) -> str:
        """The line, also when nothing was to do: for duties that are seldom done."""
        return self.outcome or "nothing was to do"


@dataclass
class _Open:
    """A loader that stays open, who may use it, and when it last read with the full overlap."""

    loader: IncrementalLoader
    lock: Lock = field(default_factory=Lock)
    full_at: float | None = None


class Loading:
    """The loaders of this process, one per duty, kept open between jobs."""

    def __init__(
        self,
        sources: Sequence[SourceDatabase],
        warehouse_url: str,
        limits: Limits,
        overlaps: Overlaps,
        should_stop: Callable[[], bool],
    ) -> None:
        self.sources, self._url = tuple(sources), warehouse_url
        self._limits, self._overlaps, self._should_stop = limits, overlaps, should_stop
        self._opened: dict[str, _Open] = {}
        self._told: set[tuple[str, str]] = set()
        self._problems = TableProblems(warehouse_url)

    def follow(self, group: TableGroup) -> Loaded:
        """Make one pass over a group; tables that were never begun are named, not read.

        Raises CordSearchError: a source cannot be read, or the warehouse cannot be written.
        """
        tables = self._problems.without_left_out(group.tables)
        opened = self._open(f"follow.{group.name}")
        if not opened.lock.acquire(blocking=False):
            return Loaded(0, (), None)  # a job that was taken for dead and is not
        try:
            since = None if opened.full_at is None else time.monotonic() - opened.full_at
            overlap, full = self._overlaps.of_pass(since)
            began = time.monotonic()
            report = opened.loader.follow(tables, begin=Begin.LATER, overlap_seconds=overlap)
            if full and not report.stopped:
                opened.full_at = began
        except CordSearchError:
            opened.loader.close()
            raise
        finally:
            opened.lock.release()
        return self._told_of(report)

    def begin(self, tables: Sequence[str]) -> Loaded:
        """Load, compare or take over from their snapshot tables that have no position yet. Raises as :meth:`follow`."""
        wanted = self._problems.without_left_out(tables)
        return self._one_shot(lambda loader: loader.follow(wanted, begin=Begin.AT_SNAPSHOT))

    def catch_up(self) -> Loaded:
        """Make one full pass over every table, beginning those that were not. Raises as :meth:`follow`."""
        tables = self._all_tables()
        return self._one_shot(lambda loader: loader.follow(tables, begin=Begin.AT_SNAPSHOT))

    def reconcile(self) -> Loaded:
        """Compare the keys of every table with the source. Raises as :meth:`follow`."""
        tables = self._all_tables()
        return self._one_shot(lambda loader: loader.reconcile(tables, begin=Begin.LATER))

    def close(self) -> None:
        """Close every connection."""
        for opened in self._opened.values():
            opened.loader.close()
        self._problems.close()

    def _one_shot(self, work: Callable[[IncrementalLoader], IncrementalReport]) -> Loaded:
        with IncrementalLoader(self.sources, self._url, self._limits, self._should_stop) as loader:
            return self._told_of(work(loader))

    def _all_tables(self) -> list[str]:
        return [table.name for source in self.sources for table in source.tables]

    def _open(self, name: str) -> _Open:
        if name not in self._opened:
            self._opened[name] = _Open(IncrementalLoader(self.sources, self._url, self._limits, self._should_stop))
        return self._opened[name]

    def _told_of(self, report: IncrementalReport) -> Loaded:
        """Settle what failed and what works again. Raises when a source cannot be read at all."""
        done = [table.table for table in report.tables if not table.busy and not table.waits_for_begin]
        lost = [failure for failure in report.failures if failure.source in report.lost_sources]
        self._problems.settle([failure for failure in report.failures if failure not in lost], done)
        for table in report.tables:
            for note in table.notes:
                if (table.table, note) not in self._told:
                    level = logging.WARNING if note.startswith("new column") else logging.DEBUG
                    log.log(level, "table.note", extra={"table": table.table, "note": note})
                    self._told.add((table.table, note))
        if lost:
            raise CordSearchError("; ".join(failure.reason for failure in lost))
        to_begin = tuple(table.table for table in report.tables if table.waits_for_begin)
        return Loaded(report.events, to_begin, _line(report))


def _line(report: IncrementalReport) -> str | None:
    """What a pass did, or None when it did nothing."""
    if not report.events and not report.dead_rows:
        return None
    changed = ", ".join(f"{table.table} {table.events:,}" for table in report.tables if table.events)
    refused = f", {report.dead_rows:,} rows refused" if report.dead_rows else ""
    return f"{report.events:,} events ({changed}) among {report.rows_read:,} rows read{refused}"
