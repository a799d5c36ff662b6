"""Stage: SOURCE -> BRONZE, one table followed. Reads what changed since the checkpoint, appends it to bronze.

Each method only finds keys or rows to look at; whether a row is new, changed or gone is decided by comparing with
what bronze last holds. So a page read twice, an overlap and a repeated pass append nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.change_page import Looked
from ingest.change_source import (
    EARLIEST,
    LARGEST_KEY,
    SMALLEST_KEY,
    earlier,
)
from ingest.failures import with_retries
from ingest.follow_plan import (
    Begin,
    Limits,
    method_of,
    reason_to_compare,
    refuse_mass_delete,
    snapshot_position,
    too_old,
)
from ingest.follow_table import FollowedTable
from ingest.incremental_checkpoint import IncrementalCheckpoint, Method, SnapshotState
from ingest.incremental_report import TableChanges
from ingest.sources import PageStatements

_KEYS_AT_A_TIME = 50_000  # of a key list: 8 bytes a key on the wire
_ROWS_BY_KEY = 1_000  # keys written into one IN list


class TableFollower:
    """Follows one table from where its checkpoint stands."""

    def __init__(self, followed: FollowedTable, limits: Limits, *, tracked: bool) -> None:
        self._followed, self._limits, self._tracked = followed, limits, tracked
        self._reader, self._writer, self._report = followed.reader, followed.writer, followed.report
        self._table, self._key, self._place = followed.table, followed.key, followed.place
        self._fetch, self._apply = followed.fetch, followed.apply
        self._statements = followed.statements(limits.page_size)

    # --- the two passes ---

    def follow(
        self,
        snapshot: SnapshotState,
        stored: IncrementalCheckpoint | None,
        *,
        every_row: bool = False,
        begin: Begin = Begin.COMPARE,
        stream_wrote: bool = False,
    ) -> TableChanges:
        """Apply what changed since the checkpoint.

        Compares the whole table with ``every_row``, after the stream wrote to it (which may have told old things late),
        and where there is nothing to go on from; ``begin`` says otherwise.
        """
        self._reader.begin_view()
        method = method_of(self._followed.shape, tracked=self._tracked)
        reason = "the stream wrote to it" if stream_wrote else self._reason_to_compare(method, snapshot, stored)
        if stream_wrote and begin is Begin.AT_SNAPSHOT:
            begin = Begin.COMPARE
        if reason is None and every_row and stored is not None and not stored.comparing:
            reason = "it was asked for"
        self._report.method = method
        if begin is Begin.LATER and method is not Method.FULL_DIFF and (reason or (stored and stored.comparing)):
            self._report.waits_for_begin = reason or "it is being compared"
            return self._report
        checkpoint = stored
        if reason is not None or stored is None:
            checkpoint = self._begin(snapshot, stored, method, reason, begin)
        assert checkpoint is not None
        if checkpoint.comparing:
            self._compare(checkpoint)
        elif method is Method.CHANGE_TRACKING:
            self._follow_tracking(checkpoint)
        elif method is Method.ROWVERSION:
            self._follow_rowversion(checkpoint)
        else:
            self._follow_updated(checkpoint)
        self._report.isolation = self._reader.isolation
        return self._report

    def reconcile(self, checkpoint: IncrementalCheckpoint) -> TableChanges:
        """Find rows that only one side has, by their keys, and put bronze right."""
        self._reader.begin_view()
        key_list = self._followed.statements(_KEYS_AT_A_TIME)
        suspects: dict[int, bool] = {}
        first = SMALLEST_KEY
        while True:
            keys = [row[0] for row in self._fetch(key_list.keys_from(first))[0]]
            self._report.rows_read += len(keys)
            last = keys[-1] if len(keys) == _KEYS_AT_A_TIME else LARGEST_KEY
            suspects |= self._writer.key_differences(keys, first, last)
            if last == LARGEST_KEY:
                break
            first = last + 1
        refuse_mass_delete(self._place, sum(suspects.values()), self._writer.held_rows(), self._limits)
        self._report.method = "key reconciliation"
        self._look_at(sorted(suspects), checkpoint, reconciled=True)
        self._report.isolation = self._reader.isolation
        return self._report

    # --- where to begin ---

    def _begin(
        self,
        snapshot: SnapshotState,
        stored: IncrementalCheckpoint | None,
        method: Method,
        reason: str | None,
        begin: Begin,
    ) -> IncrementalCheckpoint:
        """Begin a comparison of the whole table, or, where that is safe and wanted, at the snapshot's own begin."""
        is_new = stored is None or stored.snapshot_started_at != snapshot.started_at
        if begin is Begin.AT_SNAPSHOT and is_new and method is Method.UPDATED:
            clock = with_retries(self._reader.earliest_clock)
            position = snapshot_position(clock, self._writer.seconds_since(snapshot.started_at))
            self._report.notes.append(f"it goes on from its snapshot, from {position} on")
            return self._writer.start_following(stored, snapshot, method, position)
        checkpoint = self._writer.start_comparison(stored, snapshot, method, self._position_now(method))
        self._reader.begin_view()  # the position is older than what is compared: nothing falls between
        if method is not Method.FULL_DIFF and reason:
            self._report.notes.append(f"the whole table was compared: {reason}")
        return checkpoint

    def _reason_to_compare(
        self, method: Method, snapshot: SnapshotState, stored: IncrementalCheckpoint | None
    ) -> str | None:
        reason = reason_to_compare(method, snapshot, stored)
        if reason is not None or stored is None or stored.comparing or method is not Method.CHANGE_TRACKING:
            return reason
        _, oldest = with_retries(lambda: self._reader.tracking_versions(self._table))
        return too_old(stored, oldest)

    def _position_now(self, method: Method) -> str | None:
        """Return a position such that what it covers is committed; read before the rows are."""
        if method is Method.CHANGE_TRACKING:
            current, _ = with_retries(lambda: self._reader.tracking_versions(self._table))
            return str(current or 0)
        if method is Method.ROWVERSION:
            before = int.from_bytes(with_retries(self._reader.active_rowversion))
            return max(0, before - 1).to_bytes(8).hex()
        if method is Method.UPDATED:
            ((newest,),) = self._fetch(self._statements.newest_updated())[0]
            return EARLIEST if newest is None else min(str(newest), with_retries(self._reader.earliest_clock))
        return None

    # --- the methods ---

    def _compare(self, checkpoint: IncrementalCheckpoint) -> None:
        """Compare the whole table page by page in key order; goes on after ``diff_key``."""
        pages = PageStatements(self._table, self._followed.columns, self._limits.page_size, self._reader.dialect)
        while True:
            after = checkpoint.diff_key
            rows, read_at = self._fetch(pages.after(after))
            last = len(rows) < self._limits.page_size
            if not rows and after is None:  # an empty table would take every row away
                held = self._writer.held_rows()
                refuse_mass_delete(self._place, held, held, self._limits)
            until = LARGEST_KEY if last else rows[-1][self._key]
            looked = Looked(SMALLEST_KEY if after is None else after + 1, until)
            wanted = replace(checkpoint, comparing=not last, diff_key=None if last else until)
            checkpoint = self._apply(rows, read_at, checkpoint, wanted, looked, caught_up=last, reconciled=last)
            if last:
                return

    def _follow_updated(self, checkpoint: IncrementalCheckpoint) -> None:
        """Read from the watermark less the overlap; a moment in the future does not move the watermark."""
        ceiling = with_retries(self._reader.earliest_clock)
        moment, last_key = earlier(checkpoint.position or EARLIEST, self._limits.overlap_seconds), None
        while True:
            statement = self._statements.updated_since(moment, last_key)
            rows, read_at = self._fetch(statement)
            last = len(rows) < self._limits.page_size
            if rows:
                moment, last_key = str(rows[-1][-1]), rows[-1][self._key]
            reached = max(checkpoint.position or EARLIEST, min(moment, ceiling))
            wanted = replace(checkpoint, position=reached)
            checkpoint = self._apply([row[:-1] for row in rows], read_at, checkpoint, wanted, caught_up=last)
            if last:
                return

    def _follow_rowversion(self, checkpoint: IncrementalCheckpoint) -> None:
        """Read between the last rowversion and the smallest one that may still be uncommitted."""
        column = str(self._followed.shape.rowversion)
        before = with_retries(self._reader.active_rowversion)
        self._reader.begin_view()
        while True:
            reached = bytes.fromhex(checkpoint.position or "00")
            rows, read_at = self._fetch(self._statements.rowversions(column, reached, before))
            last = len(rows) < self._limits.page_size
            wanted = replace(checkpoint, position=bytes(rows[-1][-1]).hex() if rows else checkpoint.position)
            checkpoint = self._apply([row[:-1] for row in rows], read_at, checkpoint, wanted, caught_up=last)
            if last:
                return

    def _follow_tracking(self, checkpoint: IncrementalCheckpoint) -> None:
        """Look at every key Change Tracking names; the position moves when all were looked at."""
        version = int(checkpoint.position or 0)
        current, _ = with_retries(lambda: self._reader.tracking_versions(self._table))
        first, size = SMALLEST_KEY, self._limits.page_size
        while True:
            keys = with_retries(lambda first=first: self._reader.tracked_keys(self._table, version, first, size))  # type: ignore[misc]
            if len(keys) < size:
                wanted = replace(checkpoint, position=str(current or version))
                self._look_at(keys, checkpoint, wanted, caught_up=True)
                return
            checkpoint = self._look_at(keys, checkpoint)
            first = keys[-1] + 1

    def _look_at(
        self,
        keys: Sequence[int],
        checkpoint: IncrementalCheckpoint,
        wanted: IncrementalCheckpoint | None = None,
        *,
        caught_up: bool = False,
        reconciled: bool = False,
    ) -> IncrementalCheckpoint:
        """Read the rows of ``keys``: what is not there is gone. ``wanted`` holds after the last of them."""
        for chunk in _chunks(keys, _ROWS_BY_KEY):
            last = chunk[-1:] == list(keys[-1:])
            rows, read_at = self._fetch(self._statements.rows_with(chunk)) if chunk else ([], self._followed.began_ms)
            checkpoint = self._apply(
                rows, read_at, checkpoint, wanted if wanted is not None and last else checkpoint,
                Looked(keys=chunk), caught_up=caught_up and last, reconciled=reconciled and last,
            )  # fmt: skip
        return checkpoint


def _chunks(keys: Sequence[int], size: int) -> Iterator[list[int]]:
    """Pieces of ``keys``; one empty piece when there are none, so that the checkpoint moves all the same."""
    for start in range(0, max(len(keys), 1), size):
        yield list(keys[start : start + size])
