"""Stage: KAFKA -> BRONZE, the messages. Pure: reads one Kafka message, returns one bronze row; no I/O.

The form of a message is seen from the message itself, never from a setting:

===============================  =====================================================================
first byte 0                     Avro, framed as Schema Registry frames it (magic byte, schema id)
object with schema and payload   JsonConverter with ``schemas.enable=true``
object with op and source        Debezium's envelope, bare
object with __op or __deleted    flattened by ExtractNewRecordState, its deletes rewritten into rows
===============================  =====================================================================

Tombstones, transaction boundaries, schema changes, heartbeats and rows of the signal table are no change of the
catalogue and are left out. Anything else raises UndecodableError and belongs into the dead letters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

import orjson

from ingest.envelope import LARGEST_PAYLOAD_BYTES
from ingest.stream.layout import BARE, Layout, UndecodableError, connect_layout
from ingest.tables import TABLES_BY_NAME, SourceTable

SIGNAL_TABLE = "debezium_signal"
_OPERATIONS = frozenset({"r", "c", "u", "d"})
_LSN = re.compile(r"[0-9a-f]{8}:[0-9a-f]{8}:[0-9a-f]{4}")  # fixed width: staging orders positions as text
_SOURCE_KEPT = ("db", "name", "table", "ts_ms", "schema", "version", "snapshot", "connector")
_PAYLOAD_MARK = b',"payload":'


class Message(NamedTuple):
    """One Kafka message; ``timestamp_ms`` is the broker's or producer's, milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Event:
    """One change, ready for bronze: ``payload`` is the envelope as JSON with bronze encodings."""

    table: SourceTable
    row_key: int
    commit_lsn: str | None
    change_lsn: str | None
    event_serial_no: int | None
    source_ts_ms: int
    op: str
    payload: bytes


class Ignored(Enum):
    """Messages that are no change of the catalogue."""

    TOMBSTONE = "tombstone"
    TRANSACTION = "transaction metadata"
    SCHEMA_CHANGE = "schema change"
    HEARTBEAT = "heartbeat"
    SIGNAL = "signal"


class AvroReader(Protocol):
    """What the decoder needs from Schema Registry."""

    def read(self, value: bytes) -> tuple[dict[str, Any], Layout]:
        """Return record and layout of a framed Avro message. Raises UndecodableError."""


class MessageDecoder:
    """Decodes messages of any form; keeps what it learned about schemas. Not for use by two threads at once."""

    def __init__(self, avro: AvroReader | None = None) -> None:
        self._avro = avro
        self._seen: dict[str, tuple[bytes, Layout]] = {}

    def decode(self, message: Message) -> Event | Ignored:
        """Return the bronze row of ``message``, or why there is none. Raises UndecodableError."""
        if not message.value:
            return Ignored.TOMBSTONE
        payload, layout = self._read(message.topic, message.value)
        if payload is None:
            return Ignored.TOMBSTONE
        if not isinstance(payload, dict):
            raise UndecodableError(f"expected an object, got {type(payload).__name__}")
        if "op" in payload and isinstance(payload.get("source"), dict):
            return self._envelope(payload, layout, message)
        if "__op" in payload or "__deleted" in payload:
            return self._flattened(payload, layout, message)
        return _without_row(payload)

    def _read(self, topic: str, value: bytes) -> tuple[Any, Layout]:
        if value[0] == 0:
            if self._avro is None:
                raise UndecodableError(
                    "Avro in the frame of a Schema Registry, but none is configured: set CORDSEARCH_SCHEMA_REGISTRY_URL"
                )
            return self._avro.read(value)
        seen = self._seen.get(topic)
        try:
            if seen is not None and value.startswith(seen[0]) and value.endswith(b"}"):
                # the schema is byte for byte the one read before; it is most of the message
                return orjson.loads(memoryview(value)[len(seen[0]) : -1]), seen[1]
            document = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise UndecodableError(f"neither JSON nor framed Avro: {error}") from error
        if not (isinstance(document, dict) and document.keys() == {"schema", "payload"}):
            return document, BARE
        payload, schema = document["payload"], document["schema"]
        if schema is None or payload is None:
            return payload, BARE
        if not isinstance(payload, dict) or not _has_row(payload):
            return payload, BARE  # transaction boundaries and the like have schemas of their own
        layout = connect_layout(schema)
        self._remember(topic, value, payload, layout)
        return payload, layout

    def _remember(self, topic: str, value: bytes, payload: object, layout: Layout) -> None:
        start, mark, rest = value.partition(_PAYLOAD_MARK)
        try:
            if orjson.loads(rest[:-1]) == payload:
                self._seen[topic] = (start + mark, layout)
        except orjson.JSONDecodeError:
            self._seen.pop(topic, None)

    def _envelope(self, payload: dict[str, Any], layout: Layout, message: Message) -> Event | Ignored:
        source, op = payload["source"], payload["op"]
        name = source.get("table")
        if name == SIGNAL_TABLE:
            return Ignored.SIGNAL
        if op not in _OPERATIONS:
            raise UndecodableError(f"operation {op!r} is not one of r, c, u, d")
        table = _table(name, source.get("schema"))
        decoder = layout.decoder(table)
        after = None if op == "d" else decoder.decode(_row(payload, "after", table))
        before = decoder.decode(_row(payload, "before", table)) if payload.get("before") is not None else None
        kept = {member: source[member] for member in _SOURCE_KEPT if member in source}
        moment = _integer(source.get("ts_ms") or payload.get("ts_ms") or message.timestamp_ms, "ts_ms")
        return Event(
            table=table,
            row_key=self._row_key(table, after or before, message),
            commit_lsn=_position(source, "commit_lsn"),
            change_lsn=_position(source, "change_lsn"),
            event_serial_no=_serial(source.get("event_serial_no")),
            source_ts_ms=moment,
            op=op,
            payload=_encode(op, before, after, kept, payload.get("ts_ms", moment)),
        )

    def _flattened(self, row: dict[str, Any], layout: Layout, message: Message) -> Event | Ignored:
        """Fields added by ``add.fields`` carry two underscores and, for the source block, ``source_``."""
        name = row.get("__table") or row.get("__source_table") or message.topic.rpartition(".")[2]
        if name == SIGNAL_TABLE:
            return Ignored.SIGNAL
        table = _table(name, row.get("__source_schema", row.get("__schema")))
        deleted = str(row.get("__deleted", "false")).lower() == "true"
        op = "d" if deleted else row.get("__op") or "u"
        if op not in _OPERATIONS:
            raise UndecodableError(f"operation {op!r} is not one of r, c, u, d")
        decoded = layout.decoder(table).decode(row)
        before, after = (decoded, None) if op == "d" else (None, decoded)
        moment = _integer(row.get("__source_ts_ms") or row.get("__ts_ms") or message.timestamp_ms, "ts_ms")
        source = {"table": table.name, "ts_ms": moment, "schema": table.schema, "connector": "sqlserver"}
        return Event(
            table=table,
            row_key=self._row_key(table, decoded, message),
            commit_lsn=_position(row, "__source_commit_lsn", "__commit_lsn"),
            change_lsn=_position(row, "__source_change_lsn", "__change_lsn"),
            event_serial_no=_serial(row.get("__source_event_serial_no", row.get("__event_serial_no"))),
            source_ts_ms=moment,
            op=op,
            payload=_encode(op, before, after, source, row.get("__ts_ms") or moment),
        )

    def _row_key(self, table: SourceTable, row: Mapping[str, Any] | None, message: Message) -> int:
        """The row's own key; a delete without its row is known by the key of the message."""
        if row is None:
            key, _ = self._read(f"{message.topic} (key)", message.key) if message.key else (None, BARE)
            row = key if isinstance(key, dict) else {}
            row = row["payload"] if isinstance(row.get("payload"), dict) else row
        key = row.get(table.primary_key)
        if type(key) is not int:
            raise UndecodableError(f"{table.name}: key {table.primary_key} is {key!r:.80}, not an integer")
        return key


def _has_row(payload: Mapping[str, Any]) -> bool:
    return isinstance(payload.get("source"), dict) or "__op" in payload or "__deleted" in payload


def _without_row(payload: Mapping[str, Any]) -> Ignored:
    if "status" in payload and "id" in payload and "event_count" in payload:
        return Ignored.TRANSACTION
    if "ddl" in payload or "tableChanges" in payload:
        return Ignored.SCHEMA_CHANGE
    if payload.keys() == {"ts_ms"}:
        return Ignored.HEARTBEAT
    raise UndecodableError(
        "neither an envelope (op, source) nor a row flattened with __deleted or __op. A flattened row needs one of "
        "them, or its deletes are lost: set delete.tombstone.handling.mode to rewrite"
    )


def _table(name: object, schema: object) -> SourceTable:
    table = TABLES_BY_NAME.get(name) if isinstance(name, str) else None
    if table is None or (schema is not None and schema != table.schema):
        raise UndecodableError(f"table {schema or 'dbo'}.{name} is not in the registry (ingest/tables.json)")
    return table


def _row(payload: Mapping[str, Any], member: str, table: SourceTable) -> dict[str, Any]:
    row = payload.get(member)
    if not isinstance(row, dict):
        raise UndecodableError(f"{table.name}: {member!r} of operation {payload['op']} is {row!r:.80}, not a row")
    return row


def _position(values: Mapping[str, Any], *names: str) -> str | None:
    """A log position; Debezium writes the text NULL where there is none (snapshots)."""
    value = next((values[name] for name in names if values.get(name) is not None), None)
    if value is None or value == "NULL":
        return None
    if not isinstance(value, str) or not _LSN.fullmatch(value):
        raise UndecodableError(f"{names[0]} is {value!r:.80}, not a log position such as 00000027:00000ac0:0002")
    return value


def _serial(value: object) -> int | None:
    return None if value is None else _integer(value, "event_serial_no")


def _integer(value: object, name: str) -> int:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if type(value) is not int:
        raise UndecodableError(f"{name} is {value!r:.80}, not a whole number")
    return value


def _encode(op: str, before: object, after: object, source: object, ts_ms: object) -> bytes:
    """The envelope, members in the order in which jsonb stores them."""
    try:
        encoded = orjson.dumps({"op": op, "after": after, "ts_ms": ts_ms, "before": before, "source": source})
    except orjson.JSONEncodeError as error:
        raise UndecodableError(f"cannot be written as JSON: {error}") from error
    if b"\\u0000" in encoded:
        for row in (after, before):
            for name, value in row.items() if isinstance(row, dict) else ():
                if isinstance(value, str) and "\0" in value:
                    raise UndecodableError(
                        f"column {name}: U+0000 at character {value.index(chr(0))}: jsonb cannot hold it"
                    )
    if len(encoded) > LARGEST_PAYLOAD_BYTES:
        raise UndecodableError(f"the row takes {len(encoded):,} bytes, more than jsonb can hold")
    return encoded
