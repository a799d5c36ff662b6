"""Stage: SOURCE -> BRONZE, how a table is followed. Pure: picks the method, says when to compare everything anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ingest.failures import SourceTableError
from ingest.incremental_checkpoint import IncrementalCheckpoint, Method, SnapshotState
from ingest.source_catalog import TableShape

UPDATED = "Updated"
_AN_ACCIDENT_FROM = 1_000  # rows; smaller tables are emptied and filled again in daily work


# How far the clocks of source and warehouse may drift apart between a snapshot and now, and what a change between
# summer and winter time may hide when the source writes local time.
_CLOCK_MARGIN_SECONDS = 3_700.0


class PassStoppedError(Exception):
    """A pass was asked to stop; every page before is committed, nothing of the next was read."""


class Begin(Enum):
    """What a pass does with a table that has no position to go on from."""

    COMPARE = "compare"  # read the whole table now
    AT_SNAPSHOT = "at snapshot"  # go on from the begin of its snapshot where that is safe, else compare
    LATER = "later"  # leave it and say so


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at a time, how far back, and which share of a table may vanish at once."""

    page_size: int = 5_000
    overlap_seconds: float = 300.0
    largest_delete_share: float = 0.3


def method_of(shape: TableShape, *, tracked: bool) -> Method:
    """Return the surest method the source offers for a table."""
    if tracked:
        return Method.CHANGE_TRACKING
    if shape.rowversion is not None:
        return Method.ROWVERSION
    return Method.UPDATED if UPDATED in shape.table.column_names else Method.FULL_DIFF


def snapshot_position(source_clock: str, seconds_since_snapshot: float) -> str:
    """Return the watermark of a snapshot: what was changed before it was begun is in it.

    ``source_clock`` is the earlier one of the source's local time and UTC, now. The overlap is taken off when the
    position is read from, as always; rows deleted while the snapshot ran are left to the reconciliation of keys.
    """
    now = datetime.fromisoformat(source_clock[:26])
    return str(now - timedelta(seconds=max(0.0, seconds_since_snapshot) + _CLOCK_MARGIN_SECONDS))


def reason_to_compare(method: Method, snapshot: SnapshotState, stored: IncrementalCheckpoint | None) -> str | None:
    """Return why the whole table must be compared, or None when the checkpoint can be gone on from."""
    if stored is None:
        return "it is followed for the first time"
    reasons = {
        "it was loaded anew": stored.snapshot_started_at != snapshot.started_at,
        f"it was followed by {stored.method}, now by {method}": stored.method is not method,
        # an interrupted comparison goes on where it was
        "it tells nothing of its changes": method is Method.FULL_DIFF and not stored.comparing,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def too_old(stored: IncrementalCheckpoint, oldest: int | None) -> str | None:
    """Return why Change Tracking cannot go on from the checkpoint, or None when it can.

    A version below CHANGE_TRACKING_MIN_VALID_VERSION has lost changes to the clean-up:
    https://learn.microsoft.com/sql/relational-databases/system-functions/change-tracking-min-valid-version-transact-sql
    """
    if oldest is not None and int(stored.position or 0) >= oldest:
        return None
    return f"Change Tracking has forgotten version {stored.position} (oldest kept: {oldest})"


def refuse_mass_delete(place: str, gone: int, held: int, limits: Limits) -> None:
    """Raise SourceTableError when so many rows vanished at once that a mistake is likelier."""
    if gone < _AN_ACCIDENT_FROM or gone <= held * limits.largest_delete_share:
        return
    raise SourceTableError(
        f"{place}: {gone:,} of {held:,} rows are gone at the source, more than the share of "
        f"{limits.largest_delete_share:.0%} that is believed. Nothing was deleted. Is this the right database, and is "
        f"its load complete? If the rows are really gone, run `cordsearch ingest reconcile --allow-mass-delete` "
        f"(with --every-row for a table without Updated)."
    )
