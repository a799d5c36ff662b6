"""Recorded-shape messages, and what is not one."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from ingest.envelope import EnvelopeEncoder
from ingest.stream.decode import Event, Ignored, Message, MessageDecoder
from ingest.stream.layout import UndecodableError, connect_layout
from ingest.tables import TABLES, TABLES_BY_NAME, SourceTable
from tests.debezium import Change, envelope_schema, plain_row, topic_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "debezium"
ANALOGUE = TABLES_BY_NAME["ProductAnalogue"]
IGNORED = {
    "tombstone": Ignored.TOMBSTONE, "transaction_end": Ignored.TRANSACTION, "heartbeat": Ignored.HEARTBEAT,
    "schema_change": Ignored.SCHEMA_CHANGE, "signal": Ignored.SIGNAL,
}  # fmt: skip


def message(value: bytes | None, topic: str = "cord.x.db.dbo.ProductAnalogue", key: bytes | None = None) -> Message:
    return Message(topic, 0, 0, key, value, 1_700_000_000_000)


def load(path: Path) -> tuple[Message, dict[str, Any] | None]:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    value = None if recorded["value"] is None else json.dumps(recorded["value"]).encode()
    return message(value, recorded["topic"], json.dumps(recorded["key"]).encode()), recorded["expected"]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_messages(path: Path) -> None:
    recorded, expected = load(path)
    decoded = MessageDecoder().decode(recorded)
    if expected is None:
        assert decoded is IGNORED[path.stem]
        return
    assert isinstance(decoded, Event)
    payload = orjson.loads(decoded.payload)
    assert expected == {
        "table": decoded.table.name, "op": payload["op"], "row_key": decoded.row_key,
        "commit_lsn": decoded.commit_lsn, "change_lsn": decoded.change_lsn,
        "event_serial_no": decoded.event_serial_no, "source_ts_ms": decoded.source_ts_ms,
        "before": payload["before"], "after": payload["after"],
    }  # fmt: skip
    assert payload["source"]["connector"] == "sqlserver"


def driver_values(table: SourceTable, row: dict[str, Any]) -> tuple[Any, ...]:
    """What pymssql returns for ``row``, in the order in which the direct loader selects."""
    kinds = {column.name: column.type_name for column in table.columns}
    makers: dict[str, Callable[[Any], Any]] = {
        "datetime2": datetime.fromisoformat, "money": Decimal, "decimal": Decimal, "uniqueidentifier": UUID,
        "varbinary": base64.b64decode,
    }  # fmt: skip
    names = EnvelopeEncoder(table, "db").columns
    return tuple(
        None if row[name] is None else makers.get(kinds[name], lambda value: value)(row[name]) for name in names
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_stream_writes_what_the_direct_loader_writes(table: SourceTable) -> None:
    row = plain_row(table, 3)
    empty = {name: None if table.columns[i].nullable else row[name] for i, name in enumerate(table.column_names)}
    decoder, direct = MessageDecoder(), EnvelopeEncoder(table, "db")
    for expected in (row, empty):
        change = Change(table, "u", expected, expected)
        for value in (change.bare(), change.with_schema(), change.with_schema(), change.flattened()):
            decoded = decoder.decode(message(value, topic_of(table)))
            assert isinstance(decoded, Event)
            payload = orjson.loads(decoded.payload)
            assert payload["after"] == expected == orjson.loads(direct.encode_row(driver_values(table, expected)))
            assert list(payload["after"]) == list(EnvelopeEncoder(table, "db").columns)
            assert list(payload) == ["op", "after", "ts_ms", "before", "source"]


def test_a_schema_seen_before_is_not_read_again_but_a_new_one_is() -> None:
    decoder = MessageDecoder()
    row = plain_row(ANALOGUE, 1)
    change = Change(ANALOGUE, "c", None, row)
    decoder.decode(message(change.with_schema()))
    changed = json.loads(change.with_schema())
    for image in changed["schema"]["fields"][:2]:
        image["fields"].append({"type": "int32", "optional": True, "name": "io.debezium.time.Date", "field": "Since"})
    changed["payload"]["after"]["Since"] = 19_844
    for value in (json.dumps(changed, separators=(",", ":")).encode(), change.with_schema()):
        decoded = decoder.decode(message(value))
        assert isinstance(decoded, Event)
        after = orjson.loads(decoded.payload)["after"]
        assert {name: after[name] for name in row} == row
        assert after.get("Since") in ("2024-05-01", None)


def test_columns_the_registry_does_not_know_are_kept() -> None:
    row = plain_row(ANALOGUE, 1, Extra={"a": [1]})
    decoded = MessageDecoder().decode(message(Change(ANALOGUE, "c", None, row).bare()))
    assert isinstance(decoded, Event)
    assert orjson.loads(decoded.payload)["after"]["Extra"] == {"a": [1]}


def test_a_delete_without_its_row_is_known_by_its_key() -> None:
    change = Change(ANALOGUE, "d", None, None)
    for key in (b'{"ID":7}', b'{"schema":{"type":"struct","fields":[]},"payload":{"ID":7}}'):
        decoded = MessageDecoder().decode(message(change.bare(), key=key))
        assert isinstance(decoded, Event)
        assert (decoded.row_key, decoded.op) == (7, "d")


def test_snapshot_positions_may_be_missing() -> None:
    value = json.loads(Change(ANALOGUE, "r", None, plain_row(ANALOGUE, 1)).bare())
    value["source"]["change_lsn"] = "NULL"
    decoded = MessageDecoder().decode(message(json.dumps(value).encode()))
    assert isinstance(decoded, Event)
    assert (decoded.change_lsn, decoded.event_serial_no) == (None, None)
    assert decoded.commit_lsn is not None


def broken(**changes: Any) -> bytes:
    document = Change(ANALOGUE, "u", None, plain_row(ANALOGUE, 1)).payload()
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = document
        for parent in parents:
            target = target[parent]
        if value is KeyError:
            del target[last]
        else:
            target[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", "neither JSON nor framed Avro"),
        (b"\xff\xfe", "neither JSON nor framed Avro"),
        (b"[1]", "expected an object"),
        (b'{"ID":1}', "delete.tombstone.handling.mode"),
        (b"\x00\x00\x00\x00\x01x", "CORDSEARCH_SCHEMA_REGISTRY_URL"),
        (broken(op="t"), "operation 't'"),
        (broken(source__table="Secret"), "not in the registry"),
        (broken(source__schema="sales"), "sales.ProductAnalogue is not in the registry"),
        (broken(source__commit_lsn="27:ac0:2"), "not a log position"),
        (broken(source__event_serial_no="x"), "not a whole number"),
        (broken(after=None), "not a row"),
        (broken(after__ID="1"), "column ID"),
        (broken(after__ID=None), "not an integer"),
        (broken(after__Created=KeyError), "column Created: missing"),
        (broken(after__Created=1_714_558_830_123), "coarser unit"),
        (broken(after__Extra="a\0b"), "U\\+0000 at character 1"),
    ],
)
def test_everything_else_is_refused_with_its_reason(value: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=reason):
        MessageDecoder().decode(message(value))


@pytest.mark.parametrize(
    ("mutate", "reason"),
    [
        (lambda field: field.update(type="string"), "declared datetime2|declared as datetime2"),
        (lambda field: field.update(name="org.apache.kafka.connect.data.Timestamp"), "time.precision.mode"),
        (lambda field: field.update(field="Made"), "column Created: not in the message"),
    ],
)
def test_a_retyped_or_vanished_column_is_refused(mutate: Any, reason: str) -> None:
    schema = envelope_schema(ANALOGUE)
    fields = json.loads(json.dumps(schema))
    for image in fields["fields"][:2]:
        mutate(next(field for field in image["fields"] if field["field"] == "Created"))
    with pytest.raises(UndecodableError, match=reason):
        connect_layout(fields).decoder(ANALOGUE)
