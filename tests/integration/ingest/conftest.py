"""A small source with all 36 tables, every type, every second optional value missing, and text of all kinds."""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from ingest.sources import SourceDatabase, source_database
from ingest.tables import TABLES, SourceColumn, SourceTable

ROWS = 37
POSTGRES_TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "bit": "boolean",
    "float": "double precision",
    "datetime2": "timestamp(6)",
    "money": "numeric(19,4)",
    "decimal": "numeric(18,2)",
    "uniqueidentifier": "uuid",
    "varbinary": "bytea",
    "nvarchar": "text",
}
TEXTS = (
    "Колодки гальмівні BPW", "Klocki ham. przód", 'кавычки "ёлочки" \\ и черта', "", " ", "tab\tnewline\nreturn\r",
    "\x01\x7f\x85\u2028", "😀 \U0010ffff", r"\u0000", "\\.", "\\N", "'; drop table x; --",
)  # fmt: skip


def create_source_table(connection: psycopg.Connection[Any], table: SourceTable) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(POSTGRES_TYPES[c.type_name])) for c in table.columns
    ]
    connection.execute(
        sql.SQL("create table {} ({}, primary key ({}))").format(
            sql.Identifier(table.schema, table.name), sql.SQL(", ").join(columns), sql.Identifier(table.primary_key)
        )
    )


def some_value(column: SourceColumn, chance: random.Random) -> object:
    if column.nullable and chance.random() < 0.5:
        return None
    makers: dict[str, Callable[[], object]] = {
        "bigint": lambda: chance.choice([0, -1, 2**63 - 1, -(2**63), chance.randint(1, 10**6)]),
        "int": lambda: chance.choice([0, -(2**31), 2**31 - 1]),
        "bit": lambda: chance.random() < 0.5,
        "float": lambda: chance.choice([0.0, -0.0, 0.1, 1e300, 5e-324, 12.0]),
        "money": lambda: Decimal(chance.choice(["0", "12.5", "-922337203685477.5808", "0.0001"])),
        "decimal": lambda: Decimal(chance.choice(["0", "1.10", "-9999999999999999.99"])),
        "datetime2": lambda: datetime(2024, 5, 1) + timedelta(microseconds=chance.choice([0, 1, 120_000, 999_999])),  # noqa: DTZ001
        "uniqueidentifier": lambda: uuid.UUID(int=chance.getrandbits(128)),
        "varbinary": lambda: chance.randbytes(16),
        "nvarchar": lambda: chance.choice(TEXTS),
    }
    return makers[column.type_name]()


def fill_source_table(connection: psycopg.Connection[Any], table: SourceTable, rows: int) -> None:
    chance = random.Random(table.name)
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table.schema, table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.column_names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(table.columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [1 + 3 * n if c.name == table.primary_key else some_value(c, chance) for c in table.columns]
                for n in range(rows)
            ],
        )


@pytest.fixture(scope="session")
def source_template(postgres_url: str) -> str:
    """Name of a database with ``ROWS`` rows in each of the 36 tables; keys have gaps. Lives as long as the server."""
    name = "ingest_source_template"
    create_database(postgres_url, name)
    with connect(database_url(postgres_url, name)) as connection:
        connection.execute("create schema dbo")
        for table in TABLES:
            create_source_table(connection, table)
            fill_source_table(connection, table, ROWS)
    return name


@pytest.fixture
def source_url(new_database: Callable[[str | None], str], source_template: str) -> str:
    """This test's own copy of that database."""
    return new_database(source_template)


@pytest.fixture
def sources(source_url: str) -> tuple[SourceDatabase, ...]:
    """Both sources on that one database."""
    return source_database("product", source_url), source_database("ecosystem", source_url)
