"""Stage: demo source. Reads the vocabulary; writes schema ``dbo`` (36 tables) and ``demo.product_truth``.

Everything happens in one transaction: whoever looks sees the old catalogue or the new one, and an
interrupted run leaves the old one. Tables are made and filled in that transaction, so COPY can
freeze their rows and no later scan has to touch them again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import sql

from cordsearch.database import connect, describe_url
from cordsearch.errors import CordSearchError
from cordsearch.progress import Progress
from cordsearch.sql import load_query
from ingest.demo.catalogue import truth_text
from ingest.demo.ecosystem import all_rows
from ingest.demo.plan import Plan, build_plan
from ingest.demo.rows import Rows, complete, copy_text
from ingest.demo.vocabulary import load_vocabulary
from ingest.tables import TABLES, TABLES_BY_NAME, SourceColumn, SourceTable

FEWEST_PRODUCTS = 100
CHUNK_ROWS = 10_000  # part of the seed: another size gives another catalogue
_POSTGRES_TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "bit": "boolean",
    "datetime2": "timestamp(6)",
    "float": "double precision",
    "money": "numeric(19,4)",
    "uniqueidentifier": "uuid",
    "varbinary": "bytea",
    "nvarchar(max)": "text",
}


def create_demo_source(url: str, products: int, seed: int = 20240501) -> None:
    """Drop and create schemas ``dbo`` and ``demo`` of the database at ``url`` and fill them with ``products`` products.

    The same ``products`` and ``seed`` give the same rows.

    Raises:
        CordSearchError: fewer than 100 products, or PostgreSQL refused (no right to create a schema, disk full).
        DatabaseUnavailableError: the database cannot be reached.
    """
    if products < FEWEST_PRODUCTS:
        raise CordSearchError(f"A demo catalogue needs at least {FEWEST_PRODUCTS} products, not {products}.")
    plan = build_plan(load_vocabulary(), products, seed)
    rows = all_rows(plan)
    with connect(url) as connection:
        try:
            _write(connection, plan, rows)
        except psycopg.Error as error:
            connection.rollback()
            raise CordSearchError(
                f"Cannot write the demo source into {describe_url(url)}: {str(error).strip()}. Nothing was changed."
            ) from error


def _write(connection: psycopg.Connection[Any], plan: Plan, rows: list[Rows]) -> None:
    connection.execute(load_query(__file__, "sql/create_schemas.sql"))
    total = sum(each.count for each in rows) + plan.products
    with Progress("demo source", total) as progress:
        for each in rows:
            table = TABLES_BY_NAME[each.table]
            connection.execute(create_table(table))
            for count in _copy(connection, _copy_statement(table), _chunks(plan, each)):
                progress.advance(count)
        truth = "copy demo.product_truth (product_id, part_type, make, model) from stdin (freeze)"
        for count in _copy(connection, sql.SQL(truth).format(), _truth_chunks(plan)):
            progress.advance(count)
    _finish(connection)


def table_texts(plan: Plan, rows: Rows) -> Iterator[str]:
    """Yield the COPY text of one table chunk by chunk."""
    return (text for text, _ in _chunks(plan, rows))


def _chunks(plan: Plan, rows: Rows) -> Iterator[tuple[str, int]]:
    table = TABLES_BY_NAME[rows.table]
    for start in range(0, rows.count, CHUNK_ROWS):
        stop = min(start + CHUNK_ROWS, rows.count)
        random = plan.random(rows.table, start // CHUNK_ROWS)
        block = complete(table, rows.make(random, start, stop), random, start, rows)
        yield copy_text(table, block), stop - start


def _truth_chunks(plan: Plan) -> Iterator[tuple[str, int]]:
    for start in range(0, plan.products, CHUNK_ROWS):
        stop = min(start + CHUNK_ROWS, plan.products)
        yield truth_text(plan, start, stop), stop - start


def _copy(
    connection: psycopg.Connection[Any], statement: sql.Composed, chunks: Iterator[tuple[str, int]]
) -> Iterator[int]:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for text, count in _one_ahead(chunks):
            copy.write(text)
            yield count


def _one_ahead(chunks: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Make the next chunk in a thread while the server reads this one: both cores work."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(next, chunks, None)
        while (chunk := waiting.result()) is not None:
            waiting = pool.submit(next, chunks, None)
            yield chunk


def create_table(table: SourceTable) -> sql.Composed:
    """Return the statement that creates a source table, without its key: that is built faster after the rows."""
    return sql.SQL("create table {}.{} ({})").format(
        sql.Identifier(table.schema),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(_column_definition, table.columns)),
    )


def _column_definition(column: SourceColumn) -> sql.Composable:
    null = sql.SQL("") if column.nullable else sql.SQL(" not null")
    return sql.SQL("{} {}{}").format(sql.Identifier(column.name), sql.SQL(postgres_type(column.type)), null)


def postgres_type(source_type: str) -> Any:
    """Return the PostgreSQL type of a SQL Server type as the registry writes it; KeyError for an unknown one."""
    name, _, length = source_type.partition("(")
    if name == "nvarchar" and length != "max)":
        return f"varchar({length}"
    if name == "decimal":
        return f"numeric({length.replace(' ', '')}"
    return _POSTGRES_TYPES.get(source_type) or _POSTGRES_TYPES[name]


def _copy_statement(table: SourceTable) -> sql.Composed:
    return sql.SQL("copy {}.{} ({}) from stdin (freeze)").format(
        sql.Identifier(table.schema),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.column_names)),
    )


def _finish(connection: psycopg.Connection[Any]) -> None:
    """Keys and statistics, so that the loader can page by key from the first query on."""
    with Progress("demo source keys", len(TABLES), "tables") as progress:
        for table in TABLES:
            name = sql.SQL("{}.{}").format(sql.Identifier(table.schema), sql.Identifier(table.name))
            key = sql.Identifier(table.primary_key)
            connection.execute(sql.SQL("alter table {} add primary key ({})").format(name, key))
            connection.execute(sql.SQL("analyze {}").format(name))
            progress.advance(1)
        connection.execute(load_query(__file__, "sql/finish.sql"))
