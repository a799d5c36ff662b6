"""Connections to the warehouse: the embedded server, or the one ``DATABASE_URL`` names.

Jobs use psycopg (synchronous), the service uses asyncpg; both take the URL this module yields.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.errors import DatabaseUnavailableError, ExtensionMissingError
from cordsearch.settings import Settings

WAREHOUSE_DATABASE = "cord_search"
DEMO_SOURCE_DATABASE = "cord_source"
OLDEST_SERVER_VERSION = 160_000
OLDEST_PGVECTOR = (0, 8, 4)
_CONNECT_SECONDS = 10


def connect(url: str, *, autocommit: bool = False, **parameters: Any) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a psycopg connection to ``url``; rows come as tuples.

    Raises:
        DatabaseUnavailableError: unreachable, login refused or no such database. The message holds no password.
    """
    try:
        return psycopg.connect(url, autocommit=autocommit, connect_timeout=_CONNECT_SECONDS, **parameters)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailableError(
            f"Cannot open a connection to {describe_url(url)}: {str(error).strip()}. "
            f"Check that the server runs and that host, port, database, user and password in the URL are right."
        ) from error
    except psycopg.ProgrammingError as error:  # the text is not a connection URL at all
        raise DatabaseUnavailableError(
            f"The database URL cannot be understood ({type(error).__name__}). "
            f"It should look like postgresql://user:password@host:5432/database."
        ) from error


def describe_url(url: str) -> str:
    """Return host, port and database of ``url`` for messages and logs; never the user's password."""
    parts = conninfo_to_dict(url)
    host = parts.get("host") or "the default socket"
    return f"PostgreSQL database {parts.get('dbname', '?')!r} at {host}, port {parts.get('port', 5432)}"


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    """The project's own server; its files live in ``<data_directory>/postgres``."""
    return EmbeddedPostgres(settings.data_directory / "postgres")


@contextmanager
def warehouse(settings: Settings) -> Iterator[str]:
    """Yield the URL of a warehouse that is up and has its extensions.

    Starts the embedded server when ``DATABASE_URL`` is not set and stops it after the last user leaves.
    Raises DatabaseUnavailableError, ExtensionMissingError.
    """
    if settings.database_url is not None:
        prepare_extensions(settings.database_url)
        yield settings.database_url
        return
    server = embedded_server(settings)
    with server.running() as maintenance_url:
        create_database(maintenance_url, WAREHOUSE_DATABASE)
        url = server.url(WAREHOUSE_DATABASE)
        prepare_extensions(url)
        yield url


def create_database(maintenance_url: str, name: str, template: str | None = None) -> None:
    """Create database ``name`` on the server of ``maintenance_url`` unless it exists."""
    with connect(maintenance_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return
        copied_from = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)) + copied_from)


def database_url(url: str, database: str) -> str:
    """Return ``url`` pointing at another database of the same server."""
    parts = conninfo_to_dict(url)
    host = str(parts.get("host") or "")
    if not host.startswith("/"):
        return make_conninfo(url, dbname=database)
    return f"postgresql://{parts.get('user', 'postgres')}@/{database}?host={host}&port={parts.get('port', 5432)}"


def prepare_extensions(url: str) -> None:
    """Make sure the database has a usable pgvector and pg_trgm, creating or upgrading them if it may.

    Raises:
        ExtensionMissingError: the server is too old, lacks one of them, or may not create it; says what to install.
    """
    with connect(url, autocommit=True) as connection:
        version = connection.info.server_version
        if version < OLDEST_SERVER_VERSION:
            raise ExtensionMissingError(
                f"{describe_url(url)} is PostgreSQL {version // 10_000}; version 16 or newer is needed."
            )
        available = dict(
            connection.execute(
                "select name, default_version from pg_available_extensions where name in ('vector', 'pg_trgm')"
            ).fetchall()
        )
        _require_available(url, available)
        for extension in ("vector", "pg_trgm"):
            _create_or_upgrade(connection, url, extension, available[extension])


def _require_available(url: str, available: dict[str, str]) -> None:
    if "pg_trgm" not in available:
        raise ExtensionMissingError(
            f"{describe_url(url)} has no pg_trgm. Install the contrib package of that server "
            f"(Debian: postgresql-contrib; Fedora: postgresql-contrib) and try again."
        )
    found = available.get("vector")
    if found is None or _version(found) < OLDEST_PGVECTOR:
        have = "no pgvector" if found is None else f"pgvector {found}"
        raise ExtensionMissingError(
            f"{describe_url(url)} has {have}; 0.8.4 or newer is needed. Install it on that server "
            f"(Debian: postgresql-NN-pgvector from apt.postgresql.org; container: pgvector/pgvector:pg18)."
        )


def _create_or_upgrade(connection: psycopg.Connection[Any], url: str, extension: str, newest: str) -> None:
    row = connection.execute("select extversion from pg_extension where extname = %s", [extension]).fetchone()
    name = sql.Identifier(extension)
    try:
        if row is None:
            connection.execute(sql.SQL("create extension if not exists {}").format(name))
        elif _version(row[0]) < _version(newest) and extension == "vector" and _version(row[0]) < OLDEST_PGVECTOR:
            connection.execute(sql.SQL("alter extension {} update").format(name))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ExtensionMissingError(
            f"{describe_url(url)}: this user may not create extension {extension}. "
            f"Let an administrator run: create extension if not exists {extension};"
        ) from error


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def dbt_environment(url: str) -> dict[str, str]:
    """Return the connection of ``url`` as the ``DBT_*`` variables that dbt/profiles.yml reads."""
    parts = conninfo_to_dict(url)
    return {
        "DBT_HOST": str(parts.get("host") or "localhost"),
        "DBT_PORT": str(parts.get("port") or 5432),
        "DBT_USER": str(parts.get("user") or os.environ.get("USER", "postgres")),
        "DBT_PASSWORD": str(parts.get("password") or "unused"),
        "DBT_DBNAME": str(parts.get("dbname") or "postgres"),
        "DBT_SSLMODE": str(parts.get("sslmode") or "prefer"),
    }
