"""Stage: SOURCE -> BRONZE, how a table is followed. Pure: picks the method, says when to compare everything anew."""

from dataclasses import dataclass

from ingest.failures import SourceTableError
from ingest.incremental_checkpoint import IncrementalCheckpoint, Method, SnapshotState
from ingest.source_catalog import TableShape

UPDATED = "Updated"
_AN_ACCIDENT_FROM = 1_000  # rows; smaller tables are emptied and filled again in daily work


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
