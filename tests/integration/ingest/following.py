"""What tests of the incremental loader share: passes, and what bronze and staging then hold."""

from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from cordsearch.database import connect
from cordsearch.freshness import observe
from cordsearch.freshness.report import TableAges, read_ages
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_report import IncrementalReport
from ingest.snapshot import run_snapshot
from ingest.sources import SourceDatabase
from ingest.tables import TABLES_BY_NAME

ROWS = 37
SMALL_PAGES = Limits(page_size=10)
NOON = datetime(2024, 6, 1, 12)  # noqa: DTZ001 - datetime2 has no zone


def follow(sources: Any, warehouse: str, *tables: str, limits: Limits = SMALL_PAGES) -> IncrementalReport:
    return run_incremental(sources, warehouse, tables or ("Storage",), limits)


def reconcile(sources: Any, warehouse: str, *tables: str, **options: Any) -> IncrementalReport:
    return run_reconciliation(sources, warehouse, tables or ("Storage",), SMALL_PAGES, **options)


def events(warehouse: str, table: str = "Storage") -> list[tuple[int, str, Any]]:
    """Key, operation and payload of every event, in the order of arrival."""
    name = sql.Identifier("bronze", TABLES_BY_NAME[table].bronze_table)
    with connect(warehouse) as connection:
        query = sql.SQL("select row_key, payload ->> 'op', payload from {} order by event_id").format(name)
        return connection.execute(query).fetchall()


def new_events(warehouse: str, table: str = "Storage", skip: int = ROWS) -> list[tuple[int, str]]:
    return [(key, op) for key, op, _ in events(warehouse, table)[skip:]]


def ages(warehouse: str) -> dict[str, TableAges]:
    """What is known of freshness now, by table."""
    observe(warehouse)
    return {table.table_name: table for table in read_ages(warehouse)[0]}


def staging(warehouse: str, table: str = "Storage", schema: str = "bronze") -> dict[int, Any]:
    """What staging would show, in its own words (dbt/macros/latest_rows.sql)."""
    name = sql.Identifier(schema, TABLES_BY_NAME[table].bronze_table)
    position = "(coalesce({0}.commit_lsn, ''), coalesce({0}.change_lsn, ''), coalesce({0}.event_serial_no, 0), "
    position += "{0}.source_ts_ms, {0}.event_id)"
    statement = f"""
        select e.row_key, e.payload -> 'after' from {{table}} as e where e.payload ->> 'op' <> 'd' and not exists (
            select from {{table}} as n where n.row_key = e.row_key and {position.format("n")} > {position.format("e")})
    """
    with connect(warehouse) as connection:
        return dict(connection.execute(sql.SQL(statement).format(table=name)).fetchall())


def truth(sources: tuple[SourceDatabase, ...], new_database: Any, table: str = "Storage") -> dict[int, Any]:
    """Staging after one snapshot of the source as it is now."""
    fresh = new_database(None)
    run_snapshot(sources, fresh, tables=[table])
    return staging(fresh, table)


def touch(source: psycopg.Connection[Any], key: int, name: str, updated: datetime = NOON) -> None:
    source.execute('update dbo."Storage" set "Name" = %s, "Updated" = %s where "ID" = %s', [name, updated, key])


def add(source: psycopg.Connection[Any], key: int, updated: datetime = NOON, table: str = "Storage") -> None:
    """Copy the first row under another key."""
    columns = [name for name in TABLES_BY_NAME[table].column_names if name not in ("ID", "Updated")]
    source.execute(
        sql.SQL('insert into {table} ("ID", "Updated", {columns}) select %s, %s, {columns} from {table} '
                'order by "ID" limit 1').format(
            table=sql.Identifier("dbo", table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
        ),
        [key, updated],
    )  # fmt: skip
