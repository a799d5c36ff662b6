"""Stage: SOURCE -> BRONZE, single values. Pure: one strict converter per SQL Server type.

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
"""

import math
from binascii import b2a_base64
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ingest.tables import SourceColumn

Converter = Callable[[Any], Any]

_BIGGEST_INTEGER = 2**63
_MONEY_DECIMALS = 4  # https://learn.microsoft.com/sql/t-sql/data-types/money-and-smallmoney-transact-sql


class UnencodableValueError(Exception):
    """A value that the warehouse cannot hold or that does not fit its declared type."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"column {column}: {reason}")
        self.column = column


def strict_converter(column: SourceColumn) -> Converter:
    """Return the function that turns a value of ``column`` into what JSON holds, or raises UnencodableValueError.

    Raises UnencodableValueError at once for a type nobody has written an encoding for.
    """
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
