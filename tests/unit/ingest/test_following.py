"""How a table is followed, without any server: statements, catalogue, plan, report."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ingest.change_source import EARLIEST, ChangeStatements, earlier
from ingest.failures import SourceTableError
from ingest.follow_plan import Limits, method_of, reason_to_compare, refuse_mass_delete, too_old
from ingest.incremental_checkpoint import IncrementalCheckpoint, Method, SnapshotState
from ingest.incremental_report import IncrementalFailedError, IncrementalReport, TableChanges
from ingest.snapshot import TableFailure
from ingest.source_catalog import CatalogColumn, TableShape, shape_of
from ingest.sources import source_database
from ingest.tables import TABLES_BY_NAME

MSSQL = sa.create_engine("mssql+pymssql://db.example/cord").dialect
POSTGRESQL = sa.create_engine("postgresql+psycopg://db.example/cord").dialect
STORAGE = TABLES_BY_NAME["Storage"]
LOADED = datetime(2024, 6, 1, tzinfo=UTC)
SNAPSHOT = SnapshotState(complete=True, started_at=LOADED, newest_source_ts_ms=5)
STORED = IncrementalCheckpoint(Method.UPDATED, "2024-06-01", False, None, 3, 5, LOADED)  # noqa: FBT003
SOURCE = source_database("ecosystem", "mssql+pymssql://user:secret-word@db.example/cord")
CATALOG = {
    "Storage": [CatalogColumn(column.name, column.type_name, None) for column in STORAGE.columns],
}


@pytest.mark.parametrize(
    ("moment", "seconds", "expected"),
    [
        ("2024-06-01 12:00:00.1234567", 300, "2024-06-01 11:55:00.123456"),
        ("2024-06-01 12:00:00", 0.5, "2024-06-01 11:59:59.500000"),
        ("2024-06-01 00:00:00.5", 1, "2024-05-31 23:59:59.500000"),
        ("0001-01-01 00:00:10", 300, EARLIEST),
        ("9999-12-31 23:59:59.9999999", 0, "9999-12-31 23:59:59.999999"),
    ],
)
def test_the_overlap_reaches_back_and_never_forward(moment: str, seconds: float, expected: str) -> None:
    assert earlier(moment, seconds) == expected


def test_the_watermark_page_keeps_all_seven_digits_and_takes_no_hint() -> None:
    statement, values = ChangeStatements(STORAGE, ["ID", "Name"], 50, MSSQL).updated_since(
        "2024-06-01 12:00:00.1234567", 9
    )
    assert values == {"since": "2024-06-01 12:00:00.1234567", "last_key": 9}
    assert statement.startswith("SELECT TOP 50 ")
    assert statement.count("AS DATETIME2(7))") == 3
    assert "AS VARCHAR(33)) AS read_position" in statement
    assert statement.endswith("ORDER BY [dbo].[Storage].[Updated], [dbo].[Storage].[ID]")
    assert "NOLOCK" not in statement


def test_statements_of_keys_are_bounded_and_hold_numbers_only() -> None:
    statements = ChangeStatements(STORAGE, ["ID", "Name"], 50, POSTGRESQL)
    assert "LIMIT 50" in statements.keys_from(-5)[0]
    assert statements.rows_with([3, -7])[0].count("IN (3, -7)") == 1
    with pytest.raises(ValueError, match="invalid literal"):
        statements.rows_with(["1); drop table x"])  # type: ignore[list-item]
    versions, _ = ChangeStatements(STORAGE, ["ID"], 50, MSSQL).rowversions("RV", b"\x01", b"\x02\xff")
    assert "[RV] > 0x01" in versions
    assert "[RV] < 0x02ff" in versions


def test_a_table_as_registered_has_nothing_to_report() -> None:
    assert shape_of(SOURCE, STORAGE, CATALOG) == TableShape(STORAGE, None, ())


def test_new_columns_are_kept_where_they_can_be_encoded_and_the_rowversion_is_set_apart() -> None:
    new = [
        CatalogColumn("Colour", "nvarchar", None), CatalogColumn("Rate", "decimal", 3),
        CatalogColumn("Shape", "geography", None), CatalogColumn("Version", "timestamp", None),
    ]  # fmt: skip
    shape = shape_of(SOURCE, STORAGE, {"Storage": CATALOG["Storage"] + new})
    assert shape.rowversion == "Version"
    assert [(c.name, c.type) for c in shape.table.columns[-2:]] == [("Colour", "nvarchar"), ("Rate", "decimal(38,3)")]
    assert len(shape.table.columns) == len(STORAGE.columns) + 2
    assert "Shape (geography) is not kept" in " ".join(shape.notes)


def test_a_retyped_or_vanished_column_says_what_to_do_and_no_secret() -> None:
    retyped = [replace(c, type="int") if c.name == "Name" else c for c in CATALOG["Storage"]]
    with pytest.raises(SourceTableError, match=r"column Name of dbo\.Storage is now int, was nvarchar") as caught:
        shape_of(SOURCE, STORAGE, {"Storage": retyped})
    assert "ingest/tables.json" in str(caught.value)
    assert "secret-word" not in str(caught.value)
    with pytest.raises(SourceTableError, match="has no column Name"):
        shape_of(SOURCE, STORAGE, {"Storage": [c for c in CATALOG["Storage"] if c.name != "Name"]})
    wider = [replace(c, type="bigint") if c.type == "int" else c for c in CATALOG["Storage"]]
    assert shape_of(SOURCE, STORAGE, {"Storage": wider}).notes == ()


def test_the_surest_method_is_taken() -> None:
    shape = TableShape(STORAGE, None, ())
    assert method_of(shape, tracked=False) is Method.UPDATED
    assert method_of(replace(shape, rowversion="Version"), tracked=False) is Method.ROWVERSION
    assert method_of(replace(shape, rowversion="Version"), tracked=True) is Method.CHANGE_TRACKING
    limits = TableShape(TABLES_BY_NAME["ProductAvailabilityCartLimits"], None, ())
    assert method_of(limits, tracked=False) is Method.FULL_DIFF


def test_when_the_whole_table_is_compared() -> None:
    assert reason_to_compare(Method.UPDATED, SNAPSHOT, None) == "it is followed for the first time"
    assert reason_to_compare(Method.UPDATED, SNAPSHOT, STORED) is None
    assert reason_to_compare(Method.ROWVERSION, SNAPSHOT, STORED) == "it was followed by updated, now by rowversion"
    anew = replace(SNAPSHOT, started_at=datetime(2024, 7, 1, tzinfo=UTC))
    assert reason_to_compare(Method.UPDATED, anew, STORED) == "it was loaded anew"
    whole = replace(STORED, method=Method.FULL_DIFF)
    assert reason_to_compare(Method.FULL_DIFF, SNAPSHOT, whole) is not None
    assert reason_to_compare(Method.FULL_DIFF, SNAPSHOT, replace(whole, comparing=True)) is None


def test_change_tracking_goes_on_from_the_oldest_kept_version_at_the_earliest() -> None:
    at_seven = replace(STORED, method=Method.CHANGE_TRACKING, position="7")
    assert too_old(at_seven, 7) is None
    assert "forgotten version 7 (oldest kept: 8)" in str(too_old(at_seven, 8))
    assert too_old(at_seven, None) is not None


def test_a_mass_delete_is_refused_with_the_way_out() -> None:
    refuse_mass_delete("here", 999, 999, Limits())
    refuse_mass_delete("here", 3_000, 10_000, Limits())
    refuse_mass_delete("here", 9_000, 10_000, Limits(largest_delete_share=1.0))
    with pytest.raises(SourceTableError, match=r"3,001 of 10,000 rows.*30%.*--allow-mass-delete"):
        refuse_mass_delete("here", 3_001, 10_000, Limits())


def test_the_report_in_words() -> None:
    tables = [
        TableChanges("ecosystem", "Storage", rows_read=9, created=1, updated=2, deleted=3, dead_rows=4, notes=["odd"]),
        TableChanges("ecosystem", "Category", busy=True),
    ]
    report = IncrementalReport(tables, [TableFailure("product", "*", "away")], 0.5)
    text = str(IncrementalFailedError(report))
    assert "6 changes (1 new, 2 changed, 3 deleted) among 9 rows read of 2 tables in 0.5 s." in text
    assert "4 rows refused" in text
    assert "Left to another loader at work: Category." in text
    assert "ecosystem.Storage: odd" in text
    assert "product.*: away" in text
