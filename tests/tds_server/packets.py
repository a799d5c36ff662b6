"""Packet framing: [MS-TDS] 2.2.3 (packets), 2.2.3.1 (the eight-byte header), 2.2.1.7 (attention).

Reads and writes a connected socket; knows nothing of what the messages mean.
"""

import select
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct(">BBHHBB")  # 2.2.3.1: type, status, length (with header, big-endian), SPID, packet id, window
HEADER_BYTES = _HEADER.size
END_OF_MESSAGE = 0x01  # 2.2.3.1.2
SMALLEST_PACKET, LARGEST_PACKET = 512, 32767  # 2.2.6.4, PacketSize
DEFAULT_PACKET = 4096


class PacketType(IntEnum):
    """2.2.3.1.1."""

    SQL_BATCH = 0x01
    RPC = 0x03
    TABULAR_RESULT = 0x04
    ATTENTION = 0x06
    BULK_LOAD = 0x07
    TRANSACTION_MANAGER = 0x0E
    LOGIN7 = 0x10
    PRELOGIN = 0x12


class ConnectionGoneError(Exception):
    """The client closed the connection, or this server cut it on request."""


@dataclass(frozen=True)
class Message:
    """A whole request: the payloads of its packets, joined."""

    type: int
    payload: bytes
    packets: int


class PacketStream:
    """Messages over one socket; ``packet_size`` bounds the packets that are sent, header included."""

    def __init__(self, connection: socket.socket, spid: int) -> None:
        self._socket = connection
        self._spid = spid
        self._buffer = bytearray()
        self._packet_id = 0
        self._bytes_left: int | None = None
        self.packet_size = DEFAULT_PACKET
        self.packets_sent = 0

    def read_message(self) -> Message:
        """Return the next request. Raises ConnectionGoneError at the end of the stream."""
        payload = bytearray()
        packets = 0
        while True:
            packet_type, status, length, _, _, _ = _HEADER.unpack(self._read(HEADER_BYTES))
            payload += self._read(length - HEADER_BYTES)
            packets += 1
            if status & END_OF_MESSAGE:
                return Message(packet_type, bytes(payload), packets)

    def write(self, data: bytes) -> None:
        """Queue response bytes; full packets leave at once."""
        self._buffer += data
        room = self.packet_size - HEADER_BYTES
        while len(self._buffer) > room:
            self._send(bytes(self._buffer[:room]), last=False)
            del self._buffer[:room]

    def end_message(self) -> None:
        """Send what is queued as the last packet of the response."""
        payload, self._buffer = bytes(self._buffer), bytearray()
        self._send(payload, last=True)
        self._packet_id = 0

    def flush(self) -> None:
        """Send what is queued without ending the response."""
        payload, self._buffer = bytes(self._buffer), bytearray()
        if payload:
            self._send(payload, last=False)

    def something_waits(self, seconds: float = 0) -> bool:
        """Tell whether the client sent anything, waiting up to ``seconds``; during an answer only an attention may."""
        readable, _, _ = select.select([self._socket], [], [], seconds)
        return bool(readable)

    def cut_after(self, count: int) -> None:
        """Break the connection when ``count`` more bytes, headers included, have been sent."""
        self._bytes_left = count

    def cut(self, *, reset: bool) -> None:
        """Break the connection now: by a TCP reset, or by an orderly close."""
        if reset:  # a zero linger time turns close() into a reset
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()
        else:
            self._socket.shutdown(socket.SHUT_RDWR)
        raise ConnectionGoneError

    def _send(self, payload: bytes, *, last: bool) -> None:
        self._packet_id = (self._packet_id + 1) % 256
        header = _HEADER.pack(
            PacketType.TABULAR_RESULT, END_OF_MESSAGE if last else 0, HEADER_BYTES + len(payload), self._spid,
            self._packet_id, 0,
        )  # fmt: skip
        data = header + payload
        self.packets_sent += 1
        if self._bytes_left is None:
            self._socket.sendall(data)
            return
        self._socket.sendall(data[: self._bytes_left])
        self._bytes_left -= len(data)
        if self._bytes_left <= 0:
            self.cut(reset=False)

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionGoneError
            data += part
        return bytes(data)
