"""Column types on the wire: [MS-TDS] 2.2.5.4 (type definitions), 2.2.5.5.1 (values), 2.2.5.6 (TYPE_INFO).

Maps SQL Server type names, as ``tables.json`` writes them, to TYPE_INFO bytes and value encoders. Like SQL
Server, a column that allows no null gets the fixed-length type where there is one.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.tds_server.login import TDS_7_3_A

Writer = Callable[[Any], bytes]

COLLATION = bytes.fromhex("0904d00034")  # 2.2.5.1.2: SQL_Latin1_General_CP1_CI_AS, as the specification's examples
PLP_CHUNK = 8000  # bytes per chunk; any number is legal (2.2.5.2.3, PLP_BODY)
_PLP_NULL = b"\xff" * 8
_SHORT_NULL = b"\xff\xff"
_MAX = 0xFFFF  # in TYPE_INFO: the length is unlimited, values are partially length-prefixed
_ROWVERSION_USER_TYPE = 80
_ROWVERSION_BYTES = 8
_SMALL_CHUNKS_TEXT_OF_DATETIME2 = 27  # characters of 2024-05-01 10:20:30.1234567

_FIXED_TYPES = {"bigint": 0x7F, "int": 0x38, "bit": 0x32, "float": 0x3E, "money": 0x3C}  # 2.2.5.4.1
_NULLABLE_TYPES = {
    "bigint": (0x26, 8), "int": (0x26, 4), "bit": (0x68, 1), "float": (0x6D, 8), "money": (0x6E, 8),
    "uniqueidentifier": (0x24, 16),
}  # fmt: skip
_STRING_TYPES = {"nvarchar": 0xE7, "varchar": 0xA7, "varbinary": 0xA5, "binary": 0xAD, "rowversion": 0xAD}  # 2.2.5.4.2
_DECIMALN, _DATETIME2N = 0x6A, 0x2A
_TYPE_NAME = re.compile(r"(\w+)(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?$")
_DEFAULT_LENGTHS = {"nvarchar": 30, "varchar": 30, "varbinary": 30, "binary": 1}
_FIRST_DAY = 1  # datetime.toordinal() of 0001-01-01


@dataclass(frozen=True)
class WireType:
    """A SQL Server type such as ``nvarchar(120)``, ``decimal(18, 2)`` or ``datetime2``; the name is lower case."""

    name: str
    length: int = 0  # characters or bytes; -1 for max; precision of a decimal
    scale: int = 0
    nullable: bool = True

    @classmethod
    def parse(cls, declared: str, *, nullable: bool = True) -> "WireType":
        """Read a type as it is declared. Raises ValueError for one this server does not know."""
        match = _TYPE_NAME.match(declared.strip().lower())
        if match is None:
            raise ValueError(f"not a type: {declared}")
        name, first, second = match.groups()
        if name in ("rowversion", "timestamp"):
            return cls("rowversion", _ROWVERSION_BYTES, nullable=nullable)
        if name == "sysname":
            return cls("nvarchar", 128, nullable=nullable)
        if name in ("decimal", "numeric"):
            return cls("decimal", int(first or 18), int(second or 0), nullable)
        if name == "datetime2":
            return cls(name, scale=int(first or 7), nullable=nullable)
        if name in _STRING_TYPES:
            length = -1 if first == "max" else int(first or _DEFAULT_LENGTHS[name])
            return cls(name, length, nullable=nullable)
        if name in _NULLABLE_TYPES:
            return cls(name, nullable=nullable)
        raise ValueError(f"no wire type for {declared}")

    @property
    def user_type(self) -> int:
        """Tells a rowversion from any other binary(8)."""
        return _ROWVERSION_USER_TYPE if self.name == "rowversion" else 0

    def type_info(self, tds_version: int) -> bytes:
        """2.2.5.6."""
        if self._is_text_instead(tds_version):
            return _DATETIME2_AS_TEXT.type_info(tds_version)
        if self.name in _FIXED_TYPES and not self.nullable:
            return bytes([_FIXED_TYPES[self.name]])
        if self.name in _NULLABLE_TYPES:
            return bytes(_NULLABLE_TYPES[self.name])
        if self.name == "decimal":
            return bytes([_DECIMALN, 1 + _decimal_bytes(self.length), self.length, self.scale])
        return bytes([_DATETIME2N, self.scale]) if self.name == "datetime2" else self._string_info()

    def _string_info(self) -> bytes:
        size = _MAX if self.length < 0 else self.length * (2 if self.name == "nvarchar" else 1)
        info = struct.pack("<BH", _STRING_TYPES[self.name], size)
        return info + COLLATION if self.name in ("nvarchar", "varchar") else info

    def null(self, tds_version: int) -> bytes:
        """How a null looks inside a ROW."""
        if self.length < 0:
            return _PLP_NULL
        if self.name in _STRING_TYPES or self._is_text_instead(tds_version):
            return _SHORT_NULL
        return b"\0"

    def writer(self, tds_version: int) -> Writer:
        """Return the encoder of this type's values, length prefix included."""
        if self._is_text_instead(tds_version):
            write_text = _short(lambda value: value.encode("utf-16-le"))
            return lambda value: write_text(f"{value:%Y-%m-%d %H:%M:%S.%f}0")
        if self.name == "decimal":
            return _decimal_writer(self.length, self.scale)
        if self.name == "datetime2":
            return _datetime2_writer(self.scale)
        if self.name in _STRING_TYPES:
            encode = _STRING_ENCODERS.get(self.name, bytes)
            return _partially_prefixed(encode) if self.length < 0 else _short(encode)
        write = _PLAIN_WRITERS[self.name]
        if self.name in _FIXED_TYPES and not self.nullable:
            return write
        prefix = bytes([_NULLABLE_TYPES[self.name][1]])
        return lambda value: prefix + write(value)

    def _is_text_instead(self, tds_version: int) -> bool:
        # before TDS 7.3 there is no datetime2 on the wire: the server sends nvarchar
        return self.name == "datetime2" and tds_version < TDS_7_3_A


@dataclass(frozen=True)
class Column:
    """A result column."""

    name: str
    type: WireType


_DATETIME2_AS_TEXT = WireType("nvarchar", _SMALL_CHUNKS_TEXT_OF_DATETIME2)


def _short(encode: Callable[[Any], bytes]) -> Writer:
    def write(value: Any) -> bytes:
        data = encode(value)
        return struct.pack("<H", len(data)) + data

    return write


def _partially_prefixed(encode: Callable[[Any], bytes]) -> Writer:
    """2.2.5.2.3, PLP_BODY: total length, chunks, an empty chunk."""

    def write(value: Any) -> bytes:
        data = encode(value)
        parts = [struct.pack("<Q", len(data))]
        for start in range(0, len(data), PLP_CHUNK):
            chunk = data[start : start + PLP_CHUNK]
            parts += (struct.pack("<I", len(chunk)), chunk)
        parts.append(struct.pack("<I", 0))
        return b"".join(parts)

    return write


def _decimal_bytes(precision: int) -> int:
    """2.2.5.5.1.6: magnitude bytes by precision."""
    return 4 if precision <= 9 else 8 if precision <= 19 else 12 if precision <= 28 else 16


def _decimal_writer(precision: int, scale: int) -> Writer:
    size = _decimal_bytes(precision)

    def write(value: Any) -> bytes:
        scaled = int(Decimal(value).scaleb(scale))
        return bytes([1 + size, scaled >= 0]) + abs(scaled).to_bytes(size, "little")

    return write


def _datetime2_writer(scale: int) -> Writer:
    """2.2.5.5.1.8: time in units of 10^-scale seconds, then days since 0001-01-01."""
    size = 3 if scale <= 2 else 4 if scale <= 4 else 5

    def write(value: datetime) -> bytes:
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        units = (seconds * 1_000_000 + value.microsecond) * int(10**scale) // 1_000_000
        days = value.toordinal() - _FIRST_DAY
        return bytes([size + 3]) + units.to_bytes(size, "little") + days.to_bytes(3, "little")

    return write


def _money(value: Any) -> bytes:
    """2.2.5.5.1.4: a 64-bit count of ten-thousandths, its high half first."""
    units = int(Decimal(value).scaleb(4))
    return struct.pack("<iI", units >> 32, units & 0xFFFFFFFF)


_PLAIN_WRITERS: dict[str, Writer] = {
    "bigint": lambda value: struct.pack("<q", int(value)),  # PostgreSQL's sum of bigint is numeric
    "int": struct.Struct("<i").pack,
    "bit": lambda value: bytes([bool(value)]),
    "float": struct.Struct("<d").pack,
    "money": _money,
    "uniqueidentifier": lambda value: bytes(value.bytes_le),
}
_STRING_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "nvarchar": lambda value: value.encode("utf-16-le", "surrogatepass"),  # SQL Server keeps lone surrogates
    "varchar": lambda value: value.encode("cp1252"),
}
