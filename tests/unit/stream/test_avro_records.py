"""The record reader against fastavro, an implementation of its own; and bytes that are no record."""

import random
from io import BytesIO
from typing import Any

import pytest

pytest.importorskip("fastavro", reason="needs the Kafka client: pip install 'cordsearch[stream]'")

import fastavro

from ingest.stream.avro_records import UnsupportedSchemaError, record_reader
from ingest.tables import TABLES
from tests.debezium import Change, avro_schema, plain_row

KINDS = ("boolean", "int", "long", "float", "double", "bytes", "string")


def some_value(kind: str, chance: random.Random) -> Any:
    return {
        "boolean": chance.random() < 0.5,
        "int": chance.choice([0, -1, 63, 64, -64, -65, 2**31 - 1, -(2**31)]),
        "long": chance.choice([0, -1, 127, 128, 2**63 - 1, -(2**63), chance.getrandbits(40)]),
        "float": chance.choice([0.0, -0.5, 0.25]),
        "double": chance.choice([0.1, -1e300, 5e-324, float("inf")]),
        "bytes": chance.randbytes(chance.choice([0, 1, 63, 64, 200])),
        "string": chance.choice(["", "a", "Колодка", "x" * 63, "x" * 64, "ї" * 5_000, "😀", "\0"]),
    }[kind]


def some_schema(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record as Connect writes it, with a nested one that is named again, and a value of it."""
    fields, row = [], {}
    for number in range(chance.randint(1, 30)):
        kind, name = chance.choice(KINDS), f"c{number}"
        plain: Any = {"type": kind, "connect.name": "some.Meaning"} if chance.random() < 0.3 else kind
        optional = chance.random() < 0.8
        fields.append({"name": name, "type": ["null", plain] if optional else plain})
        row[name] = None if optional and chance.random() < 0.3 else some_value(kind, chance)
    value = {"type": "record", "name": "Value", "fields": fields}
    schema = {
        "type": "record", "name": "Envelope", "namespace": "cord.x", "fields": [
            {"name": "before", "type": ["null", value]},
            {"name": "after", "type": ["null", chance.choice(["Value", "cord.x.Value"])]},
            {"name": "op", "type": "string"},
        ],
    }  # fmt: skip
    return schema, {"before": chance.choice([None, row]), "after": row, "op": "u"}


def written(schema: dict[str, Any], record: dict[str, Any]) -> bytes:
    out = BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), record)
    return b"frame" + out.getvalue()


def test_records_of_any_schema_are_read_as_fastavro_reads_them() -> None:
    chance = random.Random(1)
    for _ in range(300):
        schema, record = some_schema(chance)
        value = written(schema, record)
        read_by_other = fastavro.schemaless_reader(BytesIO(value[5:]), fastavro.parse_schema(schema), None)
        assert record_reader(schema)(value, 5) == read_by_other == record


def test_events_of_every_table() -> None:
    for table in TABLES:
        row = plain_row(table, 7)
        empty = {column.name: None for column in table.columns}
        record = Change(table, "u", row, empty | {table.primary_key: 7}, position=3).avro_record()
        assert record_reader(avro_schema(table))(written(avro_schema(table), record), 5) == record


def test_bytes_that_are_no_record_are_refused_and_never_misread_at_their_end() -> None:
    chance = random.Random(2)
    for _ in range(100):
        schema, record = some_schema(chance)
        value, read = written(schema, record), record_reader(schema)
        for broken in (value[: chance.randrange(5, len(value))], value + b"\0"):
            with pytest.raises((ValueError, IndexError)):
                read(broken, 5)
        garbage = b"frame" + chance.randbytes(50)
        try:
            read(garbage, 5)
        except (ValueError, IndexError, OverflowError):
            continue


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "array", "items": "string"}, {"type": "map", "values": "string"}, ["string", "null"],
        {"type": "enum", "name": "E", "symbols": ["A"]}, {"type": "fixed", "name": "F", "size": 3}, "Unknown",
        ["null", "string", "long"], {"type": "record", "name": "R", "fields": []},
    ],
)  # fmt: skip
def test_what_it_does_not_know_is_left_to_another_reader(kind: Any) -> None:
    with pytest.raises(UnsupportedSchemaError):
        record_reader({"type": "record", "name": "R", "fields": [{"name": "a", "type": kind}]})
