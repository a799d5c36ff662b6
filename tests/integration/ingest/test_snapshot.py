"""SOURCE -> BRONZE on real servers: every row arrives exactly once, whatever happens on the way."""

import base64
import json
import socket
import struct
import threading
import time
import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cordsearch.database import connect
from cordsearch.errors import CordSearchError, DatabaseUnavailableError
from ingest import bronze, failures
from ingest.bronze import BronzeWriter
from ingest.checkpoint import TableKey
from ingest.envelope import EncodedPage, EnvelopeEncoder
from ingest.failures import CheckpointConflictError, WarehouseError, WarehouseFullError
from ingest.snapshot import SnapshotFailedError, run_snapshot
from ingest.sources import SourceDatabase, SourceReader, source_database
from ingest.tables import TABLES, TABLES_BY_NAME, SourceTable
from tests.integration.ingest.following import ages

ROWS = 37
PRODUCT = TABLES_BY_NAME["Product"]
KEY = TableKey("product", "Product")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "RETRY_DELAYS_SECONDS", (0.0, 0.01, 0.01))
    monkeypatch.setattr(bronze, "RETRY_DELAYS_SECONDS", (0.0, 0.01, 0.01))


def execute(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def bronze_rows(url: str, table: SourceTable) -> list[tuple[int, dict[str, Any]]]:
    query = sql.SQL("select row_key, payload from bronze.{} order by event_id").format(
        sql.Identifier(table.bronze_table)
    )
    with connect(url) as connection:
        return connection.execute(query).fetchall()


def expected(value: object) -> object:
    """What the contract says of a value, written without looking at the encoder."""
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
    return value


def source_rows(url: str, table: SourceTable) -> list[tuple[int, dict[str, object]]]:
    query = sql.SQL("select * from {} order by {}").format(
        sql.Identifier(table.schema, table.name), sql.Identifier(table.primary_key)
    )
    with connect(url) as connection:
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        records = [dict(zip(names, map(expected, row), strict=True)) for row in cursor]
    return [(int(str(record[table.primary_key])), record) for record in records]


def assert_loaded_exactly_once(source_url: str, warehouse_url: str, table: SourceTable) -> None:
    floats = {column.name for column in table.columns if column.type_name == "float"}
    loaded = [
        # jsonb keeps 1e300 as a number of 301 digits, which Python reads as an integer
        (
            key,
            {
                name: float(value) if name in floats and value is not None else value
                for name, value in payload["after"].items()
            },
        )
        for key, payload in bronze_rows(warehouse_url, table)
    ]
    assert loaded == source_rows(source_url, table)


@pytest.mark.parametrize("page_size", [ROWS - 1, ROWS, 1_000])
def test_all_36_tables_arrive_row_by_row(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, page_size: int
) -> None:
    before = time.time_ns() // 1_000_000
    report = run_snapshot(sources, empty_database, page_size=page_size)
    assert (len(report.tables), report.rows, report.dead_rows, report.failures) == (36, 36 * ROWS, 0, [])
    for table in TABLES:
        assert_loaded_exactly_once(source_url, empty_database, table)
    _, payload = bronze_rows(empty_database, PRODUCT)[0]
    assert set(payload) == {"before", "after", "source", "op", "ts_ms"}
    assert (payload["before"], payload["op"]) == (None, "r")
    assert payload["source"].items() >= {"schema": "dbo", "table": "Product", "snapshot": "true"}.items()
    assert before <= payload["source"]["ts_ms"] <= time.time_ns() // 1_000_000


def test_a_second_run_loads_nothing_and_restart_loads_again(
    sources: tuple[SourceDatabase, ...], empty_database: str
) -> None:
    run_snapshot(sources, empty_database)
    again = run_snapshot(sources, empty_database)
    assert again.rows == 0
    assert all(table.skipped for table in again.tables)
    assert "36 tables were complete before" in str(again)
    restarted = run_snapshot(sources, empty_database, tables=["Product"], restart=True)
    assert restarted.rows == ROWS
    assert len(bronze_rows(empty_database, PRODUCT)) == 2 * ROWS


def test_only_the_named_tables_are_loaded(sources: tuple[SourceDatabase, ...], empty_database: str) -> None:
    report = run_snapshot(sources, empty_database, tables=["Storage", "Product"])
    assert {table.table for table in report.tables} == {"Storage", "Product"}
    with pytest.raises(CordSearchError, match="No source has a table named Nonsense"):
        run_snapshot(sources, empty_database, tables=["Nonsense"])


class Killed(BaseException):
    """Stands for a process that ends."""


@pytest.mark.parametrize("moment", ["before the copy", "between copy and commit"])
@pytest.mark.parametrize("dying_page", [1, 3])
def test_a_killed_run_goes_on_without_loss_or_repetition(
    sources: tuple[SourceDatabase, ...],
    source_url: str,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    dying_page: int,
) -> None:
    written = 0
    real_copy, real_advance = bronze._copy, bronze._advance

    def copy(*arguments: Any) -> None:
        nonlocal written
        written += 1
        if written == dying_page and moment == "before the copy":
            raise Killed
        real_copy(*arguments)

    def advance(*arguments: Any) -> Any:
        moved = real_advance(*arguments)
        if written == dying_page and moment == "between copy and commit":
            raise Killed
        return moved

    monkeypatch.setattr(bronze, "_copy", copy)
    monkeypatch.setattr(bronze, "_advance", advance)
    with pytest.raises(Killed):
        run_snapshot(sources[:1], empty_database, page_size=10)
    assert len(bronze_rows(empty_database, PRODUCT)) == 10 * (dying_page - 1)
    monkeypatch.setattr(bronze, "_copy", real_copy)
    monkeypatch.setattr(bronze, "_advance", real_advance)
    report = run_snapshot(sources[:1], empty_database, page_size=10)
    assert report.rows == ROWS - 10 * (dying_page - 1)
    assert_loaded_exactly_once(source_url, empty_database, PRODUCT)


def terminate(url: str, process_id: int) -> None:
    """Cut a connection from the server's side and wait until it is gone."""
    execute(url, "select pg_terminate_backend(%s, 5000)", process_id)


@pytest.mark.parametrize("moment", ["before the copy", "before the commit", "after the commit"])
def test_a_lost_warehouse_connection_is_retried_without_loss_or_repetition(
    sources: tuple[SourceDatabase, ...],
    source_url: str,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    real = BronzeWriter._write_once
    calls = 0

    def write_once(writer: BronzeWriter, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        process_id = writer.open().info.backend_pid
        if calls == 2 and moment == "before the copy":
            terminate(empty_database, process_id)
        if calls == 2 and moment == "before the commit":
            with monkeypatch.context() as patch:
                advance = bronze._advance

                def cut(*values: Any) -> Any:
                    moved = advance(*values)
                    terminate(empty_database, process_id)
                    return moved

                patch.setattr(bronze, "_advance", cut)
                return real(writer, *arguments)
        moved = real(writer, *arguments)
        if calls == 2 and moment == "after the commit":
            raise psycopg.OperationalError("the answer to COMMIT was lost")
        return moved

    monkeypatch.setattr(BronzeWriter, "_write_once", write_once)
    report = run_snapshot(sources[:1], empty_database, page_size=10)
    assert report.rows == ROWS
    assert_loaded_exactly_once(source_url, empty_database, PRODUCT)


def test_a_lost_source_connection_is_retried(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SourceReader.read_page
    calls = 0

    def read_page(reader: SourceReader, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            connection: Any = reader.connect().connection.driver_connection
            terminate(source_url, connection.info.backend_pid)
        return real(reader, *arguments)

    monkeypatch.setattr(SourceReader, "read_page", read_page)
    assert run_snapshot(sources[:1], empty_database, page_size=10).rows == ROWS
    assert_loaded_exactly_once(source_url, empty_database, PRODUCT)


def test_a_full_disk_leaves_nothing_half_written_and_the_load_goes_on_later(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bronze._advance
    pages = 0

    def advance(*arguments: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise psycopg.errors.DiskFull('could not extend file "base/1/2": No space left on device')
        return real(*arguments)

    monkeypatch.setattr(bronze, "_advance", advance)
    with pytest.raises(WarehouseFullError, match=r"(?s)disk.*is full.*No space left on device.*free space"):
        run_snapshot(sources, empty_database, page_size=10)
    assert len(bronze_rows(empty_database, PRODUCT)) == 20
    run_snapshot(sources, empty_database, page_size=10)
    assert_loaded_exactly_once(source_url, empty_database, PRODUCT)


def test_a_missing_table_and_a_missing_column_fail_alone_and_say_so(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str
) -> None:
    execute(source_url, 'drop table dbo."ProductSlug"')
    execute(source_url, 'alter table dbo."Storage" drop column "Locale"')
    with pytest.raises(SnapshotFailedError) as caught:
        run_snapshot(sources, empty_database)
    assert "ecosystem.ProductSlug" in str(caught.value)
    assert "table dbo.ProductSlug does not exist" in str(caught.value)
    assert "table dbo.Storage has no column Locale" in str(caught.value)
    assert caught.value.report.rows == 34 * ROWS
    execute(source_url, 'alter table dbo."Storage" add column "Locale" text')
    with pytest.raises(SnapshotFailedError):
        run_snapshot(sources, empty_database)
    assert_loaded_exactly_once(source_url, empty_database, TABLES_BY_NAME["Storage"])


def test_a_retyped_column_fails_its_table_and_writes_nothing(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str
) -> None:
    execute(source_url, """alter table dbo."Product" alter column "Weight" type text using 'a lot'""")
    with pytest.raises(SnapshotFailedError, match=r"(?s)every row.*column Weight: expected a float"):
        run_snapshot(sources, empty_database, page_size=10)
    assert bronze_rows(empty_database, PRODUCT) == []
    assert execute(empty_database, "select count(*) from bronze.dead_row") == [(0,)]


def test_rows_that_jsonb_cannot_hold_are_parked_and_the_others_are_loaded(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(source_url, """update dbo."Product" set "Weight" = 'NaN' where "ID" = 4""")
    real = SourceReader.read_page

    def read_page(reader: SourceReader, statements: Any, table: SourceTable, last_key: int | None) -> Any:
        rows, read_at = real(reader, statements, table, last_key)
        columns = EnvelopeEncoder(table, "").columns
        name, key = columns.index("NamePL"), columns.index("ID")
        odd = {7: "nul\0nul", 10: "half \ud800"}  # PostgreSQL cannot hold these; SQL Server can
        return [(*row[:name], odd.get(row[key], row[name]), *row[name + 1 :]) for row in rows], read_at

    monkeypatch.setattr(SourceReader, "read_page", read_page)
    report = run_snapshot(sources[:1], empty_database, page_size=10)
    assert (report.rows, report.dead_rows) == (ROWS - 3, 3)
    assert "3 rows refused" in str(report)
    dead = execute(
        empty_database, "select table_name, row_key, column_name, reason, raw from bronze.dead_row order by dead_row_id"
    )
    assert [row[:3] for row in dead] == [
        ("Product", "4", "Weight"), ("Product", "7", "NamePL"), ("Product", "10", "NamePL"),
    ]  # fmt: skip
    assert [words in row[3] for words, row in zip(("nan", "U+0000", "U+D800"), dead, strict=True)] == [True] * 3
    assert r"nul\x00nul" in dead[1][4]
    loaded = {key for key, _ in bronze_rows(empty_database, PRODUCT)}
    assert loaded == {key for key, _ in source_rows(source_url, PRODUCT)} - {4, 7, 10}


def test_a_row_that_only_postgresql_refuses_is_found_and_parked(
    sources: tuple[SourceDatabase, ...], empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = EnvelopeEncoder.encode_page

    def encode_page(coder: EnvelopeEncoder, *arguments: Any) -> EncodedPage:
        page = real(coder, *arguments)
        return replace(page, copy_text=page.copy_text.replace(b'"ID":7,', b'"ID":not json,', 1))

    monkeypatch.setattr(EnvelopeEncoder, "encode_page", encode_page)
    report = run_snapshot(sources[:1], empty_database, page_size=10)
    assert (report.rows, report.dead_rows) == (ROWS - 1, 1)
    ((row_key, reason, raw),) = execute(empty_database, "select row_key, reason, raw from bronze.dead_row")
    assert row_key == "7"
    assert "refused by PostgreSQL" in reason
    assert "not json" in raw


def test_two_loaders_on_one_table_never_write_a_page_twice(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = BronzeWriter.write_page
    overtaken = False

    def write_page(writer: BronzeWriter, *arguments: Any) -> Any:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            run_snapshot(sources[:1], empty_database, page_size=10)  # the other one, start to end
        return real(writer, *arguments)

    monkeypatch.setattr(BronzeWriter, "write_page", write_page)
    with pytest.raises(CheckpointConflictError, match="Another loader"):
        run_snapshot(sources[:1], empty_database, page_size=10)
    assert_loaded_exactly_once(source_url, empty_database, PRODUCT)


def login_url(source_url: str, user: str, password: str) -> str:
    return source_url.replace("postgresql://postgres@", f"postgresql://{user}:{password}@")


def test_a_refused_permission_fails_that_table_only(source_url: str, empty_database: str) -> None:
    role = f"reader_{uuid.uuid4().hex[:8]}"
    execute(source_url, f"create role {role} login")
    try:
        execute(source_url, f"grant usage on schema dbo to {role}")
        execute(source_url, f'grant select on dbo."Storage", dbo."Category" to {role}')
        execute(source_url, f'grant insert on dbo."Pricing" to {role}')  # visible, but not readable
        source = source_database("ecosystem", login_url(source_url, role, "x"))
        with pytest.raises(SnapshotFailedError) as caught:
            run_snapshot([source], empty_database, tables=["Storage", "Category", "Pricing", "CarBrand"])
    finally:
        execute(source_url, f"drop owned by {role}")
        execute(source_url, f"drop role {role}")
    assert {table.table for table in caught.value.report.tables} == {"Storage", "Category"}
    assert "dbo.Pricing: permission denied" in str(caught.value)
    assert "dbo.CarBrand does not exist or the user may not see it" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://reader:hunter2@127.0.0.1:1/shop", "cannot be reached"),
        ("mssql+pymssql://reader:hunter2@127.0.0.1:1/shop", "cannot be reached"),
        ("postgresql://reader:hunter2@no-such-host.invalid/shop", "cannot be reached"),
    ],
)
def test_an_unreachable_source_is_named_once_and_the_other_source_is_loaded(
    sources: tuple[SourceDatabase, ...], empty_database: str, url: str, words: str
) -> None:
    away = source_database("ecosystem", url)
    with pytest.raises(SnapshotFailedError) as caught:
        run_snapshot([away, sources[0]], empty_database)
    assert [(failure.source, failure.table) for failure in caught.value.report.failures] == [("ecosystem", "*")]
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.report.rows == ROWS


def refusing_server(listener: socket.socket) -> None:
    """Speak just enough of PostgreSQL's protocol (version 3, chapter 54.7) to refuse every password."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            length, code = struct.unpack("!II", client.recv(8, socket.MSG_WAITALL))
            if code == 80877103:  # SSLRequest
                client.sendall(b"N")
                length, code = struct.unpack("!II", client.recv(8, socket.MSG_WAITALL))
            client.recv(length - 8, socket.MSG_WAITALL)
            client.sendall(b"R" + struct.pack("!II", 8, 3))  # AuthenticationCleartextPassword
            client.recv(1024)
            fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "reader"\0\0'
            client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


def test_a_wrong_password_is_named_once_and_not_tried_again(
    sources: tuple[SourceDatabase, ...], empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.failures.time.sleep", lambda _: pytest.fail("a refused login must not be retried"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refusing_server, args=[listener], daemon=True).start()
        port = listener.getsockname()[1]
        away = source_database("ecosystem", f"postgresql://reader:hunter2@127.0.0.1:{port}/shop?gssencmode=disable")
        with pytest.raises(SnapshotFailedError) as caught:
            run_snapshot([away, sources[0]], empty_database)
        listener.shutdown(socket.SHUT_RDWR)
    (failure,) = caught.value.report.failures
    assert (failure.source, failure.table) == ("ecosystem", "*")
    assert "the login was refused" in failure.reason
    assert "Check user and password" in failure.reason
    assert "hunter2" not in str(caught.value)
    assert caught.value.report.rows == ROWS


def test_a_missing_database_is_told_from_an_unreachable_server(source_url: str, empty_database: str) -> None:
    database = source_url.partition("@/")[2].partition("?")[0]
    away = source_database("product", source_url.replace(database, "no_such_database"))
    with pytest.raises(SnapshotFailedError, match="no such database"):
        run_snapshot([away], empty_database)


def test_a_warehouse_that_is_away_is_said_before_anything_is_read(sources: tuple[SourceDatabase, ...]) -> None:
    with pytest.raises(DatabaseUnavailableError):
        run_snapshot(sources, "postgresql://nobody@127.0.0.1:1/nothing")


def test_a_warehouse_without_the_right_to_create_is_said(
    sources: tuple[SourceDatabase, ...], empty_database: str
) -> None:
    role = f"guest_{uuid.uuid4().hex[:8]}"
    execute(empty_database, f"create role {role} login")
    try:
        with pytest.raises(WarehouseError, match=r"creating the bronze tables.*permission denied"):
            run_snapshot(sources, login_url(empty_database, role, "x"))
    finally:
        execute(empty_database, f"drop role {role}")


def test_an_empty_table_completes_and_freshness_knows_every_table(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str
) -> None:
    assert ages(empty_database) == {}
    execute(source_url, 'truncate dbo."Category"')
    run_snapshot(sources, empty_database)
    freshness = ages(empty_database)
    assert len(freshness) == 36
    assert all(table.complete and table.looked_at for table in freshness.values())
    assert (freshness["Category"].row_count, freshness["Product"].row_count) == (0, ROWS)
    assert freshness["Product"].look_age_seconds is not None


def test_bronze_refuses_a_kafka_position_twice(sources: tuple[SourceDatabase, ...], empty_database: str) -> None:
    run_snapshot(sources[:1], empty_database, tables=["Product"])
    insert = (
        'insert into bronze.product_cdc (row_key, source_ts_ms, topic, "partition", "offset", payload)'
        " values (1, 1, 'cord.Product', 0, 5, %s)"
    )
    execute(empty_database, insert, json.dumps({"op": "u"}))
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(empty_database, insert, json.dumps({"op": "u"}))
