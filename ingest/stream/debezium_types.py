"""Stage: KAFKA -> BRONZE, the values. Pure: reads decoded JSON or Avro values, returns bronze values; no I/O.

Each column's value is converted by its declared SQL Server type (ingest/tables.json) and by how Debezium says
it encoded it (https://debezium.io/documentation/reference/stable/connectors/sqlserver.html, "Data type mappings"),
so that the result is exactly what ``ingest.envelope`` writes for the same row. The shipped connectors run with
``time.precision.mode=adaptive``, ``decimal.handling.mode=string`` and ``binary.handling.mode=bytes``:

=================  ======================================================  ==========================
declared           accepted encoding                                       bronze
=================  ======================================================  ==========================
bigint, int        int8 .. int64                                           number
bit                boolean                                                 true / false
float              float, double                                           number
nvarchar           string                                                  string
datetime2          io.debezium.time.{NanoTimestamp,MicroTimestamp,         ISO 8601, microseconds
                   Timestamp}; without schema: nanoseconds
money, decimal     string; connect.data.Decimal (bytes, scale)             string, declared decimals
uniqueidentifier   string (SQL Server's driver writes capitals)            lower-case string
varbinary          bytes (base64 in JSON)                                  base64 string
=================  ======================================================  ==========================

Encodings that lose digits (``time.precision.mode=connect``, ``decimal.handling.mode=double``) are refused.
"""

import math
import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from ingest.tables import SourceColumn

Converter = Callable[[Any], Any]

UNAVAILABLE_VALUE = "__debezium_unavailable_value"  # what some connectors write for a large column left unchanged

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - datetime2 has no zone
_INTEGERS = frozenset({"int8", "int16", "int32", "int64"})
_FLOATS = frozenset({"float", "double"})
_BIGGEST_INTEGER = 2**63
_MONEY_DECIMALS = 4
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TIME = "io.debezium.time."
_DECIMAL = "org.apache.kafka.connect.data.Decimal"
# Without a schema the unit must follow from the number: a year around 1970 in nanoseconds is what every
# date from 1971 to 2262 is in microseconds, milliseconds or seconds.
_SMALLEST_CERTAIN_NANOSECONDS = 365 * 86_400 * 10**9


class BadValueError(Exception):
    """A value that is not encoded as the shipped connector configuration encodes its type."""


class FieldType(NamedTuple):
    """How one field is encoded: Kafka Connect type, semantic type (schema name) and, for decimals, scale."""

    name: str
    type: str
    semantic: str | None = None
    scale: int | None = None

    def __str__(self) -> str:
        return f"{self.type} ({self.semantic})" if self.semantic else self.type


def column_converter(column: SourceColumn, field: FieldType | None) -> Converter:
    """Return what turns a non-null value of ``column`` into its bronze value.

    ``field`` is None for messages that carry no schema. The converter raises BadValueError; so does this
    function when the encoding of ``field`` is not one that is accepted for the declared type.
    """
    kind = column.type_name
    if kind in ("money", "decimal", "numeric"):
        return _decimal_converter(declared_decimals(column), field)
    if kind == "datetime2":
        return _from_bare_timestamp if field is None else _timestamp_converter(field)
    accepted, convert = _PLAIN.get(kind, (frozenset[str](), None))
    if convert is None:
        raise BadValueError(f"no encoding for SQL Server type {column.type}")
    if field is not None and (field.type not in accepted or field.semantic not in _NAMES_WITHOUT_MEANING):
        raise BadValueError(f"declared {column.type}, but the message says {field}")
    return convert


def declared_decimals(column: SourceColumn) -> int:
    """Digits after the point: 4 for money, 2 for ``decimal(18, 2)``."""
    return _MONEY_DECIMALS if column.type_name == "money" else int(column.type.rstrip(")").partition(",")[2] or 0)


def extra_converter(field: FieldType) -> Converter:
    """Return the converter of a column that the registry does not know: kept, as exactly as JSON can.

    Raises BadValueError for an encoding that is not understood.
    """
    if field.semantic == _DECIMAL:
        return _decimal_converter(None, field)
    if field.semantic in _TIMESTAMP_NANOSECONDS or field.semantic == "org.apache.kafka.connect.data.Timestamp":
        return _timestamp_converter(field)
    known = _EXTRA_SEMANTICS.get(field.semantic or "")
    if known is not None:
        return known
    plain = _EXTRA_TYPES.get(field.type)
    if field.semantic is not None or plain is None:
        raise BadValueError(f"encoding {field} is not known")
    return plain


def _integer(value: Any) -> int:
    if type(value) is not int or not -_BIGGEST_INTEGER <= value < _BIGGEST_INTEGER:
        raise BadValueError(f"expected a 64-bit integer, got {_shown(value)}")
    return value


def _bit(value: Any) -> bool:
    if type(value) is not bool:
        raise BadValueError(f"expected true or false, got {_shown(value)}")
    return value


def _float(value: Any) -> float:
    if type(value) not in (float, int) or not math.isfinite(value):
        raise BadValueError(f"expected a finite number, got {_shown(value)}")
    return float(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise BadValueError(f"expected text, got {_shown(value)}")
    if value == UNAVAILABLE_VALUE:
        raise BadValueError("the connector left the value out because it did not change; nothing must be overwritten")
    return value


def _unique_identifier(value: Any) -> str:
    if type(value) is not str or not _UUID.fullmatch(value):
        raise BadValueError(f"expected a unique identifier, got {_shown(value)}")
    return value.lower()


def _binary(value: Any) -> str:
    return b2a_base64(_bytes(value), newline=False).decode("ascii")


def _bytes(value: Any) -> bytes:
    """Bytes as Avro gives them, or as JsonConverter writes them: base64 (RFC 4648, section 4)."""
    if type(value) is bytes:
        return value
    try:
        return a2b_base64(value, strict_mode=True) if value else b""
    except (Base64Error, TypeError, ValueError) as error:
        raise BadValueError(f"expected bytes in base64, got {_shown(value)}") from error


def _decimal_converter(decimals: int | None, field: FieldType | None) -> Converter:
    """``decimals`` None keeps the digits as they come."""
    if field is None or (field.type == "string" and field.semantic is None):
        return lambda value: _fixed(_decimal_from_text(value), decimals)
    if field.type == "bytes" and field.semantic == _DECIMAL and field.scale is not None:
        exponent = -field.scale
        return lambda value: _fixed(_decimal_from_bytes(value, exponent), decimals)
    raise BadValueError(
        f"declared as exact decimal, but the message says {field}: set decimal.handling.mode to string or precise"
    )


def _decimal_from_text(value: Any) -> Decimal:
    if type(value) is not str:
        raise BadValueError(f"expected an exact decimal in a string, got {_shown(value)}")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise BadValueError(f"expected an exact decimal, got {_shown(value)}") from error
    if not number.is_finite():
        raise BadValueError(f"expected an exact decimal, got {_shown(value)}")
    return number


def _decimal_from_bytes(value: Any, exponent: int) -> Decimal:
    """Big-endian two's complement, as java.math.BigInteger writes it (org.apache.kafka.connect.data.Decimal)."""
    raw = _bytes(value)
    if not raw:
        raise BadValueError("a decimal without any byte")
    number = int.from_bytes(raw, "big", signed=True)
    return Decimal((number < 0, tuple(int(digit) for digit in str(abs(number))), exponent))


def _fixed(number: Decimal, decimals: int | None) -> str:
    if decimals is None:
        return format(number, "f")
    text = format(number, f".{decimals}f")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals and Decimal(text) != number:
        raise BadValueError(f"{number} has more than {decimals} decimals")
    return text


# datetime2 counts in 100 ns, so what 2**64 adds to its last two digits tells how often a long wrapped around
_WRAPS = {(-16 * wraps) % 100: wraps for wraps in range(-4, 15)}


def datetime_from_nanoseconds(value: Any) -> datetime:
    """Return the moment ``value`` nanoseconds after 1970, to the microsecond below.

    A signed 64-bit count of nanoseconds reaches from 1677 to 2262. Debezium before the fix of dbz#2075
    multiplies without looking, so 0001-01-01, which .NET programs write for "no date", arrives as a day in 1754.
    Every datetime2 is a multiple of 100 ns and 2**64 is 16 more than one, so the last two digits say how many
    times 2**64 is missing: the true value comes back exactly. Raises BadValueError.
    """
    if type(value) is not int or not -_BIGGEST_INTEGER <= value < _BIGGEST_INTEGER:
        raise BadValueError(f"expected nanoseconds since 1970, got {_shown(value)}")
    remainder = value % 100
    if remainder:
        wraps = _WRAPS.get(remainder)
        if wraps is None:
            raise BadValueError(f"{value} is no count of nanoseconds that datetime2 (steps of 100 ns) can give")
        value += wraps << 64
    return _moment(value // 1000)


def _moment(microseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise BadValueError(f"{microseconds} microseconds since 1970 is no date from year 1 to 9999") from error


def _from_bare_timestamp(value: Any) -> datetime:
    if type(value) is int and 0 < abs(value) < _SMALLEST_CERTAIN_NANOSECONDS:
        raise BadValueError(
            f"{value} would be {datetime_from_nanoseconds(value // 100 * 100)} in nanoseconds: it looks like a coarser "
            f"unit. Set time.precision.mode to adaptive, or send the schema with the message"
        )
    return datetime_from_nanoseconds(value)


def _timestamp_converter(field: FieldType) -> Converter:
    factor = _TIMESTAMP_NANOSECONDS.get(field.semantic or "")
    if factor is None or field.type != "int64":
        raise BadValueError(
            f"declared as datetime2, but the message says {field}, which does not keep microseconds or is not known: "
            f"set time.precision.mode to adaptive"
        )
    if factor == 1:
        return datetime_from_nanoseconds
    scale = factor // 1000

    def convert(value: Any) -> datetime:
        if type(value) is not int:
            raise BadValueError(f"expected a whole number, got {_shown(value)}")
        return _moment(value * scale)

    return convert


def _time_of_day(scale_down: int, scale_up: int) -> Converter:
    def convert(value: Any) -> time:
        if type(value) is not int:
            raise BadValueError(f"expected a whole number, got {_shown(value)}")
        return _moment(value * scale_up // scale_down).time()

    return convert


def _date(value: Any) -> str:
    if type(value) is not int:
        raise BadValueError(f"expected days since 1970, got {_shown(value)}")
    return _moment(value * 86_400_000_000).date().isoformat()


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.80}"


_TIMESTAMP_NANOSECONDS = {
    f"{_TIME}NanoTimestamp": 1, f"{_TIME}MicroTimestamp": 1_000, f"{_TIME}Timestamp": 1_000_000,
}  # fmt: skip
_NAMES_WITHOUT_MEANING = frozenset({None, "io.debezium.data.Uuid"})
_PLAIN: dict[str, tuple[frozenset[str], Converter]] = {
    "bigint": (_INTEGERS, _integer),
    "int": (_INTEGERS, _integer),
    "bit": (frozenset({"boolean"}), _bit),
    "float": (_FLOATS, _float),
    "nvarchar": (frozenset({"string"}), _text),
    "uniqueidentifier": (frozenset({"string"}), _unique_identifier),
    "varbinary": (frozenset({"bytes"}), _binary),
}
_EXTRA_TYPES: dict[str, Converter] = {
    **dict.fromkeys(_INTEGERS, _integer), **dict.fromkeys(_FLOATS, _float),
    "boolean": _bit, "string": _text, "bytes": _binary,
}  # fmt: skip
_EXTRA_SEMANTICS: dict[str, Converter] = {
    f"{_TIME}Date": _date,
    f"{_TIME}Time": _time_of_day(1, 1_000),
    f"{_TIME}MicroTime": _time_of_day(1, 1),
    f"{_TIME}NanoTime": _time_of_day(1_000, 1),
    f"{_TIME}ZonedTimestamp": _text,
    "io.debezium.data.Xml": _text,
    "io.debezium.data.Uuid": _unique_identifier,
}
