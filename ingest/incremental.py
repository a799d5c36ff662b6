"""Stage: SOURCE -> BRONZE, kept up to date. Reads what changed in the source tables, appends it to bronze.<table>_cdc.

Per table, the surest method the source offers: Change Tracking, a rowversion column, the ``Updated`` watermark with
an overlap, or a comparison of the whole table. Rows deleted for good are found by Change Tracking and by comparison
at once, by the other two when keys are reconciled. A table without a snapshot gets one first.
"""

from collections.abc import Collection, Sequence

from ingest.follow_plan import Limits
from ingest.incremental_loader import IncrementalLoader
from ingest.incremental_report import IncrementalFailedError, IncrementalReport
from ingest.sources import SourceDatabase


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
    with IncrementalLoader(sources, warehouse_url, limits) as loader:
        return _without_failures(loader.follow(tables))


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
    with IncrementalLoader(sources, warehouse_url, limits) as loader:
        return _without_failures(loader.reconcile(tables, every_row=every_row))


def _without_failures(report: IncrementalReport) -> IncrementalReport:
    if report.failures:
        raise IncrementalFailedError(report)
    return report
