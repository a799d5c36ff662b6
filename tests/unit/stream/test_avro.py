"""Framed Avro: what is read, what is refused, and what must be tried again."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="needs the Kafka client: pip install 'cordsearch[stream]'")

import fastavro
import orjson
from confluent_kafka.schema_registry.error import SchemaRegistryError

from cordsearch.settings import Settings
from ingest.stream.avro import RegistryAvroReader, SchemaRegistryUnavailableError, avro_reader
from ingest.stream.decode import Event, Message, MessageDecoder
from ingest.stream.layout import UndecodableError
from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change, avro_message, avro_schema, decimal_bytes, plain_row, topic_of

PRICING = TABLES_BY_NAME["ProductPricing"]
CHANGE = Change(PRICING, "u", None, plain_row(PRICING, 1))


@dataclass
class Registry:
    """Schemas by id; an exception is raised instead."""

    schemas: dict[int, Any]
    schema_type: str = "AVRO"
    references: list[str] = field(default_factory=list)
    asked: int = 0

    def get_schema(self, schema_id: int) -> Any:
        self.asked += 1
        found = self.schemas.get(schema_id, SchemaRegistryError(404, 40403, "Schema not found"))
        if isinstance(found, Exception):
            raise found
        self.schema_str = json.dumps(found)
        return self


def decode(value: bytes, registry: Registry) -> Event:
    decoded = MessageDecoder(RegistryAvroReader(registry)).decode(Message(topic_of(PRICING), 0, 0, None, value, 1))
    assert isinstance(decoded, Event)
    return decoded


def framed(schema: Any, schema_id: int = 7) -> bytes:
    return avro_message(CHANGE, fastavro.parse_schema(json.loads(json.dumps(schema))), schema_id)


def test_a_schema_is_asked_for_once() -> None:
    registry = Registry({7: avro_schema(PRICING)})
    reader = RegistryAvroReader(registry)
    for _ in range(3):
        record, layout = reader.read(framed(registry.schemas[7]))
        assert record["op"] == "u"
        assert layout.fields is not None
    assert registry.asked == 1


def test_decimals_as_bytes_keep_every_digit() -> None:
    schema = avro_schema(PRICING)
    price = next(member for member in schema["fields"][0]["type"][1]["fields"] if member["name"] == "Price")
    price["type"] = [
        "null",
        {
            "type": "bytes", "scale": 4, "precision": 19, "connect.version": 1, "logicalType": "decimal",
            "connect.parameters": {"scale": "4"}, "connect.name": "org.apache.kafka.connect.data.Decimal",
        },
    ]  # fmt: skip
    plain = json.loads(json.dumps(schema))
    del next(m for m in plain["fields"][0]["type"][1]["fields"] if m["name"] == "Price")["type"][1]["logicalType"]
    record = CHANGE.avro_record()
    record["after"]["Price"] = decimal_bytes("922337203685477.5807", 4)
    change = CHANGE
    value = avro_message(_With(change, record), fastavro.parse_schema(plain), 7)  # type: ignore[arg-type]
    after = orjson.loads(decode(value, Registry({7: schema})).payload)["after"]
    assert after["Price"] == "922337203685477.5807"


@dataclass
class _With:
    change: Change
    record: dict[str, Any]

    def avro_record(self) -> dict[str, Any]:
        return self.record


@pytest.mark.parametrize(
    ("value", "registry", "reason"),
    [
        (b"\0\0\0", Registry({}), "too short"),
        (b"\0\0\0\0\x07xx", Registry({}), "no schema 7"),
        (b"\0\0\0\0\x07xx", Registry({7: {}}, schema_type="PROTOBUF"), "PROTOBUF"),
        (b"\0\0\0\0\x07xx", Registry({7: {}}, references=["other"]), "with references"),
        (framed(avro_schema(PRICING))[:60], Registry({7: avro_schema(PRICING)}), "does not fit its schema"),
        (b"\0\0\0\0\x07\x02x", Registry({7: "string"}), "not one of Kafka Connect"),
    ],
)
def test_refused(value: bytes, registry: Registry, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason):
        decode(value, registry)


@pytest.mark.parametrize(
    "failure", [SchemaRegistryError(503, 50301, "busy"), ConnectionError("refused"), TimeoutError()]
)
def test_an_outage_is_no_fault_of_the_message(failure: Exception) -> None:
    with pytest.raises(SchemaRegistryUnavailableError, match="CORDSEARCH_SCHEMA_REGISTRY_URL"):
        decode(framed(avro_schema(PRICING)), Registry({7: failure}))


def test_the_registry_is_optional() -> None:
    assert avro_reader(Settings(schema_registry_url=None)) is None
    assert avro_reader(Settings(schema_registry_url="http://registry:8081")) is not None
