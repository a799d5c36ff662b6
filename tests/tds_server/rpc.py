"""Remote procedure calls: [MS-TDS] 2.2.6.6, and the header block before requests, 2.2.5.3 (ALL_HEADERS).

Reads request payloads; returns the procedure's name and its parameters as Python values.
"""

import re
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

PROCEDURES = {10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare"}
_BY_NUMBER = 0xFFFF
_NULL_LENGTH = 0xFFFF
_PLP_NULL = 0xFFFFFFFFFFFFFFFF
_FIXED = {0x30: "<B", 0x32: "<?", 0x34: "<h", 0x38: "<i", 0x7F: "<q", 0x3E: "<d", 0x3B: "<f"}  # 2.2.5.4.1
_INTEGERS = {1: "<B", 2: "<h", 4: "<i", 8: "<q"}
_FLOATS = {4: "<f", 8: "<d"}


@dataclass(frozen=True)
class Parameter:
    """A parameter; ``name`` is empty or begins with ``@``."""

    name: str
    value: Any
    output: bool


@dataclass(frozen=True)
class Call:
    """One procedure call."""

    procedure: str
    parameters: tuple[Parameter, ...]

    def statement_parameters(self) -> dict[str, Any]:
        """Return what sp_executesql binds: by name where one is given, else in the order of the declarations."""
        declared = re.findall(r"@\w+", str(self.parameters[1].value)) if len(self.parameters) > 1 else []
        bound = self.parameters[2:]
        return {
            parameter.name or name: parameter.value
            for parameter, name in zip(bound, declared[: len(bound)], strict=True)
        }


def after_headers(payload: bytes) -> bytes:
    """Return what follows ALL_HEADERS; every SQL batch and RPC of TDS 7.2 and later begins with it."""
    return payload[struct.unpack_from("<I", payload)[0] :]


def parse_call(payload: bytes) -> Call:
    """Read a request with one call in it. Raises ValueError for a parameter type this server does not know."""
    reader = _Reader(after_headers(payload))
    length = reader.number("<H")
    if length == _BY_NUMBER:
        number = reader.number("<H")
        procedure = PROCEDURES.get(number, f"#{number}")
    else:
        procedure = reader.take(2 * length).decode("utf-16-le")
    reader.number("<H")  # OptionFlags
    parameters = []
    while reader.left:
        parameters.append(_parameter(reader))
    return Call(procedure, tuple(parameters))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]


def _parameter(reader: _Reader) -> Parameter:
    name = reader.take(2 * reader.number("<B")).decode("utf-16-le")
    output = bool(reader.number("<B") & 0x01)  # fByRefValue
    return Parameter(name, _value(reader, reader.number("<B")), output)


def _value(reader: _Reader, type_id: int) -> Any:  # noqa: PLR0911 - one return per kind of type
    if type_id in _FIXED:
        return reader.number(_FIXED[type_id])
    if type_id in (0xE7, 0xEF, 0xA7, 0xAF, 0xA5, 0xAD):
        return _string(reader, type_id)
    reader.number("<B")  # largest length
    scale = 0
    if type_id in (0x6A, 0x6C):
        reader.number("<B")  # precision
        scale = reader.number("<B")
    data = reader.take(reader.number("<B"))
    if not data:
        return None
    if type_id == 0x26:
        return struct.unpack(_INTEGERS[len(data)], data)[0]
    if type_id == 0x68:
        return bool(data[0])
    if type_id == 0x6D:
        return struct.unpack(_FLOATS[len(data)], data)[0]
    if type_id == 0x24:
        return UUID(bytes_le=data)
    if type_id in (0x6A, 0x6C):
        magnitude = Decimal(int.from_bytes(data[1:], "little")).scaleb(-scale)
        return magnitude if data[0] else -magnitude
    raise ValueError(f"RPC parameter of type 0x{type_id:02X}")


def _string(reader: _Reader, type_id: int) -> str | bytes | None:
    size = reader.number("<H")
    is_text = type_id not in (0xA5, 0xAD)
    if is_text:
        reader.take(5)  # collation
    data = _partially_prefixed(reader) if size == _NULL_LENGTH else _counted(reader)
    if data is None or not is_text:
        return data
    return data.decode("utf-16-le" if type_id in (0xE7, 0xEF) else "cp1252")


def _counted(reader: _Reader) -> bytes | None:
    length = reader.number("<H")
    return None if length == _NULL_LENGTH else reader.take(length)


def _partially_prefixed(reader: _Reader) -> bytes | None:
    if reader.number("<Q") == _PLP_NULL:
        return None
    data = b""
    while length := reader.number("<I"):
        data += reader.take(length)
    return data
