"""A small source database with all registered tables, made of the values that are hard to carry.

Writes schema ``dbo`` of an empty PostgreSQL database in the types the demo source uses.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from ingest.tables import TABLES, SourceColumn, SourceTable

ROWS_PER_TABLE = 60
_POSTGRES_TYPES = {
    "bigint": "bigint", "int": "integer", "bit": "boolean", "datetime2": "timestamp(6)", "float": "double precision",
    "money": "numeric(19,4)", "decimal": "numeric(18,2)", "uniqueidentifier": "uuid", "varbinary": "bytea",
}  # fmt: skip
_VALUES: dict[str, tuple[Any, ...]] = {
    "bigint": (0, 2**63 - 1, -(2**63), 42, 2**53 + 1),
    "int": (0, 2**31 - 1, -(2**31), 7),
    "bit": (True, False),
    "float": (0.0, -0.0, 0.1 + 0.2, 1.7976931348623157e308, -5e-324, 12.5),
    "money": tuple(map(Decimal, ("0", "0.0001", "922337203685477.5807", "-922337203685477.5808", "12.5"))),
    "decimal": tuple(map(Decimal, ("0", "-0.01", "9999999999999999.99", "-9999999999999999.99"))),
    "varbinary": (b"", b"\0" * 16, bytes(range(240, 256)), b"\\'"),
}
_TEXTS = (
    "Колодки гальмівні", "Амортизатор передній «Ґ»", "KLOCKI HAM. PRZÓD łożysko", "O'Neil \\ \"q\" \t\n %s %(a)s",
    "🚚🔧", "", " ", "-2146826246", "á\u0301\u200d", "x" * 5_000,
)  # fmt: skip


def create_registry_source(url: str, rows: int = ROWS_PER_TABLE) -> None:
    """Create every registered table with ``rows`` rows; keys rise with gaps."""
    with psycopg.connect(url) as connection:
        connection.execute("create schema dbo")
        for table in TABLES:
            connection.execute(_create(table))
            statement = sql.SQL("copy {} from stdin").format(sql.Identifier("dbo", table.name))
            with connection.cursor().copy(statement) as copy:
                for row in _rows(table, rows):
                    copy.write_row(row)


def _create(table: SourceTable) -> sql.Composed:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(_postgres_type(column)))
        for column in table.columns
    )
    return sql.SQL("create table {} ({}, primary key ({}))").format(
        sql.Identifier("dbo", table.name), columns, sql.Identifier(table.primary_key)
    )


def _postgres_type(column: SourceColumn) -> str:
    if column.type_name == "nvarchar":
        return "text" if "max" in column.type else column.type.replace("nvarchar", "varchar")
    return _POSTGRES_TYPES[column.type_name]


def _rows(table: SourceTable, count: int) -> Iterator[tuple[Any, ...]]:
    for i in range(count):
        yield tuple(
            3 * i + 1 if column.name == table.primary_key else _value(column, i + position)
            for position, column in enumerate(table.columns)
        )


def _value(column: SourceColumn, i: int) -> Any:
    if column.nullable and i % 3 == 0:
        return None
    if column.type_name == "nvarchar":
        length = column.type.partition("(")[2].rstrip(")")
        return _TEXTS[i % len(_TEXTS)][: None if length == "max" else int(length)]
    if column.type_name == "uniqueidentifier":
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{column.name}{i}")
    if column.type_name == "datetime2":
        start = datetime(1, 1, 1) if i % 7 == 0 else datetime(2024, 2, 28)  # noqa: DTZ001 - datetime2 has no zone
        return start + timedelta(hours=i, microseconds=i * 123_457)
    choices = _VALUES[column.type_name]
    return choices[i % len(choices)]
