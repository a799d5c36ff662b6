"""Stage: SOURCE, before the stream. Writes the T-SQL that prepares a SQL Server database for its Debezium connector.

Pure text from the table registry, for a database administrator to read and run (``sqlcmd -i``); nothing is executed
here. Every step asks first whether it is done, so a script can be run again, after a table was added for instance.
``create_tables_script`` is only for an empty server, the one of docker-compose.yml for instance; a real source has its
tables. https://learn.microsoft.com/sql/relational-databases/track-changes/enable-and-disable-change-data-capture-sql-server
"""

from ingest.stream.connectors import connector_definitions
from ingest.stream.decode import SIGNAL_TABLE
from ingest.tables import SourceTable

_NEW_DATABASE = """\
-- Creates database [{database}] with the tables of the registry; what is there stays as it is.
IF DB_ID(N'{name}') IS NULL
    CREATE DATABASE [{database}];
GO
USE [{database}];
GO
"""
_NEW_TABLE = """\
IF OBJECT_ID(N'[{schema}].[{table}]', N'U') IS NULL
    CREATE TABLE [{schema}].[{table}] (
        {columns}
    );
GO
"""
_DATABASE = """\
-- Prepares database [{database}] for change data capture. Run by a member of sysadmin; safe to run again.
-- SQL Server Agent must run: its capture job fills the change tables.
USE [{database}];
GO
-- A captured table refuses texts above this limit, 64 kB by default, in every INSERT and UPDATE.
EXEC sys.sp_configure N'max text repl size', -1;
RECONFIGURE;
GO
-- The first snapshot and the log become one history without blocking writers (snapshot.isolation.mode=snapshot).
IF (SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()) = 0
    ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON;
GO
IF (SELECT is_cdc_enabled FROM sys.databases WHERE name = DB_NAME()) = 0
    EXEC sys.sp_cdc_enable_db;
GO
-- Rows inserted here tell the connector to snapshot a table again while changes go on.
IF OBJECT_ID(N'dbo.{signal}', N'U') IS NULL
    CREATE TABLE dbo.{signal} (
        id varchar(42) NOT NULL PRIMARY KEY,
        type varchar(32) NOT NULL,
        data varchar(2048) NULL
    );
GO
"""
_TABLE = """\
IF NOT EXISTS (SELECT 1 FROM cdc.change_tables WHERE source_object_id = OBJECT_ID(N'[{schema}].[{table}]'))
    EXEC sys.sp_cdc_enable_table
        @source_schema = N'{schema}', @source_name = N'{table}', @role_name = NULL, @supports_net_changes = 0;
GO
"""
_RETENTION = """\
-- A connector that was down longer than this has lost changes: a week, in minutes (the default is three days).
EXEC sys.sp_cdc_change_job @job_type = N'cleanup', @retention = 10080;
GO
"""


def create_tables_script(source: str, database: str) -> str:
    """Return the T-SQL that creates ``database`` with the tables of ``source`` (product or ecosystem).

    Keys but no foreign keys: the two sources are two databases, and one refers to the other.
    Raises ValueError as :func:`enable_cdc_script`.
    """
    tables = _tables_of(source, database)
    start = _NEW_DATABASE.format(database=database, name=database.replace("'", "''"))
    return start + "".join(
        _NEW_TABLE.format(schema=table.schema, table=table.name, columns=",\n        ".join(_columns(table)))
        for table in tables
    )


def _columns(table: SourceTable) -> list[str]:
    return [
        f"[{column.name}] {column.type}"
        + (" NULL" if column.nullable else " NOT NULL")
        + (" PRIMARY KEY" if column.name == table.primary_key else "")
        for column in table.columns
    ]


def enable_cdc_script(source: str, database: str) -> str:
    """Return the T-SQL for ``source`` (product or ecosystem) in ``database``.

    Raises ValueError: no such source, or a database name that cannot stand in brackets.
    """
    captured = [(table.schema, table.name) for table in _tables_of(source, database)] + [("dbo", SIGNAL_TABLE)]
    tables = "".join(_TABLE.format(schema=schema, table=table) for schema, table in captured)
    return _DATABASE.format(database=database, signal=SIGNAL_TABLE) + tables + _RETENTION


def _tables_of(source: str, database: str) -> tuple[SourceTable, ...]:
    found = next((one for one in connector_definitions() if one.name == f"cord-{source}"), None)
    if found is None:
        raise ValueError(f"source {source!r} is not product or ecosystem")
    if not database or "]" in database or "\n" in database:
        raise ValueError(f"{database!r} is not a database name")
    return found.tables
