"""Debezium's messages about rows of the registry's tables, in every form a connector can write them.

A row is given as bronze values (what ``ingest.envelope`` writes); the builder encodes it as the connector would:
that the decoder brings back the very same values is what the tests ask.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from ingest.tables import SourceColumn, SourceTable

PREFIX = "cord.product"
DATABASE = "ConcordDb"
COMMITTED_MS = 1_714_558_830_123
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
CONNECT_TYPES = {
    "bigint": ("int64", None), "int": ("int32", None), "bit": ("boolean", None), "float": ("double", None),
    "nvarchar": ("string", None), "datetime2": ("int64", "io.debezium.time.NanoTimestamp"),
    "money": ("string", None), "decimal": ("string", None), "uniqueidentifier": ("string", None),
    "varbinary": ("bytes", None),
}  # fmt: skip
AVRO_TYPES = {
    "int64": "long",
    "int32": "int",
    "boolean": "boolean",
    "double": "double",
    "string": "string",
    "bytes": "bytes",
}
SOURCE_FIELDS = {
    "version": "string", "connector": "string", "name": "string", "ts_ms": "int64", "snapshot": "string",
    "db": "string", "schema": "string", "table": "string", "change_lsn": "string", "commit_lsn": "string",
    "event_serial_no": "int64",
}  # fmt: skip


def lsn(number: int) -> str:
    return f"{number >> 48:08x}:{(number >> 16) & 0xFFFFFFFF:08x}:{number & 0xFFFF:04x}"


def topic_of(table: SourceTable) -> str:
    return f"{PREFIX}.{DATABASE}.{table.schema}.{table.name}"


def plain_row(table: SourceTable, key: int, **values: Any) -> dict[str, Any]:
    """A row in bronze encoding: every column filled."""
    row: dict[str, Any] = {column.name: _some_value(column, key) for column in table.columns}
    return row | {table.primary_key: key} | values


def _some_value(column: SourceColumn, key: int) -> Any:
    return {
        "bigint": key * 7, "int": key % 1000, "bit": key % 2 == 0, "float": key / 4, "nvarchar": f"Колодка {key}",
        "datetime2": (datetime(2024, 5, 1, 10, 20, 30, 123456) + timedelta(seconds=key)).isoformat(),  # noqa: DTZ001
        "money": f"{key}.5000", "decimal": f"{key}.25", "uniqueidentifier": f"6f9619ff-8b86-d011-b42d-{key:012x}",
        "varbinary": base64.b64encode(key.to_bytes(8, "big")).decode(),
    }[column.type_name]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change as the connector sees it; rows are in bronze encoding."""

    table: SourceTable
    op: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    position: int = 1
    serial: int = 1
    ts_ms: int = COMMITTED_MS

    @property
    def key(self) -> bytes:
        row = self.after or self.before or {}
        return json.dumps({self.table.primary_key: row[self.table.primary_key]}).encode()

    @property
    def source(self) -> dict[str, Any]:
        snapshot = self.op == "r"
        return {
            "version": "3.2.0.Final", "connector": "sqlserver", "name": PREFIX, "ts_ms": self.ts_ms,
            "snapshot": "true" if snapshot else "false", "db": DATABASE, "schema": self.table.schema,
            "table": self.table.name, "change_lsn": None if snapshot else lsn(self.position * 16),
            "commit_lsn": lsn(self.position * 16 + 1), "event_serial_no": None if snapshot else self.serial,
        }  # fmt: skip

    def payload(self) -> dict[str, Any]:
        return {
            "before": _wire_row(self.table, self.before), "after": _wire_row(self.table, self.after),
            "source": self.source, "transaction": None, "op": self.op, "ts_ms": self.ts_ms + 250,
        }  # fmt: skip

    def bare(self) -> bytes:
        return _dump(self.payload())

    def with_schema(self) -> bytes:
        return _dump({"schema": envelope_schema(self.table), "payload": self.payload()})

    def flattened(self, *, schema: bool = False) -> bytes:
        deleted = self.op == "d"
        row = _wire_row(self.table, self.before if deleted else self.after) or {}
        row |= {
            "__deleted": "true" if deleted else "false", "__op": self.op, "__table": self.table.name,
            "__source_ts_ms": self.ts_ms, "__source_commit_lsn": self.source["commit_lsn"],
            "__source_change_lsn": self.source["change_lsn"],
            "__source_event_serial_no": self.source["event_serial_no"],
        }  # fmt: skip
        if not schema:
            return _dump(row)
        added = [{"type": "string", "optional": True, "field": name} for name in row if name.startswith("__")]
        fields = [connect_field(column) for column in self.table.columns] + added
        return _dump({"schema": {"type": "struct", "fields": fields, "optional": False}, "payload": row})

    def avro_record(self) -> dict[str, Any]:
        record = self.payload()
        for member in ("before", "after"):
            for column in self.table.columns if record[member] else ():
                value = record[member][column.name]
                if column.type_name == "varbinary" and value is not None:
                    record[member][column.name] = base64.b64decode(value)
        return record


def envelope_schema(table: SourceTable) -> dict[str, Any]:
    name = topic_of(table)
    row = {"type": "struct", "fields": [connect_field(column) for column in table.columns], "optional": True}
    source = [{"type": kind, "optional": True, "field": field} for field, kind in SOURCE_FIELDS.items()]
    return {
        "type": "struct",
        "fields": [
            row | {"name": f"{name}.Value", "field": "before"},
            row | {"name": f"{name}.Value", "field": "after"},
            {
                "type": "struct", "fields": source, "optional": False,
                "name": "io.debezium.connector.sqlserver.Source", "version": 1, "field": "source",
            },
            {"type": "string", "optional": False, "field": "op"},
            {"type": "int64", "optional": True, "field": "ts_ms"},
        ],
        "optional": False,
        "name": f"{name}.Envelope",
        "version": 2,
    }  # fmt: skip


def connect_field(column: SourceColumn) -> dict[str, Any]:
    kind, semantic = CONNECT_TYPES[column.type_name]
    field: dict[str, Any] = {"type": kind, "optional": column.nullable, "field": column.name}
    return field | ({"name": semantic, "version": 1} if semantic else {})


def avro_schema(table: SourceTable) -> dict[str, Any]:
    fields = []
    for column in table.columns:
        kind, semantic = CONNECT_TYPES[column.type_name]
        plain: Any = AVRO_TYPES[kind]
        if semantic:
            plain = {"type": plain, "connect.version": 1, "connect.name": semantic}
        fields.append({"name": column.name, "type": ["null", plain], "default": None})
    source = [
        {"name": name, "type": ["null", AVRO_TYPES[kind]], "default": None} for name, kind in SOURCE_FIELDS.items()
    ]
    value = {"type": "record", "name": "Value", "fields": fields, "connect.name": f"{topic_of(table)}.Value"}
    return {
        "type": "record", "name": "Envelope", "namespace": f"cord.product.{DATABASE}.dbo.{table.name}",
        "fields": [
            {"name": "before", "type": ["null", value], "default": None},
            {"name": "after", "type": ["null", "Value"], "default": None},
            {"name": "source", "type": {"type": "record", "name": "Source", "fields": source}},
            {"name": "transaction", "type": ["null", "string"], "default": None},
            {"name": "op", "type": "string"},
            {"name": "ts_ms", "type": ["null", "long"], "default": None},
        ],
    }  # fmt: skip


def avro_message(change: Change, parsed_schema: Any, schema_id: int) -> bytes:
    import fastavro  # noqa: PLC0415 - only where the extra is installed

    out = BytesIO()
    fastavro.schemaless_writer(out, parsed_schema, change.avro_record())
    return b"\0" + schema_id.to_bytes(4, "big") + out.getvalue()


def _wire_row(table: SourceTable, row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    kinds = {column.name: column.type_name for column in table.columns}
    return {name: None if value is None else _wire(kinds.get(name, ""), value) for name, value in row.items()}


def _wire(kind: str, value: Any) -> Any:
    if kind == "datetime2":
        nanoseconds = (datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1) * 1000
        return (nanoseconds + 2**63) % 2**64 - 2**63  # a Java long
    return value.upper() if kind == "uniqueidentifier" else value


def decimal_bytes(text: str, scale: int) -> bytes:
    """org.apache.kafka.connect.data.Decimal: the unscaled value, big-endian two's complement, as short as it goes."""
    unscaled = int(Decimal(text).scaleb(scale))
    return unscaled.to_bytes((unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 1, "big", signed=True)


def _dump(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
