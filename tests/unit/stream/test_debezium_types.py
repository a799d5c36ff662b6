"""Every encoding of the shipped connectors, and the refusal of every other."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from ingest.stream.debezium_types import BadValueError, FieldType, column_converter, extra_converter
from ingest.tables import SourceColumn
from tests.debezium import EPOCH, decimal_bytes

NANO = "io.debezium.time.NanoTimestamp"
DECIMAL = "org.apache.kafka.connect.data.Decimal"


def convert(
    declared: str, value: Any, kind: str | None = None, semantic: str | None = None, scale: int | None = None
) -> Any:
    field = FieldType("C", kind, semantic, scale) if kind else None
    converted = column_converter(SourceColumn("C", declared, True, None), field)(value)  # noqa: FBT003
    return orjson.loads(orjson.dumps(converted))


@pytest.mark.parametrize(
    ("declared", "kind", "semantic", "scale", "value", "bronze"),
    [
        ("bigint", "int64", None, None, -(2**63), -(2**63)),
        ("int", "int32", None, None, 7, 7),
        ("bit", "boolean", None, None, True, True),
        ("float", "double", None, None, 0.1, 0.1),
        ("float", "double", None, None, 12, 12.0),
        ("nvarchar(120)", "string", None, None, "Ґ 'колодки' \\ \U0001f600", "Ґ 'колодки' \\ \U0001f600"),
        ("datetime2", "int64", NANO, None, 1_714_558_830_123_456_700, "2024-05-01T10:20:30.123456"),
        ("datetime2", "int64", NANO, None, 1_714_558_830_000_000_000, "2024-05-01T10:20:30"),
        ("datetime2", "int64", NANO, None, -100, "1969-12-31T23:59:59.999999"),
        ("datetime2", "int64", NANO, None, 0, "1970-01-01T00:00:00"),
        ("datetime2", "int64", "io.debezium.time.MicroTimestamp", None, 1, "1970-01-01T00:00:00.000001"),
        ("datetime2", "int64", "io.debezium.time.Timestamp", None, -62135596800000, "0001-01-01T00:00:00"),
        ("money", "string", None, None, "-922337203685477.5808", "-922337203685477.5808"),
        ("money", "string", None, None, "12.5", "12.5000"),
        ("decimal(18, 2)", "string", None, None, "1E+2", "100.00"),
        ("money", "bytes", DECIMAL, 4, "AehI", "12.5000"),
        ("money", "bytes", DECIMAL, 4, decimal_bytes("-0.0001", 4), "-0.0001"),
        ("decimal(18, 2)", "bytes", DECIMAL, 2, decimal_bytes("-9999999999999999.99", 2), "-9999999999999999.99"),
        ("uniqueidentifier", "string", None, None, "6F9619FF-8B86-D011-B42D-00C04FC964FF",
         "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("varbinary(16)", "bytes", None, None, "AAECAw==", "AAECAw=="),
        ("varbinary(16)", "bytes", None, None, b"\x00\x01\x02\x03", "AAECAw=="),
        ("varbinary(16)", "bytes", None, None, "", ""),
    ],
)  # fmt: skip
def test_accepted(declared: str, kind: str, semantic: str | None, scale: int | None, value: Any, bronze: Any) -> None:
    assert convert(declared, value, kind, semantic, scale) == bronze


@pytest.mark.parametrize(
    ("declared", "kind", "semantic", "value", "reason"),
    [
        ("datetime2", "int64", "org.apache.kafka.connect.data.Timestamp", 1, "time.precision.mode"),
        ("datetime2", "string", "io.debezium.time.IsoTimestamp", "2024-05-01T10:20:30Z", "time.precision.mode"),
        ("datetime2", "int64", NANO, 1_714_558_830_123_456_789, "steps of 100 ns"),
        ("datetime2", "int64", NANO, "x", "nanoseconds since 1970"),
        ("datetime2", "int64", "io.debezium.time.Timestamp", 2**62, "no date"),
        ("money", "double", None, 12.5, "decimal.handling.mode"),
        ("money", "string", None, "12.50001", "more than 4 decimals"),
        ("money", "string", None, "NaN", "exact decimal"),
        ("money", "string", None, 12.5, "in a string"),
        ("money", "bytes", DECIMAL, "?", "decimal.handling.mode"),
        ("bit", "int16", None, 1, "declared bit"),
        ("bit", "boolean", None, 1, "true or false"),
        ("bigint", "string", None, "1", "declared bigint"),
        ("bigint", "int64", None, 2**63, "64-bit"),
        ("bigint", "int64", None, 1.0, "64-bit"),
        ("float", "double", None, float("nan"), "finite"),
        ("nvarchar(9)", "string", None, "__debezium_unavailable_value", "left the value out"),
        ("nvarchar(9)", "string", "io.debezium.data.Json", "{}", "declared nvarchar"),
        ("uniqueidentifier", "string", None, "6F9619FF", "unique identifier"),
        ("varbinary(16)", "bytes", None, "A*==", "base64"),
        ("varbinary(16)", "string", None, "AAEC", "declared varbinary"),
        ("geography", "string", None, "x", "no encoding for SQL Server type"),
    ],
)
def test_refused(declared: str, kind: str, semantic: str | None, value: Any, reason: str) -> None:
    with pytest.raises(BadValueError, match=reason):
        convert(declared, value, kind, semantic)


def test_nanoseconds_that_wrapped_around_come_back_exactly() -> None:
    step = 411_111_111_111_777  # microseconds: some 770 dates of the 9,999 years
    moment, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001
    assert convert("datetime2", -6_795_364_578_871_345_152, "int64", NANO) == "0001-01-01T00:00:00"
    moments = [moment, last]
    while last - moment > timedelta(microseconds=step):
        moment += timedelta(microseconds=step)
        moments.append(moment)
    for moment in moments:
        for ticks in (0, 9):  # of 100 ns, below the microsecond
            nanoseconds = (moment - EPOCH) // timedelta(microseconds=1) * 1000 + ticks * 100
            as_java_long = (nanoseconds + 2**63) % 2**64 - 2**63
            assert convert("datetime2", as_java_long, "int64", NANO) == moment.isoformat()


@pytest.mark.parametrize("value", [1_714_558_830_123, 1_714_558_830_123_456, -86_400_000])
def test_without_schema_coarser_units_are_not_taken_for_nanoseconds(value: int) -> None:
    with pytest.raises(BadValueError, match="coarser unit"):
        convert("datetime2", value)
    assert convert("datetime2", 0) == "1970-01-01T00:00:00"
    assert convert("datetime2", 1_714_558_830_123_456_700) == "2024-05-01T10:20:30.123456"


@pytest.mark.parametrize(
    ("kind", "semantic", "scale", "value", "bronze"),
    [
        ("string", None, None, "x", "x"),
        ("int16", None, None, 3, 3),
        ("bytes", None, None, b"\1", "AQ=="),
        ("bytes", DECIMAL, 3, decimal_bytes("1.250", 3), "1.250"),
        ("int32", "io.debezium.time.Date", None, 19_844, "2024-05-01"),
        ("int64", "io.debezium.time.NanoTime", None, 3_600_000_001_000, "01:00:00.000001"),
        ("int64", NANO, None, 1_000, "1970-01-01T00:00:00.000001"),
        ("string", "io.debezium.time.ZonedTimestamp", None, "2024-05-01T10:20:30Z", "2024-05-01T10:20:30Z"),
    ],
)
def test_a_new_column_is_kept(kind: str, semantic: str | None, scale: int | None, value: Any, bronze: Any) -> None:
    converted = extra_converter(FieldType("New", kind, semantic, scale))(value)
    assert orjson.loads(orjson.dumps(converted)) == bronze


@pytest.mark.parametrize(("kind", "semantic"), [("struct", None), ("string", "io.debezium.data.geometry.Geometry")])
def test_a_new_column_of_an_unknown_encoding_is_refused(kind: str, semantic: str | None) -> None:
    with pytest.raises(BadValueError, match="not known"):
        extra_converter(FieldType("New", kind, semantic))
