"""The PostgreSQL side of one session: runs translated statements, keeps the transaction SQL Server would keep.

Reads the source database; writes nothing but temporary catalog views. A snapshot transaction becomes a
repeatable-read one, so that a reader really sees one moment.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors as postgres

from tests.tds_server.errors import (
    SqlError,
    deadlock_victim,
    invalid_column,
    invalid_object,
    no_transaction_to,
    snapshot_not_allowed,
    snapshot_too_late,
    syntax_error,
)
from tests.tds_server.translate import ISOLATION_LEVELS, Item, TableTypes
from tests.tds_server.wire_types import Column, WireType

_CATALOG = Path(__file__).with_name("catalog.sql")
_BATCH_ROWS = 500
_BY_OID = {
    16: "bit", 20: "bigint", 21: "int", 23: "int", 25: "nvarchar(max)", 17: "varbinary(max)", 701: "float",
    1114: "datetime2", 2950: "uniqueidentifier", 19: "nvarchar(128)",
}  # fmt: skip
_VARCHAR, _NUMERIC = 1043, 1700
# PostgreSQL types whose values fit a declared type; a column that was retyped at the source fits no more
_FITTING = {
    "bigint": {20, 21, 23, _NUMERIC}, "int": {21, 23, 20}, "bit": {16}, "float": {701, 700}, "money": {_NUMERIC},
    "decimal": {_NUMERIC}, "datetime2": {1114}, "nvarchar": {25, _VARCHAR, 19}, "varchar": {25, _VARCHAR, 19},
    "uniqueidentifier": {2950}, "varbinary": {17}, "binary": {17}, "rowversion": {17},
}  # fmt: skip

Rows = Iterator[Sequence[Any]]


class SourceSession:
    """One PostgreSQL connection with a T-SQL session's transaction state."""

    def __init__(self, url: str, types: TableTypes, *, database: str, snapshot_allowed: bool) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._database = database
        self._snapshot_allowed = snapshot_allowed
        self._started = False  # whether PostgreSQL's transaction has begun; it begins with the first query
        self._begun_under = ""
        self.open_transactions = 0
        self.isolation = "READ COMMITTED"
        self._prepare(types)
        self._publish()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def set_isolation(self, level: str) -> None:
        """SET TRANSACTION ISOLATION LEVEL; it outlives transactions."""
        self.isolation = level
        self._publish()

    def begin(self) -> None:
        """BEGIN TRANSACTION; nested ones only count."""
        if self.open_transactions == 0:
            self._begun_under = self.isolation
        self.open_transactions += 1

    def commit(self) -> None:
        """COMMIT TRANSACTION. Raises SqlError 3902 when none is open."""
        if self.open_transactions == 0:
            raise no_transaction_to("COMMIT")
        self.open_transactions -= 1
        if self.open_transactions == 0:
            self._end()

    def rollback(self) -> None:
        """ROLLBACK TRANSACTION, of all levels. Raises SqlError 3903 when none is open."""
        if self.open_transactions == 0:
            raise no_transaction_to("ROLLBACK")
        self.abandon()

    def abandon(self) -> None:
        """Roll back whatever is open, as the server does to a deadlock's victim."""
        self.open_transactions = 0
        self._end()

    def query(self, text: str, items: Sequence[Item]) -> tuple[list[Column], Rows]:
        """Run a query; return its columns and its rows. Raises SqlError."""
        self._check_isolation()
        try:
            if self.open_transactions and not self._started:
                snapshot = self._begun_under in ("SNAPSHOT", "REPEATABLE READ", "SERIALIZABLE")
                level = "repeatable read" if snapshot else "read committed"
                self._connection.execute(f"begin isolation level {level} read only")
                self._started = True
            cursor = self._connection.cursor(binary=True)
            cursor.execute(text.encode())
        except postgres.Error as error:
            self._end()
            raise as_sql_error(error) from error
        return _columns(cursor, items), _rows(cursor)

    def _check_isolation(self) -> None:
        if self.isolation != "SNAPSHOT":
            return
        if not self._snapshot_allowed:
            raise snapshot_not_allowed(self._database)
        if self.open_transactions and self._begun_under != "SNAPSHOT":
            raise snapshot_too_late(self._database)

    def _end(self) -> None:
        if self._started:
            self._connection.execute("rollback")
            self._started = False
            self._publish()

    def _publish(self) -> None:
        """Let the catalog views show this session's state."""
        values = {
            "tds.database": self._database,
            "tds.isolation": str(ISOLATION_LEVELS.index(self.isolation) + 1),
            "tds.snapshot": str(int(self._snapshot_allowed)),
        }
        for item in values.items():
            self._connection.execute("select set_config(%s, %s, false)", item)

    def _prepare(self, types: TableTypes) -> None:
        self._connection.execute(_CATALOG.read_bytes())
        with self._connection.cursor().copy("copy source_type from stdin") as copy:
            for table, columns in types.items():
                for name, declared in columns.items():
                    copy.write_row(("dbo", table, name, declared.name, declared.length or None))


def _columns(cursor: psycopg.Cursor[Any], items: Sequence[Item]) -> list[Column]:
    description = cursor.description or []
    found = items if len(items) == len(description) else [Item(column.name, None) for column in description]
    return [
        Column(
            item.name, item.type if item.type and column.type_code in _FITTING[item.type.name] else _result_type(column)
        )
        for item, column in zip(found, description, strict=True)
    ]


def _result_type(column: psycopg.Column) -> WireType:
    if column.type_code == _NUMERIC:
        return WireType("decimal", column.precision or 38, column.scale or 0)
    if column.type_code == _VARCHAR and column.display_size:
        return WireType("nvarchar", column.display_size)
    return WireType.parse(_BY_OID.get(column.type_code, "nvarchar(max)"))


def _rows(cursor: psycopg.Cursor[Any]) -> Rows:
    while batch := cursor.fetchmany(_BATCH_ROWS):
        yield from batch


def as_sql_error(error: postgres.Error) -> SqlError:
    """Say what PostgreSQL refused in SQL Server's words and numbers."""
    text = error.diag.message_primary or str(error)
    quoted = text.split('"')[1] if '"' in text else text.removeprefix("column ").removesuffix(" does not exist")
    if isinstance(error, postgres.UndefinedTable):
        return invalid_object(quoted)
    if isinstance(error, postgres.UndefinedColumn):
        return invalid_column(quoted.split(".")[-1])
    if isinstance(error, postgres.DeadlockDetected | postgres.SerializationFailure):
        return deadlock_victim()
    if isinstance(error, postgres.InsufficientPrivilege):
        return SqlError(229, f"The SELECT permission was denied on the object '{quoted}'.", severity=14, state=5)
    if isinstance(error, postgres.SyntaxError | postgres.UndefinedFunction):
        return syntax_error(text)
    return SqlError(50000, text)
