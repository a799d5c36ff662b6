"""Every SQL Server type through the envelope, and what is refused."""

# ruff: noqa: DTZ001  (datetime2 has no zone)

import base64
import json
import math
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ingest.envelope import DeadRow, EnvelopeEncoder, KeyOrderError, jsonb_order
from ingest.tables import TABLES, TABLES_BY_NAME, SourceColumn, SourceTable
from ingest.values import UnencodableValueError

READ_AT = 1_714_559_999_123
EVERY_TYPE = SourceTable(
    "dbo",
    "Sample",
    "ID",
    tuple(
        SourceColumn(name, kind, nullable=name != "ID", references=None)
        for name, kind in {
            "ID": "bigint",
            "Count": "int",
            "Deleted": "bit",
            "Weight": "float",
            "Price": "money",
            "Rate": "decimal(18, 2)",
            "Created": "datetime2",
            "NetUID": "uniqueidentifier",
            "SourceID": "varbinary(16)",
            "Name": "nvarchar(120)",
            "Notes": "nvarchar(max)",
        }.items()
    ),
    listed_in_seed=True,
)
NET_UID = uuid.UUID("6F9619FF-8B86-D011-B42D-00C04FC964FF")
GOOD: dict[str, Any] = {
    "ID": 1,
    "Count": -3,
    "Deleted": False,
    "Weight": 0.1,
    "Price": Decimal("12.5"),
    "Rate": Decimal("-0.10"),
    "Created": datetime(2024, 5, 1, 10, 20, 30, 123456),
    "NetUID": NET_UID,
    "SourceID": b"\x00\xff\\",
    "Name": 'Колодки "BPW"\\\t\n\r\x01 😀',
    "Notes": "",
}


def encoder() -> EnvelopeEncoder:
    return EnvelopeEncoder(EVERY_TYPE, "shop")


def row(**changes: Any) -> tuple[Any, ...]:
    return tuple((GOOD | changes)[name] for name in encoder().columns)


def events(copy_text: bytes) -> list[tuple[int, int, dict[str, Any]]]:
    """Undo COPY's text format."""
    lines = copy_text.decode().replace("\\\\", "\\").split("\n")[:-1]
    return [(int(key), int(ts), json.loads(payload)) for key, ts, payload in (line.split("\t") for line in lines)]


def after(**changes: Any) -> dict[str, Any]:
    page = encoder().encode_page([row(**changes)], READ_AT)
    assert not page.dead_rows
    result: dict[str, Any] = events(page.copy_text)[0][2]["after"]
    return result


def test_envelope_has_the_shape_of_a_debezium_read_event() -> None:
    page = encoder().encode_page([row()], READ_AT)
    key, ts_ms, payload = events(page.copy_text)[0]
    assert (key, ts_ms, page.rows, page.last_key) == (1, READ_AT, 1, 1)
    assert set(payload) == {"before", "after", "source", "op", "ts_ms"}
    assert (payload["before"], payload["op"], payload["ts_ms"]) == (None, "r", READ_AT)
    assert payload["source"] == {
        "connector": "direct", "db": "shop", "schema": "dbo", "table": "Sample", "ts_ms": READ_AT, "snapshot": "true",
    }  # fmt: skip


def test_every_type_is_encoded_as_declared() -> None:
    assert after() == {
        "ID": 1,
        "Count": -3,
        "Deleted": False,
        "Weight": 0.1,
        "Price": "12.5000",
        "Rate": "-0.10",
        "Created": "2024-05-01T10:20:30.123456",
        "NetUID": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "SourceID": base64.b64encode(GOOD["SourceID"]).decode(),
        "Name": GOOD["Name"],
        "Notes": "",
    }


@pytest.mark.parametrize("name", [name for name in GOOD if name != "ID"])
def test_null_stays_null(name: str) -> None:
    assert after(**{name: None})[name] is None


@pytest.mark.parametrize(
    ("name", "value", "encoded"),
    [
        ("Price", Decimal("922337203685477.5807"), "922337203685477.5807"),
        ("Price", Decimal("-0.0001"), "-0.0001"),
        ("Price", Decimal("1E+3"), "1000.0000"),
        ("Price", 7, "7.0000"),
        ("Rate", Decimal("9999999999999999.99"), "9999999999999999.99"),
        ("Rate", Decimal("1.5000"), "1.50"),
        ("ID", 9223372036854775807, 9223372036854775807),
        ("Created", datetime(2024, 5, 1), "2024-05-01T00:00:00"),
        ("Created", datetime(1, 1, 1, 0, 0, 0, 1), "0001-01-01T00:00:00.000001"),
        ("Created", "2024-05-01 10:20:30.1234567", "2024-05-01T10:20:30.123456"),
        ("Created", "2024-05-01 10:20:30", "2024-05-01T10:20:30"),
        ("NetUID", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("Deleted", 1, True),
        ("SourceID", bytearray(b"ab"), "YWI="),
        ("SourceID", b"", ""),
        ("Weight", 1e308, 1e308),
        ("Name", r"\u0000 is six characters here", r"\u0000 is six characters here"),
        ("Name", "ї\u202e\u3000\U0010ffff", "ї\u202e\u3000\U0010ffff"),
    ],
)
def test_values_keep_their_exact_meaning(name: str, value: object, encoded: object) -> None:
    assert after(**{name: value})[name] == encoded


CONTENT_AT_FAULT = [
    ("Name", "a\0b", "U+0000 at character 1"),
    ("Name", "a\ud83d", "lone surrogate U+D83D at character 1"),
    ("Weight", math.nan, "cannot be written in JSON"),
    ("Weight", -math.inf, "cannot be written in JSON"),
    ("Price", Decimal("NaN"), "expected an exact decimal"),
    ("Price", Decimal("1.00001"), "more than 4 decimals"),
    ("Rate", Decimal("0.001"), "more than 2 decimals"),
]
TYPE_AT_FAULT = [
    ("Name", b"bytes", "expected text"),
    ("Weight", "1.0", "expected a float"),
    ("Price", 12.5, "expected an exact decimal"),
    ("Count", "5", "64-bit integer"),
    ("Deleted", 2, "expected a bit"),
    ("Created", "yesterday", "expected a date and time"),
    ("Created", 5, "expected a date and time"),
    ("Created", datetime(2024, 5, 1, tzinfo=UTC), "has no zone"),
    ("NetUID", "not-a-uid", "unique identifier"),
    ("SourceID", "text", "expected bytes"),
]


@pytest.mark.parametrize(
    ("position", "name", "value", "words"),
    # a driver decodes a column one way, so a wrong type shows in the first value of a page
    [(1, *case) for case in TYPE_AT_FAULT] + [(position, *case) for case in CONTENT_AT_FAULT for position in (1, 2, 3)],
)
def test_bad_row_is_parked_with_its_reason_and_the_others_go_on(
    position: int, name: str, value: object, words: str
) -> None:
    rows = [row(ID=key, **({name: value} if key == position else {})) for key in (1, 2, 3)]
    page = encoder().encode_page(rows, READ_AT)
    assert [key for key, _, _ in events(page.copy_text)] == [key for key in (1, 2, 3) if key != position]
    assert (page.rows, page.rows_read, page.last_key) == (2, 3, 3)
    (dead,) = page.dead_rows
    assert (dead.row_key, dead.column) == (str(position), name)
    assert words in dead.reason
    dead.raw.encode()  # what is kept can itself be stored
    assert "\0" not in dead.raw


def test_last_row_of_a_page_may_be_refused_and_paging_still_goes_on() -> None:
    page = encoder().encode_page([row(ID=1), row(ID=2, Name="\0")], READ_AT)
    assert page.last_key == 2


@pytest.mark.parametrize("keys", [[2, 1], [1, 1]])
def test_keys_that_do_not_rise_are_refused(keys: list[int]) -> None:
    with pytest.raises(KeyOrderError, match="ID"):
        encoder().encode_page([row(ID=key) for key in keys], READ_AT)


def test_empty_page() -> None:
    page = encoder().encode_page([], READ_AT)
    assert (page.rows_read, page.copy_text, page.last_key) == (0, b"", None)


def random_value(kind: str, chance: random.Random) -> object:
    alphabet = 'abЖїł"\\\t\n\x7f\x85\u2028😀 '
    makers: dict[str, Callable[[], object]] = {
        "bigint": lambda: chance.randint(-(2**63), 2**63 - 1),
        "int": lambda: chance.randint(-(2**31), 2**31 - 1),
        "bit": lambda: chance.random() < 0.5,
        "float": lambda: chance.choice([0.0, -0.0, 1.5, 1e-320, chance.uniform(-1e9, 1e9)]),
        "money": lambda: Decimal(chance.randint(-(10**18), 10**18)).scaleb(-4),
        "decimal": lambda: Decimal(chance.randint(-(10**17), 10**17)).scaleb(-2),
        "datetime2": lambda: datetime(chance.randint(1, 9999), 5, 1, 1, 2, 3, chance.choice([0, 1, 120_000])),
        "uniqueidentifier": lambda: uuid.UUID(int=chance.getrandbits(128)),
        "varbinary": lambda: chance.randbytes(chance.randint(0, 16)),
        "nvarchar": lambda: "".join(chance.choices(alphabet, k=chance.randint(0, 20))),
    }
    return makers[kind]()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_fast_route_and_the_strict_route_give_the_same_bytes(table: SourceTable) -> None:
    chance = random.Random(table.name)
    coder = EnvelopeEncoder(table, "shop")
    types = {column.name: column.type_name for column in table.columns}
    rows = []
    for key in range(200):
        values = {name: random_value(kind, chance) for name, kind in types.items()}
        values = {name: None if chance.random() < 0.2 else value for name, value in values.items()}
        rows.append(tuple((values | {table.primary_key: key})[name] for name in coder.columns))
    frame = coder._frame(READ_AT)
    fast = coder._encode_fast(rows, *frame)
    assert fast is not None
    dead: list[DeadRow] = []
    assert fast == coder._encode_strictly(rows, *frame, dead)
    assert not dead


def test_members_come_in_the_order_jsonb_keeps_them() -> None:
    names = EnvelopeEncoder(TABLES_BY_NAME["Product"], "shop").columns
    assert list(names) == sorted(names, key=jsonb_order)
    assert names[:4] == ("ID", "Top", "Name", "Size")


def test_an_unknown_type_is_refused_before_anything_is_read() -> None:
    table = SourceTable(
        "dbo", "T", "ID", (SourceColumn("ID", "hierarchyid", nullable=False, references=None),), listed_in_seed=True
    )
    with pytest.raises(UnencodableValueError, match="hierarchyid"):
        EnvelopeEncoder(table, "shop")
