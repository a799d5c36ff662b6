"""Builders of the response tokens: [MS-TDS] 2.2.7, for TDS 7.2 and later.

Each function returns the bytes of one token, its type byte included.
"""

import struct
from collections.abc import Sequence
from typing import Any

from tests.tds_server.errors import SqlError
from tests.tds_server.login import SERVER_VERSION
from tests.tds_server.wire_types import COLLATION, Column

SERVER_NAME = "CORDTEST"
PROGRAM_NAME = "Microsoft SQL Server"

# 2.2.7.6, Status
DONE_MORE, DONE_ERROR, DONE_INXACT, DONE_COUNT, DONE_ATTENTION = 0x01, 0x02, 0x04, 0x10, 0x20
# 2.2.7.6, CurCmd: what a SELECT reports
COMMAND_SELECT = 0xC1

DONE, DONEPROC, DONEINPROC = 0xFD, 0xFE, 0xFF
_LOGINACK, _ENVCHANGE, _INFO, _ERROR = 0xAD, 0xE3, 0xAB, 0xAA
_COLMETADATA, _ROW, _NBCROW, _RETURNSTATUS = 0x81, 0xD1, 0xD2, 0x79

# 2.2.7.9, Type
ENV_DATABASE, ENV_LANGUAGE, ENV_PACKET_SIZE, ENV_COLLATION = 1, 2, 4, 7
ENV_BEGIN, ENV_COMMIT, ENV_ROLLBACK = 8, 9, 10


def b_varchar(text: str) -> bytes:
    """Length in characters as one byte, then UTF-16 (2.2.5.2.3)."""
    encoded = text.encode("utf-16-le")
    return bytes([len(encoded) // 2]) + encoded


def us_varchar(text: str) -> bytes:
    """Length in characters as two bytes, then UTF-16 (2.2.5.2.3)."""
    encoded = text.encode("utf-16-le")
    return struct.pack("<H", len(encoded) // 2) + encoded


def _counted(token: int, body: bytes) -> bytes:
    return struct.pack("<BH", token, len(body)) + body


def login_ack(tds_version: int) -> bytes:
    """2.2.7.14."""
    major, minor, build = SERVER_VERSION
    body = struct.pack(">BI", 1, tds_version) + b_varchar(PROGRAM_NAME) + struct.pack(">BBH", major, minor, build)
    return _counted(_LOGINACK, body)


def environment_text(kind: int, new: str, old: str = "") -> bytes:
    """2.2.7.9 for values that are text: database, language, packet size."""
    return _counted(_ENVCHANGE, bytes([kind]) + b_varchar(new) + b_varchar(old))


def environment_bytes(kind: int, new: bytes, old: bytes = b"") -> bytes:
    """2.2.7.9 for values that are bytes: collation, transaction descriptors."""
    return _counted(_ENVCHANGE, bytes([kind, len(new)]) + new + bytes([len(old)]) + old)


def collation_change() -> bytes:
    """2.2.7.9, type 7."""
    return environment_bytes(ENV_COLLATION, COLLATION)


def error(problem: SqlError) -> bytes:
    """2.2.7.10."""
    return _counted(_ERROR, _message(problem.number, problem.state, problem.severity, problem.text))


def info(number: int, text: str, severity: int = 0, state: int = 2) -> bytes:
    """2.2.7.13."""
    return _counted(_INFO, _message(number, state, severity, text))


def _message(number: int, state: int, severity: int, text: str) -> bytes:
    return (
        struct.pack("<iBB", number, state, severity)
        + us_varchar(text)
        + b_varchar(SERVER_NAME)
        + b_varchar("")
        + struct.pack("<i", 1)
    )


def done(token: int, status: int, rows: int = 0, command: int = 0) -> bytes:
    """2.2.7.6 DONE, 2.2.7.7 DONEINPROC, 2.2.7.8 DONEPROC."""
    return struct.pack("<BHHQ", token, status, command, rows)


def return_status(value: int) -> bytes:
    """2.2.7.18."""
    return struct.pack("<Bi", _RETURNSTATUS, value)


def column_metadata(columns: Sequence[Column], tds_version: int) -> bytes:
    """2.2.7.4: user type, flags, TYPE_INFO and name of each column."""
    body = b"".join(
        struct.pack("<IH", column.type.user_type, 0x0009 if column.type.nullable else 0x0008)
        + column.type.type_info(tds_version)
        + b_varchar(column.name)
        for column in columns
    )
    return struct.pack("<BH", _COLMETADATA, len(columns)) + body


class RowEncoder:
    """Rows of one result: ROW (2.2.7.20), or NBCROW (2.2.7.15, from TDS 7.3.B) for rows that hold a null."""

    def __init__(self, columns: Sequence[Column], tds_version: int, *, null_bitmaps: bool) -> None:
        self._writers = [column.type.writer(tds_version) for column in columns]
        self._nulls = [column.type.null(tds_version) for column in columns]
        self._null_bitmaps = null_bitmaps

    def encode(self, row: Sequence[Any]) -> bytes:
        """Return one row."""
        if self._null_bitmaps and None in row:
            return self._encode_with_bitmap(row)
        parts = [bytes([_ROW])]
        for value, write, null in zip(row, self._writers, self._nulls, strict=True):
            parts.append(null if value is None else write(value))
        return b"".join(parts)

    def _encode_with_bitmap(self, row: Sequence[Any]) -> bytes:
        bitmap = bytearray((len(row) + 7) // 8)
        parts = []
        for i, (value, write) in enumerate(zip(row, self._writers, strict=True)):
            if value is None:
                bitmap[i // 8] |= 1 << (i % 8)
            else:
                parts.append(write(value))
        return bytes([_NBCROW]) + bytes(bitmap) + b"".join(parts)
