"""Stage: KAFKA -> BRONZE, Avro's binary encoding. Pure: compiles a schema into a reader of records; no I/O.

Reads what Kafka Connect's converter writes for rows: records of optional numbers, texts, bytes and booleans
(https://avro.apache.org/docs/1.12.0/specification/#binary-encoding). A product event with both images is 98 optional
columns: a function per column, made once per schema, takes 38 microseconds, a reader that looks at the schema for
each value 51. Schemas with anything else (arrays, maps, enums, fixed) are left to fastavro.
"""

from collections.abc import Callable
from struct import Struct, error
from typing import Any

_FLOAT, _DOUBLE = Struct("<f"), Struct("<d")
_CONTINUES = 0x80
_SECOND_BRANCH = 2  # the zigzag number of union branch 1


class _Cursor:
    """Bytes and how far they are read."""

    __slots__ = ("data", "place")

    def __init__(self, data: bytes, place: int) -> None:
        self.data, self.place = data, place


_Reader = Callable[[_Cursor], Any]


class UnsupportedSchemaError(Exception):
    """The schema holds a type that this module does not read."""


def record_reader(schema: dict[str, Any]) -> Callable[[bytes, int], dict[str, Any]]:
    """Return a function of (message, place of the first byte) that returns the record.

    The function raises ValueError, IndexError or OverflowError when the bytes do not fit the schema: too few, too
    many, or impossible. Raises UnsupportedSchemaError.
    """
    read = _reader(schema, {})

    def read_record(data: bytes, place: int) -> dict[str, Any]:
        cursor = _Cursor(data, place)
        try:
            record: dict[str, Any] = read(cursor)
        except error as cause:
            raise ValueError(str(cause)) from cause
        if cursor.place != len(data):
            raise ValueError(f"the record ends at byte {cursor.place} of {len(data)}")
        return record

    return read_record


def _reader(kind: Any, records: dict[str, _Reader]) -> _Reader:
    if isinstance(kind, list):
        return _optional_reader(kind, records)
    if isinstance(kind, str):
        if kind in _PRIMITIVES:
            return _PRIMITIVES[kind]
        name = kind.rpartition(".")[2]
        if name not in records:
            raise UnsupportedSchemaError(kind)
        return records[name]
    if kind["type"] == "record":
        return _record_reader(kind, records)
    if isinstance(kind["type"], str) and kind["type"] not in _PRIMITIVES:
        raise UnsupportedSchemaError(kind["type"])
    return _reader(kind["type"], records)


def _record_reader(kind: dict[str, Any], records: dict[str, _Reader]) -> _Reader:
    fields: list[tuple[str, _Reader]] = []

    def read(cursor: _Cursor) -> dict[str, Any]:
        return {name: read_field(cursor) for name, read_field in fields}

    name = kind["name"].rpartition(".")[2]
    if name in records:  # two records of one name in two namespaces
        raise UnsupportedSchemaError(name)
    records[name] = read
    fields += [(field["name"], _reader(field["type"], records)) for field in kind["fields"]]
    return read


def _optional_reader(kind: list[Any], records: dict[str, _Reader]) -> _Reader:
    if len(kind) != 2 or kind[0] != "null":
        raise UnsupportedSchemaError(str(kind))
    read_value = _reader(kind[1], records)
    if read_value is _text:
        return _optional_text

    def read(cursor: _Cursor) -> Any:
        place = cursor.place
        branch = cursor.data[place]
        cursor.place = place + 1
        if branch == _SECOND_BRANCH:
            return read_value(cursor)
        if branch:
            raise ValueError(f"branch {branch} of a union of two")
        return None

    return read


def _optional_text(cursor: _Cursor) -> str | None:
    """Most columns are this, and most texts are short: without a call for the branch, the length or the text."""
    data, place = cursor.data, cursor.place
    branch = data[place]
    if branch != _SECOND_BRANCH:
        if branch:
            raise ValueError(f"branch {branch} of a union of two")
        cursor.place = place + 1
        return None
    size = data[place + 1]
    if size & (_CONTINUES | 1):
        cursor.place = place + 1
        return _text(cursor)
    place += 2
    end = cursor.place = place + (size >> 1)
    return str(data[place:end], "utf-8")


def _long(cursor: _Cursor) -> int:
    """Zigzag, seven bits a byte, the lowest first."""
    data, place = cursor.data, cursor.place
    byte = data[place]
    number, shift = byte & 0x7F, 7
    while byte & _CONTINUES:
        place += 1
        byte = data[place]
        number |= (byte & 0x7F) << shift
        shift += 7
    cursor.place = place + 1
    return (number >> 1) ^ -(number & 1)


def _bytes(cursor: _Cursor) -> bytes:
    size = _long(cursor)
    place = cursor.place
    if size < 0 or place + size > len(cursor.data):
        raise ValueError(f"{size} bytes at byte {place} of {len(cursor.data)}")
    cursor.place = place + size
    return cursor.data[place : place + size]


def _text(cursor: _Cursor) -> str:
    return str(_bytes(cursor), "utf-8")


def _boolean(cursor: _Cursor) -> bool:
    byte = cursor.data[cursor.place]
    if byte > 1:
        raise ValueError(f"{byte} is no boolean")
    cursor.place += 1
    return byte == 1


def _float(cursor: _Cursor) -> float:
    number: float = _FLOAT.unpack_from(cursor.data, cursor.place)[0]
    cursor.place += _FLOAT.size
    return number


def _double(cursor: _Cursor) -> float:
    number: float = _DOUBLE.unpack_from(cursor.data, cursor.place)[0]
    cursor.place += _DOUBLE.size
    return number


def _null(_cursor: _Cursor) -> None:
    return None


_PRIMITIVES: dict[str, _Reader] = {
    "null": _null, "boolean": _boolean, "int": _long, "long": _long, "float": _float, "double": _double,
    "bytes": _bytes, "string": _text,
}  # fmt: skip
