"""Stage: SOURCE. Reads tables of the source databases page by page; writes nothing.

Two sources are configured, as the user has them: ``product`` (dbo.Product) and ``ecosystem`` (the
other tables), each with its own SQLAlchemy URL. Production is ``mssql+pymssql://``; the demo is
``postgresql+psycopg://``. Statements are SQLAlchemy Core, so each dialect quotes and pages its own way.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from ingest.envelope import Row
from ingest.failures import SourceTableError, classify_source_error
from ingest.tables import TABLES, SourceTable

PRODUCT_TABLE = "Product"
SOURCE_NAMES = ("product", "ecosystem")
_CONNECT_SECONDS = 10
_READ_SECONDS = 300  # one page; a table scan for a count takes longer than a page on a busy server


@dataclass(frozen=True)
class SourceDatabase:
    """One source database: its name in checkpoints, its URL (never printed) and the tables read from it."""

    name: str
    url: URL = field(repr=False)
    tables: tuple[SourceTable, ...]

    @property
    def description(self) -> str:
        """Name, dialect, host and database; no user, no password."""
        url = self.url
        host = url.host or url.query.get("host") or "local"
        port = f":{url.port}" if url.port else ""
        return f"source {self.name} ({url.get_backend_name()} {host}{port}/{url.database})"


def configured_sources(settings: Settings, demo_url: str | None = None) -> tuple[SourceDatabase, ...]:
    """Return the sources ``product`` and ``ecosystem``; an unset URL means the demo database ``demo_url``.

    Raises SettingsError: neither is set, or a URL cannot be read.
    """
    urls = {"product": settings.source_product_url, "ecosystem": settings.source_ecosystem_url}
    return tuple(source_database(name, urls[name] or demo_url) for name in SOURCE_NAMES)


def source_database(name: str, url: str | None, tables: Iterable[SourceTable] | None = None) -> SourceDatabase:
    """Return the source ``name`` at ``url``. Raises SettingsError; the message never repeats the URL."""
    variable = f"CORDSEARCH_SOURCE_{name.upper()}_URL"
    if not url:
        raise SettingsError(
            f"{variable} is not set. Give a SQLAlchemy URL such as mssql+pymssql://user:password@host/db."
        )
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgresql", "postgres"):
        url = f"postgresql+psycopg://{rest}"
    try:
        parsed = sa.make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError, ImportError) as error:
        raise SettingsError(
            f"{variable} is not a SQLAlchemy URL this installation can use ({type(error).__name__}). "
            f"It should look like mssql+pymssql://user:password@host:1433/database."
        ) from None
    chosen = tuple(tables) if tables is not None else _tables_of(name)
    return SourceDatabase(name, parsed, chosen)


def _tables_of(name: str) -> tuple[SourceTable, ...]:
    return tuple(table for table in TABLES if (table.name == PRODUCT_TABLE) == (name == "product"))


class PageStatements:
    """The statements that read one table in key order, compiled once for a dialect."""

    def __init__(self, table: SourceTable, columns: Sequence[str], page_size: int, dialect: Dialect) -> None:
        relation = sa.table(
            _quoted(table.name), *(sa.column(_quoted(name)) for name in columns), schema=_quoted(table.schema)
        )
        key = relation.c[table.primary_key]
        # written out: PostgreSQL would plan a bound LIMIT as a tenth of the table; TOP is written out anyway
        limit = page_size if dialect.name == "mssql" else sa.literal(page_size, sa.Integer(), literal_execute=True)
        first = sa.select(*(relation.c[name] for name in columns)).order_by(key).limit(limit)
        self._first = _compile(first, dialect)
        self._next = _compile(first.where(key > sa.bindparam("last_key", 0, sa.BigInteger())), dialect)

    def after(self, last_key: int | None) -> tuple[str, dict[str, Any]]:
        """Return statement and parameters of the page after ``last_key``, or of the first page."""
        if last_key is None:
            return self._first
        statement, parameters = self._next
        return statement, parameters | {"last_key": last_key}


def _quoted(name: str) -> sa.quoted_name:
    """Quoted whatever the dialect thinks of the word: names such as Top and User occur."""
    return sa.quoted_name(name, quote=True)


def _compile(statement: sa.Select[Any], dialect: Dialect) -> tuple[str, dict[str, Any]]:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


class SourceReader:
    """One connection to one source. Not for use by two threads at once."""

    def __init__(self, source: SourceDatabase) -> None:
        self.source = source
        self._engine: Engine = sa.create_engine(
            source.url, poolclass=sa.NullPool, connect_args=_connect_arguments(source.url)
        )
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect of the source."""
        return self._engine.dialect

    @property
    def database(self) -> str:
        """The database name, as the envelope's ``source.db`` gives it."""
        return self.source.url.database or ""

    def connect(self) -> Connection:
        """Return the open connection, opening it if needed. Raises SourceError."""
        if self._connection is None:
            try:
                # autocommit: no transaction stays open on the source while a page is written elsewhere
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except (SQLAlchemyError, OSError) as error:
                raise classify_source_error(error, self.source.description, connecting=True) from None
        return self._connection

    def close(self) -> None:
        """Drop the connection; the next use opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # a broken connection may fail to close; nothing is lost by that
                connection.close()

    def visible_columns(self, schema: str) -> dict[str, set[str]]:
        """Return the columns of every table the user can see in ``schema``. Raises SourceError."""
        found: dict[str, set[str]] = {}
        try:
            query = sa.text(load_query(__file__, "sql/source_columns.sql"))
            for row in self.connect().execute(query, {"schema_name": schema}):
                found.setdefault(str(row[0]), set()).add(str(row[1]))
        except SQLAlchemyError as error:
            self.close()
            raise classify_source_error(error, self.source.description) from error
        return found

    def estimated_rows(self, table: SourceTable) -> int | None:
        """Return the server's own cheap row estimate, or None when it has none."""
        backend = self.source.url.get_backend_name()
        if backend not in ("postgresql", "mssql"):
            return None
        query = load_query(__file__, f"sql/estimate_rows_{backend}.sql")
        names = {"schema_name": table.schema, "table_name": table.name}
        try:
            count = self.connect().execute(sa.text(query), names).scalar()
        except SQLAlchemyError:
            self.close()  # an estimate is a courtesy: without permission there is simply no time left shown
            return None
        return int(count) if count is not None and count >= 0 else None

    def read_page(self, statements: PageStatements, table: SourceTable, last_key: int | None) -> tuple[list[Row], int]:
        """Return the rows after ``last_key`` and the time just before they were read (ms since 1970).

        Raises SourceError; after a TransientSourceError the connection is dropped and the call can be repeated.
        """
        read_at = time.time_ns() // 1_000_000
        try:
            cursor = self._cursor()
            try:
                cursor.execute(*statements.after(last_key))
                rows = cast("list[Row]", cursor.fetchall())
            finally:
                cursor.close()
        except self._driver_error as error:
            self.close()
            place = f"{self.source.description}, table {table.schema}.{table.name}"
            raise classify_source_error(error, place) from error
        return rows, read_at

    @property
    def _driver_error(self) -> type[Exception]:
        dbapi = self._engine.dialect.loaded_dbapi
        return cast("type[Exception]", dbapi.Error)

    def _cursor(self) -> Any:
        """A cursor of the driver itself: SQLAlchemy's row objects would cost more than the encoding."""
        return self.connect().connection.cursor()


def check_table(source: SourceDatabase, table: SourceTable, visible: dict[str, set[str]]) -> None:
    """Raise SourceTableError when the table or one of its columns is missing among the ``visible`` ones."""
    place = f"{source.description}: table {table.schema}.{table.name}"
    if table.name not in visible:
        raise SourceTableError(
            f"{place} does not exist or the user may not see it. Check the name, grant SELECT on it, or leave it out."
        )
    missing = [name for name in table.column_names if name not in visible[table.name]]
    if missing:
        raise SourceTableError(
            f"{place} has no column {', '.join(missing)} (or the user may not see it). "
            f"The table was changed at the source: restore the column or change ingest/tables.json and staging."
        )


def _connect_arguments(url: URL) -> dict[str, object]:
    if url.get_driver_name() == "pymssql":
        return {"login_timeout": _CONNECT_SECONDS, "timeout": _READ_SECONDS, "charset": "UTF-8"}
    if url.get_driver_name() in ("psycopg", "psycopg2"):
        return {"connect_timeout": _CONNECT_SECONDS}
    return {}
