"""Stage: BRONZE. Writes change events to bronze.<table>_cdc, refused rows to bronze.dead_row.

One page is one transaction: COPY of the rows, the refused rows and the checkpoint, so that a page
is there with its checkpoint or not at all.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import sql

from cordsearch.database import describe_url
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.sql import load_query
from ingest.checkpoint import (
    Checkpoint,
    TableKey,
    advance_checkpoint,
    complete_checkpoint,
    read_checkpoint,
    start_checkpoint,
)
from ingest.envelope import DeadRow, EncodedPage
from ingest.failures import RETRY_DELAYS_SECONDS, WarehouseError, WarehouseFullError
from ingest.tables import SourceTable
from ingest.warehouse_session import WarehouseSession

_LONGEST_IDENTIFIER = 63


class BronzeWriter(WarehouseSession):
    """Writes pages, each with its checkpoint; reconnects when the connection breaks."""

    def create_tables(self, tables: Iterable[SourceTable]) -> None:
        """Create schema bronze, the bookkeeping and one table per source table, where missing."""
        connection = self.open()
        try:
            with connection.transaction():
                # two loaders that start together would otherwise race for the same catalogue rows
                connection.execute("select pg_advisory_xact_lock(hashtext('cordsearch.bronze'))")
                connection.execute("set local client_min_messages = warning")
                connection.execute(load_query(__file__, "sql/create_schema.sql"))
                for table in tables:
                    connection.execute(_create_statement(table))
        except psycopg.Error as error:
            raise self._told(error, "creating the bronze tables") from error

    def checkpoint(self, key: TableKey, *, restart: bool) -> Checkpoint:
        """Return where to go on; begins the table when it has no checkpoint or ``restart`` is set."""
        try:
            with self.open().transaction():
                found = None if restart else read_checkpoint(self.open(), key)
                return found if found is not None else start_checkpoint(self.open(), key)
        except psycopg.Error as error:
            raise self._told(error, f"reading the checkpoint of {key.table_name}") from error

    def write_page(self, table: SourceTable, key: TableKey, page: EncodedPage, current: Checkpoint) -> Checkpoint:
        """Write one page with its checkpoint and return the new checkpoint.

        A lost connection is retried: the stored checkpoint tells whether the lost commit happened.

        Raises:
            WarehouseFullError: the disk is full. WarehouseError: lost for good or refused.
            CheckpointConflictError: another loader works on the same table. In each case nothing of the page is kept.
        """
        for delay in (*RETRY_DELAYS_SECONDS, None):
            try:
                stored = self._already_written(key, page, current) if delay != RETRY_DELAYS_SECONDS[0] else None
                return stored or self._write_once(table, key, page, current)
            except psycopg.DataError as error:
                return self._write_row_by_row(table, key, page, current, error)
            except (psycopg.OperationalError, psycopg.InterfaceError, DatabaseUnavailableError) as error:
                self.close()
                if delay is None or isinstance(error, psycopg.errors.DiskFull):
                    raise self._told(error, f"writing {table.name} after key {current.last_key}") from error
                time.sleep(delay)
            except psycopg.Error as error:
                self.close()
                raise self._told(error, f"writing {table.name} after key {current.last_key}") from error
        raise AssertionError("unreachable: the last try returns or raises")

    def complete(self, table: SourceTable, key: TableKey, current: Checkpoint, source_ts_ms: int) -> Checkpoint:
        """Mark the table as loaded, durably, and refresh the planner's idea of its size."""
        connection = self.open()
        try:
            with connection.transaction():
                connection.execute("set local synchronous_commit = on")  # flushes every page before it as well
                done = complete_checkpoint(connection, key, current, source_ts_ms)
            name = sql.Identifier("bronze", table.bronze_table)
            connection.execute(sql.SQL("analyze {} (row_key, source_ts_ms)").format(name))
        except psycopg.Error as error:
            raise self._told(error, f"completing {table.name}") from error
        return done

    def _already_written(self, key: TableKey, page: EncodedPage, current: Checkpoint) -> Checkpoint | None:
        """After a lost connection: the stored checkpoint if the commit that was under way did happen."""
        stored = read_checkpoint(self.open(), key)
        written = stored is not None and stored.last_key == page.last_key != current.last_key
        return stored if written else None

    def _write_once(self, table: SourceTable, key: TableKey, page: EncodedPage, current: Checkpoint) -> Checkpoint:
        connection = self.open()
        with connection.transaction(), connection.cursor() as cursor:
            _copy(cursor, table, page.copy_text)
            _insert_dead_rows(cursor, key, page.dead_rows)
            return _advance(connection, key, page, current)

    def _write_row_by_row(
        self, table: SourceTable, key: TableKey, page: EncodedPage, current: Checkpoint, cause: psycopg.Error
    ) -> Checkpoint:
        """PostgreSQL refused a value the encoder let through: find the rows, park them, keep the others."""
        connection = self.open()
        dead: list[DeadRow] = []
        try:
            with connection.transaction(), connection.cursor() as cursor:
                for line in _lines(page):
                    try:
                        with connection.transaction():
                            _copy(cursor, table, line)
                    except psycopg.DataError as error:
                        row_key, _, rest = line.decode("utf-8", "replace").partition("\t")
                        dead.append(DeadRow(row_key, "*", f"refused by PostgreSQL: {first_line(error)}", rest))
                if page.rows and len(dead) == page.rows > 1:
                    raise cause  # not a bad row but a bad table: park nothing
                parked = replace(page, rows=page.rows - len(dead), dead_rows=(*page.dead_rows, *dead))
                _insert_dead_rows(cursor, key, parked.dead_rows)
                return _advance(connection, key, parked, current)
        except psycopg.Error as error:
            self.close()
            raise self._told(error, f"writing {table.name} after key {current.last_key}") from error

    def _told(self, error: Exception, doing: str) -> WarehouseError:
        return warehouse_error(self.url, error, doing)


def warehouse_error(url: str, error: Exception, doing: str) -> WarehouseError:
    """Return ``error`` of the warehouse at ``url`` in words: what failed while ``doing``, and what to do."""
    where = describe_url(url)
    if isinstance(error, psycopg.errors.DiskFull):
        return WarehouseFullError(
            f"The disk of the {where} is full while {doing} ({first_line(error)}). Nothing was half-written: "
            f"free space and run the same command again, it goes on where it stopped."
        )
    return WarehouseError(
        f"The {where} failed while {doing} ({first_line(error)}). Nothing was half-written: "
        f"put the cause right and run the same command again, it goes on where it stopped."
    )


def _create_statement(table: SourceTable) -> sql.Composed:
    template = load_query(__file__, "sql/create_bronze_table.sql")
    index = f"{table.bronze_table}_position"[:_LONGEST_IDENTIFIER]
    return sql.SQL(template).format(table=sql.Identifier(table.bronze_table), index=sql.Identifier(index))


def _copy(cursor: psycopg.Cursor[Any], table: SourceTable, text: bytes) -> None:
    name = sql.Identifier("bronze", table.bronze_table)
    with cursor.copy(sql.SQL("copy {} (row_key, source_ts_ms, payload) from stdin").format(name)) as copy:
        copy.write(text)


def _insert_dead_rows(cursor: psycopg.Cursor[Any], key: TableKey, rows: Iterable[DeadRow]) -> None:
    query = load_query(__file__, "sql/insert_dead_row.sql")
    for row in rows:
        values = {"row_key": row.row_key, "column_name": row.column, "reason": row.reason, "raw": row.raw}
        cursor.execute(query, key.parameters() | values)


def _advance(
    connection: psycopg.Connection[tuple[Any, ...]], key: TableKey, page: EncodedPage, current: Checkpoint
) -> Checkpoint:
    if page.last_key is None:
        return current
    return advance_checkpoint(
        connection, key, current, page.last_key, page.rows, len(page.dead_rows), page.source_ts_ms
    )


def _lines(page: EncodedPage) -> list[bytes]:
    return [line + b"\n" for line in page.copy_text.split(b"\n") if line]


def first_line(error: Exception) -> str:
    """Return the first line of a message; PostgreSQL's further lines repeat the data."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
