"""PRELOGIN and LOGIN7: [MS-TDS] 2.2.6.5 and 2.2.6.4.

Reads the client's two opening messages, builds the server's answer to the first.
"""

import struct
from dataclasses import dataclass, field

_TERMINATOR = 0xFF
_VERSION, _ENCRYPTION, _INSTANCE, _THREAD, _MARS = range(5)  # 2.2.6.5, PL_OPTION_TOKEN
ENCRYPT_NOT_SUP = 0x02
SERVER_VERSION = (16, 0, 4135)  # SQL Server 2022

TDS_7_2, TDS_7_3_A, TDS_7_3_B, TDS_7_4 = 0x72090002, 0x730A0003, 0x730B0003, 0x74000004  # 2.2.6.4, TDSVersion

# 2.2.6.4: the fixed part, then (offset, characters) pairs of the variable ones
_FIXED = struct.Struct("<IIIIIIBBBBiI")
_PAIR = struct.Struct("<HH")
_TEXTS = ("host", "user", "password", "application", "server", "extension", "library", "language", "database")


def parse_prelogin(payload: bytes) -> dict[int, bytes]:
    """Return the options by token."""
    options: dict[int, bytes] = {}
    position = 0
    while payload[position] != _TERMINATOR:
        token, offset, length = struct.unpack_from(">BHH", payload, position)
        options[token] = payload[offset : offset + length]
        position += 5
    return options


def prelogin_answer() -> bytes:
    """Say: SQL Server 2022, no encryption here, no MARS. A client that does not insist on TLS goes on in plain text."""
    major, minor, build = SERVER_VERSION
    options = {
        _VERSION: struct.pack(">BBHH", major, minor, build, 0),
        _ENCRYPTION: bytes([ENCRYPT_NOT_SUP]),
        _INSTANCE: b"\0",
        _THREAD: b"",
        _MARS: b"\0",
    }
    offset = 5 * len(options) + 1
    head, data = b"", b""
    for token, value in options.items():
        head += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return head + bytes([_TERMINATOR]) + data


@dataclass(frozen=True)
class Login:
    """What a client says of itself. The password is readable: keep it out of logs and messages."""

    tds_version: int
    packet_size: int
    host: str
    user: str
    application: str
    server: str
    library: str
    language: str
    database: str
    read_only_intent: bool
    password: str = field(repr=False)


def parse_login(payload: bytes) -> Login:
    """Read a LOGIN7 message. Raises ValueError when its length field disagrees with the message."""
    fixed = _FIXED.unpack_from(payload)
    length, version, packet_size = fixed[:3]
    type_flags = fixed[8]
    if length != len(payload):
        raise ValueError(f"LOGIN7 says {length} bytes, the message has {len(payload)}")
    texts: dict[str, str] = {}
    for i, name in enumerate(_TEXTS):
        offset, characters = _PAIR.unpack_from(payload, _FIXED.size + i * _PAIR.size)
        raw = payload[offset : offset + 2 * characters]
        texts[name] = "" if name == "extension" else (reveal(raw) if name == "password" else raw).decode("utf-16-le")
    del texts["extension"]
    return Login(
        tds_version=version,
        packet_size=packet_size,
        read_only_intent=bool(type_flags & 0x20),  # fReadOnlyIntent
        **texts,
    )


def reveal(obscured: bytes) -> bytes:
    """Undo the password's disguise: XOR with 0xA5, then swap the halves of every byte (2.2.6.4)."""
    return bytes(((byte ^ 0xA5) >> 4) | (((byte ^ 0xA5) << 4) & 0xF0) for byte in obscured)
