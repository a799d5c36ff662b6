"""Stage: KAFKA -> BRONZE, Avro. Reads schemas from Schema Registry and Avro records from messages; writes nothing.

The frame is Confluent's: one zero byte, the schema id in four bytes, big-endian, then the record
(https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/, "Wire format").
Values stay as Avro carries them: logical types are left to ``debezium_types``, which knows what Debezium meant.
"""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol, cast

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from fastavro.types import Schema

from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from ingest.stream.avro_records import UnsupportedSchemaError, record_reader
from ingest.stream.layout import Layout, UndecodableError, avro_layout

ReadRecord = Callable[[bytes, int], Any]

_FRAME_BYTES = 5
_NOT_FOUND = 404


class SchemaRegistryUnavailableError(CordSearchError):
    """The registry cannot be asked just now; the messages themselves may be fine."""


class SchemaSource(Protocol):
    """What is used of ``confluent_kafka.schema_registry.SchemaRegistryClient``."""

    def get_schema(self, schema_id: int) -> Any:
        """Return an object with ``schema_str``, ``schema_type`` and ``references``."""


class RegistryAvroReader:
    """Reads framed Avro; each schema is fetched once."""

    def __init__(self, registry: SchemaSource) -> None:
        self._registry = registry
        self._known: dict[int, tuple[ReadRecord, Layout]] = {}

    def read(self, value: bytes) -> tuple[dict[str, Any], Layout]:
        """Return record and layout of a framed message.

        Raises UndecodableError: not Avro, or no such schema. SchemaRegistryUnavailableError: try again later.
        """
        if len(value) <= _FRAME_BYTES:
            raise UndecodableError(f"{len(value)} bytes are too short for framed Avro")
        read_record, layout = self._schema(int.from_bytes(value[1:_FRAME_BYTES], "big"))
        try:
            record = read_record(value, _FRAME_BYTES)
        except (EOFError, ValueError, IndexError, KeyError, OverflowError) as error:
            raise UndecodableError(f"the Avro record does not fit its schema ({error!r})") from error
        if not isinstance(record, dict):
            raise UndecodableError("the Avro schema is not a record")
        return cast("dict[str, Any]", record), layout

    def _schema(self, schema_id: int) -> tuple[ReadRecord, Layout]:
        known = self._known.get(schema_id)
        if known is None:
            known = self._known[schema_id] = self._fetch(schema_id)
        return known

    def _fetch(self, schema_id: int) -> tuple[ReadRecord, Layout]:
        try:
            found = self._registry.get_schema(schema_id)
        except SchemaRegistryError as error:
            if error.http_status_code == _NOT_FOUND:
                raise UndecodableError(f"Schema Registry has no schema {schema_id}") from error
            raise SchemaRegistryUnavailableError(_told(schema_id, error)) from error
        except Exception as error:  # whatever its HTTP client raises: the registry did not answer
            raise SchemaRegistryUnavailableError(_told(schema_id, error)) from error
        if found.schema_type != "AVRO" or found.references:
            raise UndecodableError(
                f"schema {schema_id} is {found.schema_type}{' with references' if found.references else ''}: "
                f"only Avro without references is read"
            )
        document = json.loads(found.schema_str)
        layout = avro_layout(document)
        try:
            return record_reader(document), layout
        except UnsupportedSchemaError:
            return _fastavro_reader(fastavro.parse_schema(_without_logical_types(document))), layout


def avro_reader(settings: Settings) -> RegistryAvroReader | None:
    """Return the reader for the configured registry, or None when none is configured."""
    if not settings.schema_registry_url:
        return None
    return RegistryAvroReader(SchemaRegistryClient({"url": settings.schema_registry_url}))


def _fastavro_reader(schema: Schema) -> ReadRecord:
    return lambda value, place: fastavro.schemaless_reader(BytesIO(value[place:]), schema, None)


def _told(schema_id: int, error: Exception) -> str:
    return (
        f"Schema Registry did not give schema {schema_id} ({type(error).__name__}: {error}). "
        f"Check CORDSEARCH_SCHEMA_REGISTRY_URL and that the registry runs."
    )


def _without_logical_types(kind: Any) -> Any:
    """The reader would turn ``bytes`` into decimals and numbers into dates by rules of its own."""
    if isinstance(kind, list):
        return [_without_logical_types(part) for part in kind]
    if isinstance(kind, dict):
        return {name: _without_logical_types(part) for name, part in kind.items() if name != "logicalType"}
    return kind
