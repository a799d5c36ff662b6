"""Stage: SOURCE -> BRONZE, what an incremental run did. Pure: plain records and their words."""

from dataclasses import dataclass, field

from cordsearch.errors import CordSearchError
from ingest.snapshot import TableFailure


@dataclass(slots=True)
class TableChanges:
    """What one pass did for one table.

    ``rows_read`` counts rows looked at, ``created`` to ``deleted`` events appended, ``dead_rows`` rows newly refused.
    ``notes`` are things a person should know: drift, a comparison of the whole table and why. ``busy``: another loader
    has the table, nothing was done. ``waits_for_begin``: why it must be begun first, nothing was done.
    """

    source: str
    table: str
    method: str = ""
    isolation: str = ""
    rows_read: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    dead_rows: int = 0
    seconds: float = 0.0
    busy: bool = False
    waits_for_begin: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def events(self) -> int:
        """Events appended to bronze."""
        return self.created + self.updated + self.deleted


@dataclass(slots=True)
class IncrementalReport:
    """What one run did; ``stopped``: it was asked to stop before it was through.

    ``lost_sources``: sources of which nothing can be read, whatever the table.
    """

    tables: list[TableChanges] = field(default_factory=list)
    failures: list[TableFailure] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False
    lost_sources: set[str] = field(default_factory=set)

    @property
    def events(self) -> int:
        """Events appended to bronze by this run."""
        return sum(table.events for table in self.tables)

    @property
    def rows_read(self) -> int:
        """Source rows looked at by this run."""
        return sum(table.rows_read for table in self.tables)

    @property
    def dead_rows(self) -> int:
        """Rows newly refused by this run, kept in bronze.dead_row."""
        return sum(table.dead_rows for table in self.tables)

    def __str__(self) -> str:
        created, updated, deleted = (
            sum(getattr(table, kind) for table in self.tables) for kind in ("created", "updated", "deleted")
        )
        lines = [
            (
                f"{self.events:,} changes ({created:,} new, {updated:,} changed, {deleted:,} deleted) among "
                f"{self.rows_read:,} rows read of {len(self.tables)} tables in {self.seconds:.1f} s."
            )
        ]
        if self.dead_rows:
            lines.append(f"{self.dead_rows:,} rows refused (see bronze.dead_row).")
        busy = [table.table for table in self.tables if table.busy]
        if busy:
            lines.append(f"Left to another loader at work: {', '.join(busy)}.")
        lines += [f"{table.source}.{table.table}: {note}" for table in self.tables for note in table.notes]
        return "\n".join(lines)


class IncrementalFailedError(CordSearchError):
    """Some tables could not be followed; the others were. ``report`` holds what was done."""

    def __init__(self, report: IncrementalReport) -> None:
        causes = "\n".join(f"  {failure.source}.{failure.table}: {failure.reason}" for failure in report.failures)
        super().__init__(
            f"{report}\nNot every table could be followed. Put the cause right and run the same command again; "
            f"nothing is lost or applied twice.\n{causes}"
        )
        self.report = report
