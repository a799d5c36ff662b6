"""Stage: SOURCE -> BRONZE, the encoding. Pure: reads driver values, returns text for COPY; no I/O, no driver.

A source row becomes a Debezium-style envelope ``{"op","after","ts_ms","before","source"}``
(https://debezium.io/documentation/reference/stable/connectors/sqlserver.html, "Change event values").
Values are encoded by the declared SQL Server type, never by what a driver happens to return:

=================  ===========================================================================
bigint, int        number
bit                true / false
float              number; NaN and infinities cannot be written in JSON and are refused
nvarchar           string; U+0000 and lone surrogates cannot be stored in jsonb and are refused
datetime2          ISO 8601 without zone, no fraction or six digits of it
money, decimal     string with the declared number of decimals, never through a float
uniqueidentifier   lower-case string
varbinary          base64 (RFC 4648, section 4)
=================  ===========================================================================

A refused row loses nothing: it becomes a :class:`DeadRow` with its key, the reason and its raw form.

There are two routes to the same bytes. The fast one hands whole rows to orjson and checks a page
for trouble afterwards; the strict one looks at every value. A page that fails a check of the fast
route is encoded again by the strict one, which decides row by row.
"""

import math
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson

from ingest.tables import SourceColumn, SourceTable

Row = tuple[Any, ...]
Converter = Callable[[Any], Any]

LARGEST_PAYLOAD_BYTES = 200 * 1024 * 1024  # jsonb refuses objects of 256 MB; strings grow by their headers
_RAW_CHARACTERS = 100_000  # of a refused row kept for a person to read
_BIGGEST_INTEGER = 2**63
_MONEY_DECIMALS = 4  # https://learn.microsoft.com/sql/t-sql/data-types/money-and-smallmoney-transact-sql


class UnencodableValueError(Exception):
    """A value that the warehouse cannot hold or that does not fit its declared type."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"column {column}: {reason}")
        self.column = column


class KeyOrderError(Exception):
    """Keys of a page do not rise strictly, so keyset paging would lose or repeat rows."""


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A source row that was refused: key as text, column at fault, why, and the row as Python prints it."""

    row_key: str
    column: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """One page, ready for ``COPY bronze.<table> (row_key, source_ts_ms, payload) FROM STDIN`` in text format."""

    rows: int
    copy_text: bytes
    last_key: int | None
    source_ts_ms: int
    dead_rows: tuple[DeadRow, ...]

    @property
    def rows_read(self) -> int:
        """Rows taken from the source: the good and the refused."""
        return self.rows + len(self.dead_rows)


def jsonb_order(name: str) -> tuple[int, bytes]:
    """Sort key of object members as jsonb stores them: shorter first, then bytewise.

    Members that arrive in this order cost jsonb no sorting, measured 3 to 4 microseconds per 49-column row
    (PostgreSQL, src/backend/utils/adt/jsonb_util.c, ``lengthCompareJsonbStringValue``).
    """
    encoded = name.encode()
    return len(encoded), encoded


class EnvelopeEncoder:
    """Encodes pages of one table; rows must hold the values of ``columns`` in that order."""

    def __init__(self, table: SourceTable, database: str, *, connector: str = "direct", op: str = "r") -> None:
        self._columns = tuple(sorted(table.columns, key=lambda column: jsonb_order(column.name)))
        self.columns = tuple(column.name for column in self._columns)
        self._key = self.columns.index(table.primary_key)
        self._strict = tuple(_strict_converter(column) for column in self._columns)
        self._fast = tuple(
            (column.name, convert)
            for column, convert in zip(self._columns, self._strict, strict=True)
            if column.type_name in ("money", "decimal", "numeric", "varbinary")
        )
        self._floats = tuple(i for i, column in enumerate(self._columns) if column.type_name == "float")
        self._checked = tuple(
            (i, _FAST_TYPES[column.type_name])
            for i, column in enumerate(self._columns)
            if column.type_name in _FAST_TYPES
        )
        self._op = op
        self._source = {
            "db": database, "table": table.name, "schema": table.schema,
            "snapshot": "true" if op == "r" else "false", "connector": connector,
        }  # fmt: skip

    def encode_page(self, rows: Sequence[Row], source_ts_ms: int) -> EncodedPage:
        """Encode rows read in key order at ``source_ts_ms`` (milliseconds since 1970, UTC).

        Raises KeyOrderError when the keys do not rise.
        """
        key = self._key
        keys = [row[key] for row in rows]
        if any(later <= earlier for earlier, later in pairwise(keys)):
            raise KeyOrderError(f"column {self.columns[key]}: keys repeat or are out of order near {keys[0]}")
        before, after = self._frame(source_ts_ms)
        dead: list[DeadRow] = []
        text = self._encode_fast(rows, before, after)
        if text is None:
            text = self._encode_strictly(rows, before, after, dead)
        # COPY's text format reads a backslash as an escape; JSON holds no raw tab or newline
        return EncodedPage(
            rows=len(rows) - len(dead),
            copy_text=text.replace(b"\\", b"\\\\"),
            last_key=keys[-1] if keys else None,
            source_ts_ms=source_ts_ms,
            dead_rows=tuple(dead),
        )

    def _frame(self, source_ts_ms: int) -> tuple[bytes, bytes]:
        source = self._source | {"ts_ms": source_ts_ms}
        ordered = orjson.dumps(dict(sorted(source.items(), key=lambda item: jsonb_order(item[0]))))
        before = b'\t%d\t{"op":%b,"after":' % (source_ts_ms, orjson.dumps(self._op))
        return before, b',"ts_ms":%d,"before":null,"source":%b}\n' % (source_ts_ms, ordered)

    def _encode_fast(self, rows: Sequence[Row], before: bytes, after: bytes) -> bytes | None:
        """Return the text of all rows, or None when something needs a closer look."""
        if not self._types_are_usual(rows):
            return None
        names, key, dumps = self.columns, self._key, orjson.dumps
        try:
            if not all(math.isfinite(sum(row[i] for row in rows if row[i] is not None)) for i in self._floats):
                return None
            if self._fast:
                text = b"".join([
                    b"%d%b%b%b" % (row[key], before, dumps(self._record(row)), after) for row in rows
                ])  # fmt: skip
            else:
                text = b"".join([
                    b"%d%b%b%b" % (row[key], before, dumps(dict(zip(names, row, strict=True))), after) for row in rows
                ])  # fmt: skip
        except (TypeError, UnencodableValueError, OverflowError):
            return None
        return None if b"\\u0000" in text or len(text) > LARGEST_PAYLOAD_BYTES else text

    def _record(self, row: Row) -> dict[str, Any]:
        record = dict(zip(self.columns, row, strict=True))
        for name, convert in self._fast:
            value = record[name]
            if value is not None:
                record[name] = convert(value)
        return record

    def _types_are_usual(self, rows: Sequence[Row]) -> bool:
        """Look at the first value of each column: orjson would write a wrong type in silence.

        The first is enough because a driver decodes a column one way, as the result's description says.
        """
        for i, expected in self._checked:
            value = next((row[i] for row in rows if row[i] is not None), None)
            if value is not None and (type(value) is not expected or getattr(value, "tzinfo", None) is not None):
                return False
        return True

    def _encode_strictly(self, rows: Sequence[Row], before: bytes, after: bytes, dead: list[DeadRow]) -> bytes:
        lines = []
        for row in rows:
            try:
                lines.append(b"%d%b%b%b" % (_integer_key(row[self._key]), before, self.encode_row(row), after))
            except UnencodableValueError as error:
                raw = repr(dict(zip(self.columns, row, strict=True)))[:_RAW_CHARACTERS]
                dead.append(DeadRow(str(row[self._key]), error.column, str(error), raw))
        return b"".join(lines)

    def encode_row(self, row: Row) -> bytes:
        """Return the ``after`` object of one row as JSON, every value checked. Raises UnencodableValueError."""
        record = {
            name: None if value is None else convert(value)
            for name, convert, value in zip(self.columns, self._strict, row, strict=True)
        }
        encoded = orjson.dumps(record)
        if len(encoded) > LARGEST_PAYLOAD_BYTES:
            raise UnencodableValueError("*", f"the row takes {len(encoded):,} bytes, more than jsonb can hold")
        return encoded


_FAST_TYPES: dict[str, type] = {
    "bit": bool, "datetime2": datetime, "uniqueidentifier": UUID, "nvarchar": str, "float": float,
    "bigint": int, "int": int,
}  # fmt: skip


def _strict_converter(column: SourceColumn) -> Converter:
    kind = column.type_name
    if kind in ("decimal", "numeric"):
        decimals = int(column.type.rstrip(")").partition(",")[2] or 0)
        return _decimal_converter(column.name, decimals)
    if kind == "money":
        return _decimal_converter(column.name, _MONEY_DECIMALS)
    try:
        convert = _CONVERTERS[kind]
    except KeyError:
        raise UnencodableValueError(column.name, f"no encoding for SQL Server type {column.type}") from None
    name = column.name
    return lambda value: convert(name, value)


def _integer_key(value: Any) -> int:
    if type(value) is not int:
        raise UnencodableValueError("key", f"expected an integer, got {type(value).__name__}")
    return value


def _integer(column: str, value: Any) -> int:
    if type(value) is not int or not -_BIGGEST_INTEGER <= value < _BIGGEST_INTEGER:
        raise UnencodableValueError(column, f"expected a 64-bit integer, got {_shown(value)}")
    return value


def _bit(column: str, value: Any) -> bool:
    if type(value) is bool or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise UnencodableValueError(column, f"expected a bit, got {_shown(value)}")


def _float(column: str, value: Any) -> float:
    if type(value) not in (float, int):
        raise UnencodableValueError(column, f"expected a float, got {_shown(value)}")
    if not math.isfinite(value):
        raise UnencodableValueError(column, f"{value} cannot be written in JSON")
    return float(value)


def _text(column: str, value: Any) -> str:
    if type(value) is not str:
        raise UnencodableValueError(column, f"expected text, got {_shown(value)}")
    if "\0" in value:
        raise UnencodableValueError(column, f"U+0000 at character {value.index(chr(0))}: jsonb cannot hold it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UnencodableValueError(
            column, f"lone surrogate U+{ord(value[error.start]):04X} at character {error.start}: not valid Unicode"
        ) from error
    return value


def _datetime(column: str, value: Any) -> str:
    if isinstance(value, str):  # datetime2 under TDS older than 7.3; PostgreSQL holds microseconds, not the 7th digit
        whole, point, fraction = value.partition(".")
        try:
            value = datetime.fromisoformat(f"{whole}{point}{fraction[:6]}")
        except ValueError as error:
            raise UnencodableValueError(column, f"expected a date and time, got {_shown(value)}") from error
    if not isinstance(value, datetime):
        raise UnencodableValueError(column, f"expected a date and time, got {_shown(value)}")
    if value.tzinfo is not None:
        raise UnencodableValueError(column, f"datetime2 has no zone, got {value.isoformat()}")
    return value.isoformat()


def _unique_identifier(column: str, value: Any) -> str:
    try:
        return str(value if isinstance(value, UUID) else UUID(value))
    except (ValueError, TypeError, AttributeError) as error:
        raise UnencodableValueError(column, f"expected a unique identifier, got {_shown(value)}") from error


def _binary(column: str, value: Any) -> str:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise UnencodableValueError(column, f"expected bytes, got {_shown(value)}")
    return b2a_base64(value, newline=False).decode("ascii")


def _decimal_converter(column: str, decimals: int) -> Converter:
    pattern = f".{decimals}f"

    def convert(value: Any) -> str:
        if type(value) is int:
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite():
            raise UnencodableValueError(column, f"expected an exact decimal, got {_shown(value)}")
        text = format(value, pattern)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -decimals and Decimal(text) != value:
            raise UnencodableValueError(column, f"{value} has more than {decimals} decimals")
        return text

    return convert


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.80}"


_CONVERTERS: dict[str, Callable[[str, Any], Any]] = {
    "bigint": _integer,
    "int": _integer,
    "bit": _bit,
    "float": _float,
    "nvarchar": _text,
    "datetime2": _datetime,
    "uniqueidentifier": _unique_identifier,
    "varbinary": _binary,
}
