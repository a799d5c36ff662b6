"""Stage: SOURCE -> BRONZE, the initial bulk read. Reads source tables by key pages, writes bronze.<table>_cdc.

While one page is written, the next one is read and encoded in a second thread: two pages are in memory
at most. Each page is committed with its checkpoint, so a killed run goes on at the page it was killed in.
"""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cordsearch.errors import CordSearchError
from cordsearch.progress import Progress
from ingest.bronze import BronzeWriter
from ingest.checkpoint import Checkpoint, TableKey
from ingest.envelope import EncodedPage, EnvelopeEncoder, KeyOrderError
from ingest.failures import SourceError, SourceTableError, with_retries
from ingest.sources import PageStatements, SourceDatabase, SourceReader, check_table
from ingest.tables import SourceTable
from ingest.values import UnencodableValueError

DEFAULT_PAGE_SIZE = 5_000


@dataclass(frozen=True, slots=True)
class TableReport:
    """What one run did for one table; ``skipped`` means it was complete before."""

    source: str
    table: str
    rows: int
    dead_rows: int
    seconds: float
    skipped: bool = False

    @property
    def rows_per_second(self) -> float:
        """Rows per second of this run."""
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class TableFailure:
    """A table that was not loaded, and why. ``table`` is ``*`` when the whole source failed."""

    source: str
    table: str
    reason: str


@dataclass(slots=True)
class SnapshotReport:
    """What one run did."""

    tables: list[TableReport] = field(default_factory=list)
    failures: list[TableFailure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows written by this run."""
        return sum(table.rows for table in self.tables)

    @property
    def dead_rows(self) -> int:
        """Rows refused by this run, kept in bronze.dead_row."""
        return sum(table.dead_rows for table in self.tables)

    @property
    def rows_per_second(self) -> float:
        """Rows per second of the whole run, connecting and checking included."""
        return self.rows / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        loaded = [table for table in self.tables if not table.skipped]
        refused = f", {self.dead_rows:,} rows refused (see bronze.dead_row)" if self.dead_rows else ""
        return (
            f"{self.rows:,} rows of {len(loaded)} tables in {self.seconds:.1f} s ({self.rows_per_second:,.0f} rows/s)"
            f"{refused}; {len(self.tables) - len(loaded)} tables were complete before."
        )


class SnapshotFailedError(CordSearchError):
    """Some tables were not loaded; the others were. ``report`` holds what was done."""

    def __init__(self, report: SnapshotReport) -> None:
        causes = "\n".join(f"  {failure.source}.{failure.table}: {failure.reason}" for failure in report.failures)
        super().__init__(
            f"{report}\nNot everything could be loaded. Put the cause right and run the same command again; "
            f"what is loaded is not loaded twice.\n{causes}"
        )
        self.report = report


def run_snapshot(
    sources: Sequence[SourceDatabase],
    warehouse_url: str,
    page_size: int = DEFAULT_PAGE_SIZE,
    tables: Collection[str] | None = None,
    *,
    restart: bool = False,
) -> SnapshotReport:
    """Load every table of ``sources`` (or those named in ``tables``) into bronze and return what was done.

    A table whose snapshot is complete is skipped unless ``restart`` is set; ``restart`` appends a new
    snapshot from the first key. A table that fails does not stop the others.

    Raises:
        SnapshotFailedError: after all tables were tried, when one or more failed; names each with its cause.
        CordSearchError: ``tables`` names an unknown table. WarehouseError, DatabaseUnavailableError: the
        warehouse cannot take rows, so no table could go on; what was committed stays.
    """
    chosen = [(source, _chosen_tables(source, tables)) for source in sources]
    _refuse_unknown(tables, chosen)
    report = SnapshotReport()
    started = time.monotonic()
    with BronzeWriter(warehouse_url) as writer:
        writer.create_tables(table for _, source_tables in chosen for table in source_tables)
        for source, source_tables in chosen:
            if source_tables:
                _load_source(source, source_tables, writer, page_size, report, restart=restart)
    report.seconds = time.monotonic() - started
    if report.failures:
        raise SnapshotFailedError(report)
    return report


def _chosen_tables(source: SourceDatabase, names: Collection[str] | None) -> list[SourceTable]:
    return [table for table in source.tables if names is None or table.name in names]


def _refuse_unknown(
    names: Collection[str] | None, chosen: Sequence[tuple[SourceDatabase, Sequence[SourceTable]]]
) -> None:
    known = {table.name for _, source_tables in chosen for table in source_tables}
    unknown = sorted(set(names or ()) - known)
    if unknown:
        raise CordSearchError(f"No source has a table named {', '.join(unknown)}. Names are as in ingest/tables.json.")


def _load_source(
    source: SourceDatabase,
    tables: Sequence[SourceTable],
    writer: BronzeWriter,
    page_size: int,
    report: SnapshotReport,
    *,
    restart: bool,
) -> None:
    with SourceReader(source) as reader, ThreadPoolExecutor(1, thread_name_prefix=f"read-{source.name}") as pool:
        try:
            schemas = sorted({table.schema for table in tables})
            visible = with_retries(lambda: {schema: reader.visible_columns(schema) for schema in schemas})
        except SourceError as error:
            report.failures.append(TableFailure(source.name, "*", str(error)))
            return
        for table in tables:
            load = _TableLoad(source, table, reader, writer, pool, page_size)
            try:
                check_table(source, table, visible[table.schema])
                report.tables.append(load.run(restart=restart))
            except SourceError as error:
                report.failures.append(TableFailure(source.name, table.name, str(error)))
                if error.whole_source:
                    return


class _TableLoad:
    """The load of one table: a reader a page ahead of the writer."""

    def __init__(
        self,
        source: SourceDatabase,
        table: SourceTable,
        reader: SourceReader,
        writer: BronzeWriter,
        pool: ThreadPoolExecutor,
        page_size: int,
    ) -> None:
        self._source, self._table = source, table
        self._reader, self._writer, self._pool = reader, writer, pool
        self._page_size = page_size
        self._key = TableKey(source.name, table.name)
        try:
            self._encoder = EnvelopeEncoder(table, reader.database)
        except UnencodableValueError as error:
            raise SourceTableError(f"{source.description}, table {table.name}: {error}") from error
        self._statements = PageStatements(table, self._encoder.columns, page_size, reader.dialect)

    def run(self, *, restart: bool) -> TableReport:
        """Load the table from its checkpoint to its end."""
        started = time.monotonic()
        before = self._writer.checkpoint(self._key, restart=restart)
        if before.complete:
            return TableReport(self._source.name, self._table.name, 0, 0, 0.0, skipped=True)
        estimate = self._reader.estimated_rows(self._table)
        left = None if estimate is None else max(0, estimate - before.rows - before.dead_rows)
        with Progress(f"load {self._source.name}.{self._table.name}", left) as progress:
            after = self._load_pages(before, progress)
        seconds = time.monotonic() - started
        rows, dead = after.rows - before.rows, after.dead_rows - before.dead_rows
        return TableReport(self._source.name, self._table.name, rows, dead, seconds)

    def _load_pages(self, checkpoint: Checkpoint, progress: Progress) -> Checkpoint:
        coming = self._pool.submit(self._read_page, checkpoint.last_key)
        while True:
            page = coming.result()
            last = page.rows_read < self._page_size
            if not last:
                coming = self._pool.submit(self._read_page, page.last_key)
            try:
                if page.rows_read:
                    checkpoint = self._writer.write_page(self._table, self._key, page, checkpoint)
            except BaseException:
                if not last:
                    coming.exception()  # let the reader come to rest before its connection is closed
                raise
            progress.advance(page.rows_read)
            if last:
                return self._writer.complete(self._table, self._key, checkpoint, page.source_ts_ms)

    def _read_page(self, last_key: int | None) -> EncodedPage:
        place = f"{self._source.description}, table {self._table.schema}.{self._table.name}"
        rows, read_at = with_retries(lambda: self._reader.read_page(self._statements, self._table, last_key))
        try:
            page = self._encoder.encode_page(rows, read_at)
        except KeyOrderError as error:
            raise SourceTableError(f"{place}: {error}. Paging needs a unique key.") from error
        if page.rows == 0 and len(page.dead_rows) > 1:
            raise SourceTableError(
                f"{place}: every row after key {last_key} was refused, the first because of "
                f"{page.dead_rows[0].reason}. The column was changed at the source: compare with ingest/tables.json."
            )
        return page
