"""Stage: SOURCE, what changed. Reads keys, changed rows and positions of the source databases; writes nothing.

Every statement is bounded by a page. No statement carries a hint: a dirty read would bring rows that never were.
Where the server allows it, one table is read in one snapshot transaction, so that its pages show one moment.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import SQLAlchemyError

from cordsearch.sql import load_query
from ingest.envelope import Row
from ingest.failures import classify_source_error
from ingest.follow_plan import UPDATED
from ingest.source_catalog import Catalog, CatalogColumn
from ingest.sources import SourceReader
from ingest.tables import SourceTable

Statement = tuple[str, dict[str, Any]]

SMALLEST_KEY, LARGEST_KEY = -(2**63), 2**63 - 1
EARLIEST = "0001-01-01 00:00:00"
_POSITION_CHARACTERS = 33


def earlier(moment: str, seconds: float) -> str:
    """Return a source moment ``seconds`` before ``moment``; digits below microseconds fall away, downwards."""
    whole, _, fraction = moment.partition(".")
    parsed = datetime.fromisoformat(f"{whole}.{fraction[:6].ljust(6, '0')}")
    floor = datetime.fromisoformat(EARLIEST)
    distance = timedelta(seconds=seconds)
    return str(parsed - distance if parsed - floor > distance else floor)


class ChangeStatements:
    """The statements that find changes of one table. ``columns`` is the order in which rows come."""

    def __init__(self, table: SourceTable, columns: Sequence[str], page_size: int, dialect: Dialect) -> None:
        names = dict.fromkeys([*columns, *table.column_names])
        self._relation = sa.table(
            _quoted(table.name), *(sa.column(_quoted(name)) for name in names), schema=_quoted(table.schema)
        )
        self._columns = [self._relation.c[name] for name in columns]
        self._key = self._relation.c[table.primary_key]
        self._dialect, self._page_size = dialect, page_size

    def updated_since(self, moment: str, last_key: int | None) -> Statement:
        """Rows from ``moment`` on, or after the row (moment, last_key); the moment itself comes last, as text.

        As text, because SQL Server keeps seven digits of a second and the driver gives six: a cut moment would be
        found again and again by ``>``.
        """
        updated = self._relation.c[UPDATED]
        since = sa.cast(sa.bindparam("since", moment, sa.String()), self._moment)
        position = sa.cast(sa.cast(updated, self._moment), sa.String(_POSITION_CHARACTERS))
        statement = sa.select(*self._columns, position.label("read_position")).where(updated >= since)
        if last_key is not None:
            statement = statement.where(
                sa.or_(updated > since, self._key > sa.bindparam("last_key", last_key, sa.BigInteger()))
            )
        return self._compiled(statement.order_by(updated, self._key))

    def newest_updated(self) -> Statement:
        """The largest moment of the table, as text."""
        newest = sa.cast(sa.func.max(self._relation.c[UPDATED]), self._moment)
        return self._compiled(sa.select(sa.cast(newest, sa.String(_POSITION_CHARACTERS))), limited=False)

    def rowversions(self, column: str, after: bytes, before: bytes) -> Statement:
        """Rows with ``after`` < rowversion < ``before``, in its order; the rowversion comes last."""
        version: sa.ColumnClause[Any] = sa.column(_quoted(column), _selectable=self._relation)
        statement = sa.select(*self._columns, version).where(
            version > sa.literal_column(f"0x{after.hex()}"), version < sa.literal_column(f"0x{before.hex()}")
        )
        return self._compiled(statement.order_by(version))

    def keys_from(self, first_key: int) -> Statement:
        """Keys from ``first_key`` on."""
        first = sa.bindparam("first_key", first_key, sa.BigInteger())
        return self._compiled(sa.select(self._key).where(self._key >= first).order_by(self._key))

    def rows_with(self, keys: Sequence[int]) -> Statement:
        """Rows with one of these keys, in their order."""
        wanted: list[sa.ColumnElement[int]] = [sa.literal_column(str(int(key))) for key in keys]
        return self._compiled(sa.select(*self._columns).where(self._key.in_(wanted)).order_by(self._key), limited=False)

    @property
    def _moment(self) -> sa.types.TypeEngine[Any]:
        if self._dialect.name == "mssql":
            return mssql.DATETIME2(precision=7)  # type: ignore[no-untyped-call]
        return sa.TIMESTAMP()

    def _compiled(self, statement: sa.Select[Any], *, limited: bool = True) -> Statement:
        if limited:  # written out, as in ingest.sources
            size: Any = self._page_size
            if self._dialect.name != "mssql":
                size = sa.literal(self._page_size, sa.Integer(), literal_execute=True)
            statement = statement.limit(size)
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        return str(compiled), dict(compiled.params)


class ChangeReader(SourceReader):
    """One connection that reads what changed; after a break the next use opens a new one and a new view."""

    _snapshots: bool | None = None
    _view_began_ms: int | None = None

    @property
    def isolation(self) -> str:
        """``one snapshot`` or ``read committed``: what the pages of a table have in common."""
        return "one snapshot" if self._snapshots else "read committed"

    def connect(self) -> Connection:
        """Return the open connection, under snapshot isolation where the server allows it. Raises SourceError."""
        if self._connection is None:
            connection = super().connect()
            try:
                if self._snapshots is None:
                    self._snapshots = self._snapshots_are_allowed()
                if self._snapshots:
                    level = "SNAPSHOT" if self.dialect.name == "mssql" else "REPEATABLE READ"
                    self._connection = connection.execution_options(isolation_level=level)
            except (SQLAlchemyError, self._driver_error) as error:
                self.close()
                raise classify_source_error(error, self.source.description) from error
        return self._connection  # type: ignore[return-value]  # super().connect() opened it

    def close(self) -> None:
        """Drop the connection and with it the view."""
        self._view_began_ms = None
        super().close()

    def begin_view(self) -> None:
        """End the moment that was looked at; the next read begins a new one."""
        self._view_began_ms = None
        if self._connection is not None and self._snapshots:
            try:
                self._connection.connection.rollback()
            except Exception:  # noqa: BLE001 - a connection that cannot roll back is of no use, whatever the driver says
                self.close()

    def fetch(self, statement: Statement, place: str = "") -> tuple[list[Row], int]:
        """Return the rows and the moment they stand for (ms since 1970): the view's begin, or just before reading.

        Raises SourceError; after a TransientSourceError the connection is dropped and the call can be repeated.
        """
        try:
            began = time.time_ns() // 1_000_000
            cursor = self._cursor()
            if self._snapshots:
                began = self._view_began_ms = self._view_began_ms or began
            try:
                cursor.execute(*statement)
                return cast("list[Row]", cursor.fetchall()), began
            finally:
                with suppress(Exception):
                    cursor.close()
        except self._driver_error as error:
            self.close()
            where = f"{self.source.description}{', ' if place else ''}{place}"
            raise classify_source_error(error, where) from error

    def query(self, name: str, place: str = "", **values: object) -> list[Row]:
        """Run ``sql/<name>.sql`` with bound ``values``."""
        compiled = sa.text(load_query(__file__, f"sql/{name}.sql")).compile(dialect=self.dialect)
        return self.fetch((str(compiled), dict(values)), place)[0]

    def catalog(self, schema: str) -> Catalog:
        """Return the columns of every table the user can see in ``schema``. Raises SourceError."""
        found: Catalog = {}
        for table, column, kind, scale in self.query("source_column_types", schema_name=schema):
            found.setdefault(str(table), []).append(CatalogColumn(str(column), str(kind).lower(), scale))
        return found

    def tracked_tables(self) -> set[tuple[str, str]]:
        """Schema and name of every table with Change Tracking; none on other servers. Raises SourceError."""
        if self.dialect.name != "mssql":
            return set()
        return {(str(schema), str(table)) for schema, table in self.query("tracked_tables_mssql")}

    def earliest_clock(self) -> str:
        """The source's clock, local or UTC, whichever is behind: no moment up to it can lie in the future."""
        ((utc, local),) = self.query(f"source_clock_{self.dialect.name}")
        return min(str(utc), str(local))

    def tracking_versions(self, table: SourceTable) -> tuple[int | None, int | None]:
        """Current version and the oldest usable one; None where the table is not tracked. Raises SourceError."""
        place = f"table {table.schema}.{table.name}, Change Tracking (needs VIEW CHANGE TRACKING and SELECT)"
        ((current, oldest),) = self.query("tracking_versions_mssql", place, table_name=self._name(table))
        return current, oldest

    def tracked_keys(self, table: SourceTable, version: int, first_key: int, page_size: int) -> list[int]:
        """A page of keys that changed after ``version``, from ``first_key`` on. Raises SourceError."""
        text = load_query(__file__, "sql/tracked_keys_mssql.sql").format(
            table=self._name(table), key=self.dialect.identifier_preparer.quote_identifier(table.primary_key),
            version=int(version), first_key=int(first_key), page_size=int(page_size),
        )  # fmt: skip
        return [row[0] for row in self.fetch((text, {}), f"table {table.schema}.{table.name}")[0]]

    def active_rowversion(self) -> bytes:
        """The smallest rowversion of a transaction that may still be open. Raises SourceError."""
        return bytes(self.query("active_rowversion_mssql")[0][0])

    def _name(self, table: SourceTable) -> str:
        quote = self.dialect.identifier_preparer.quote_identifier
        return f"{quote(table.schema)}.{quote(table.name)}"

    def _snapshots_are_allowed(self) -> bool:
        if self.dialect.name != "mssql":
            return self.dialect.name == "postgresql"
        cursor = self._connection.connection.cursor()  # type: ignore[union-attr]  # called while it is open
        try:
            cursor.execute(load_query(__file__, "sql/snapshot_isolation_mssql.sql"))
            row = cursor.fetchone()
        finally:
            cursor.close()
        return row is not None and row[0] == 1


def _quoted(name: str) -> sa.quoted_name:
    return sa.quoted_name(name, quote=True)
