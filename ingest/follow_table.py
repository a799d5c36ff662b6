"""Stage: SOURCE -> BRONZE, one open table. Reads pages of a source table, hands them encoded to the writer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.change_page import Change, Looked
from ingest.change_source import ChangeReader, ChangeStatements, Statement
from ingest.change_writer import ChangeWriter
from ingest.envelope import EncodedPage, EnvelopeEncoder, Row
from ingest.failures import SourceTableError, with_retries
from ingest.follow_plan import PassStoppedError
from ingest.incremental_checkpoint import IncrementalCheckpoint
from ingest.incremental_report import TableChanges
from ingest.source_catalog import TableShape
from ingest.sources import SourceDatabase
from ingest.values import UnencodableValueError


class FollowedTable:
    """A table with its reader, its encoder and its statements; each pass brings a writer and begins a report.

    Rows come in the order of ``columns``; ``key`` is the place of the primary key among them.
    """

    writer: ChangeWriter
    report: TableChanges
    began_ms: int

    def __init__(
        self, source: SourceDatabase, shape: TableShape, reader: ChangeReader, should_stop: Callable[[], bool]
    ) -> None:
        self.shape, self.table = shape, shape.table
        self.reader, self._should_stop, self._source_name = reader, should_stop, source.name
        self.place = f"{source.description}, table {self.table.schema}.{self.table.name}"
        try:
            self._encoder = EnvelopeEncoder(self.table, reader.database, op="u")
        except UnencodableValueError as error:
            raise SourceTableError(f"{self.place}: {error}") from error
        self.columns = self._encoder.columns
        self.key = self.columns.index(self.table.primary_key)
        self._envelope_source = {
            "connector": "direct", "db": reader.database, "schema": self.table.schema, "table": self.table.name,
            "snapshot": "false",
        }  # fmt: skip
        self._statements: dict[int, ChangeStatements] = {}

    def begin_pass(self, writer: ChangeWriter) -> None:
        """Begin a new report; what is read from now on goes to ``writer``."""
        self.writer = writer
        self.began_ms = time.time_ns() // 1_000_000
        self.report = TableChanges(self._source_name, self.table.name, notes=list(self.shape.notes))

    def statements(self, page_size: int) -> ChangeStatements:
        """The statements that find changes, made once per page size."""
        if page_size not in self._statements:
            self._statements[page_size] = ChangeStatements(self.table, self.columns, page_size, self.reader.dialect)
        return self._statements[page_size]

    def fetch(self, statement: Statement) -> tuple[list[Row], int]:
        """Return rows and the moment they stand for, in ms since 1970.

        Raises SourceError after all tries, PassStoppedError when the pass should end: all before is committed.
        """
        if self._should_stop():
            raise PassStoppedError
        return with_retries(lambda: self.reader.fetch(statement, f"table {self.table.schema}.{self.table.name}"))

    def apply(
        self,
        rows: Sequence[Row],
        read_at: int,
        current: IncrementalCheckpoint,
        wanted: IncrementalCheckpoint,
        looked: Looked | None = None,
        *,
        caught_up: bool = False,
        reconciled: bool = False,
    ) -> IncrementalCheckpoint:
        """Append what of ``rows`` bronze does not hold and move the checkpoint from ``current`` to ``wanted``.

        ``looked``: which keys the rows speak of, so that what is missing among them is gone. ``caught_up``: with
        these rows all that happened up to the begin of the pass is applied. Raises WarehouseError, SourceTableError.
        """
        # never earlier than what is in bronze, even when this machine's clock was put back: staging orders by it
        moment = max(read_at, current.newest_source_ts_ms)
        page = self._encode(rows, moment)
        if looked is not None and looked.keys is None:
            self._refuse_if_nothing_fits(page)
        after = replace(wanted, newest_source_ts_ms=moment)
        caught_up_ms = self.began_ms if caught_up else None
        change = Change(page, after, self._envelope_source, looked, caught_up_ms, reconciled)
        applied = self.writer.apply(change, current)
        report = self.report
        report.rows_read += len(rows)
        report.created += applied.created
        report.updated += applied.updated
        report.deleted += applied.deleted
        report.dead_rows += applied.dead_rows
        return applied.checkpoint

    def _encode(self, rows: Sequence[Row], moment: int) -> EncodedPage:
        # a row that changes between two pages is read twice, the later image last
        newest = {row[self.key]: row for row in rows}
        return self._encoder.encode_page([newest[key] for key in sorted(newest)], moment)

    def _refuse_if_nothing_fits(self, page: EncodedPage) -> None:
        """A page of the whole table with not one good row is a changed column; a few bad changes are just that."""
        if page.rows == 0 and len(page.dead_rows) > 1:
            raise SourceTableError(
                f"{self.place}: every row of a page was refused, the first because of {page.dead_rows[0].reason}. "
                f"The column was changed at the source: compare with ingest/tables.json."
            )
