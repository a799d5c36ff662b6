"""A source whose changes are also written to a log, as SQL Server's CDC and Debezium would: one history, told twice."""

import base64
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from ingest.stream.debezium_types import declared_decimals
from ingest.tables import TABLES_BY_NAME, SourceColumn, SourceTable
from tests.debezium import COMMITTED_MS, Change


class LoggedSource:
    """Writes rows to a source database; ``changes`` is its log, one commit after the other."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.changes: list[Change] = []

    def close(self) -> None:
        self._connection.close()

    def keys(self, table: str) -> list[int]:
        """Keys of the rows that are there."""
        query = sql.SQL("select {key} as key from {name} order by 1").format(**_names(TABLES_BY_NAME[table]))
        return [row["key"] for row in self._connection.execute(query)]

    def snapshot(self, *tables: str) -> list[Change]:
        """What a connector would say first: every row as it is now, at the present end of the log."""
        return [
            Change(TABLES_BY_NAME[table], "r", None, self._row(TABLES_BY_NAME[table], key), len(self.changes) + 1)
            for table in tables
            for key in self.keys(table)
        ]

    def put(self, table: str, key: int, **values: Any) -> None:
        """Insert a row, or change the columns given of one that is there."""
        source_table = TABLES_BY_NAME[table]
        values = {name: value for name, value in values.items() if name in source_table.column_names}
        before = self._row(source_table, key)
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        statement = "insert into {name} ({key}, {columns}) values (%s, {marks})"
        if before is not None:
            statement = "update {name} set ({key}, {columns}) = row(%s, {marks}) where {key} = %s"
        query = sql.SQL(statement).format(columns=columns, marks=marks, **_names(source_table))
        self._connection.execute(query, [key, *values.values(), *([key] if before else [])])
        self._log(source_table, "u" if before else "c", before, self._row(source_table, key))

    def delete(self, table: str, key: int) -> None:
        """Delete a row for good, if it is there."""
        source_table = TABLES_BY_NAME[table]
        before = self._row(source_table, key)
        if before is not None:
            query = sql.SQL("delete from {name} where {key} = %s").format(**_names(source_table))
            self._connection.execute(query, [key])
            self._log(source_table, "d", before, None)

    def _log(self, table: SourceTable, op: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        position = len(self.changes) + 2  # after the snapshot that stands at the same end of the log
        self.changes.append(Change(table, op, before, after, position, 1, COMMITTED_MS + position))

    def _row(self, table: SourceTable, key: int) -> dict[str, Any] | None:
        query = sql.SQL("select * from {name} where {key} = %s").format(**_names(table))
        row = self._connection.execute(query, [key]).fetchone()
        return row and {column.name: _in_bronze(column, row[column.name]) for column in table.columns}


def _names(table: SourceTable) -> dict[str, sql.Identifier]:
    return {"name": sql.Identifier(table.schema, table.name), "key": sql.Identifier(table.primary_key)}


def _in_bronze(column: SourceColumn, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.{declared_decimals(column)}f}"
    if isinstance(value, UUID):
        return str(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
