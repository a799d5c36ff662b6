"""The incremental loader over ``mssql+pymssql://``: watermark, Change Tracking, rowversion, breaks on the wire."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_report import IncrementalFailedError, TableChanges
from ingest.snapshot import run_snapshot
from ingest.sources import SourceDatabase, source_database
from ingest.tables import TABLES_BY_NAME
from tests.integration.tds.registry_source import ROWS_PER_TABLE, create_registry_source
from tests.tds_server import Fault, SqlError, TdsServer, WireType
from tests.tds_server.fixtures import StartTdsServer, registry_types
from tests.tds_server.wire_types import Column

PAGE = Limits(page_size=25)
NOON = datetime(2024, 6, 1, 12, 0, 0, 123456)  # noqa: DTZ001 - datetime2 has no zone
WATERMARK_PAGE = r"SELECT TOP .*read_position.*\[Storage\]"
BIGINT = WireType.parse("bigint")

NewDatabase = Callable[[str | None], str]


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.failures.RETRY_DELAYS_SECONDS", (0.01, 0.01, 0.01))


@pytest.fixture
def source_url(new_database: NewDatabase) -> str:
    url = new_database(None)
    create_registry_source(url)
    return url


@pytest.fixture
def source(source_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(source_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def warehouse(new_database: NewDatabase) -> str:
    return new_database(None)


@pytest.fixture
def server(source_url: str, tds_server: StartTdsServer) -> TdsServer:
    return tds_server(source_url)


def chosen(url: str, *tables: str) -> list[SourceDatabase]:
    return [source_database("ecosystem", url, [TABLES_BY_NAME[name] for name in tables or ("Storage",)])]


def follow(server: TdsServer, warehouse: str, limits: Limits = PAGE) -> TableChanges:
    (table,) = run_incremental(chosen(server.url()), warehouse, limits=limits).tables
    return table


def staging(warehouse: str, table: str = "Storage") -> dict[int, Any]:
    query = sql.SQL(
        "select row_key, after from (select distinct on (row_key) row_key, payload -> 'after' as after from {} "
        "order by row_key, source_ts_ms desc, event_id desc) as latest where after <> 'null'"
    ).format(sql.Identifier("bronze", TABLES_BY_NAME[table].bronze_table))
    with psycopg.connect(warehouse) as connection:
        return dict(connection.execute(query).fetchall())


def bronze_rows(warehouse: str) -> int:
    with psycopg.connect(warehouse) as connection:
        return int((connection.execute("select count(*) from bronze.storage_cdc").fetchone() or (0,))[0])


def assert_right(source_url: str, warehouse: str, new_database: NewDatabase, table: str = "Storage") -> None:
    """Staging is what one snapshot over PostgreSQL's own driver gives now."""
    fresh = new_database(None)
    run_snapshot(chosen(source_url, table), fresh)
    assert staging(warehouse, table) == staging(fresh, table)


def change_everything(source: psycopg.Connection[Any]) -> None:
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])


def test_watermark_and_reconciliation_over_the_wire(
    server: TdsServer, source_url: str, source: psycopg.Connection[Any], warehouse: str, new_database: NewDatabase
) -> None:
    first = follow(server, warehouse)
    assert (first.method, first.events, first.isolation) == ("updated", 0, "one snapshot")
    change_everything(source)
    source.execute('delete from dbo."Storage" where "ID" in (1, 28, 178)')
    changed = follow(server, warehouse)
    assert (changed.updated, changed.rows_read) == (ROWS_PER_TABLE - 3, ROWS_PER_TABLE - 3)
    assert follow(server, warehouse).events == 0
    run_reconciliation(chosen(server.url()), warehouse, limits=PAGE)
    assert_right(source_url, warehouse, new_database)
    assert not server.sent(r"NOLOCK|READPAST|LEVEL READ UNCOMMITTED|\b(INSERT|UPDATE|DELETE|MERGE)\b")
    pages = server.sent(WATERMARK_PAGE)
    assert all(f"TOP {PAGE.page_size} " in page for page in pages)
    assert any("CAST(N'2024-06-01 12:00:00.123456' AS DATETIME2(7))" in page for page in pages)


def test_both_drivers_give_the_same_content(server: TdsServer, source_url: str, warehouse: str) -> None:
    """A source read over one driver, then the other: no value is encoded differently, so nothing is appended."""
    run_snapshot(chosen(source_url, "Storage", "Product"), warehouse)
    report = run_incremental(chosen(server.url(), "Storage", "Product"), warehouse)
    assert (report.rows_read, report.events) == (2 * ROWS_PER_TABLE, 0)


def test_without_snapshot_isolation_committed_rows_are_read(
    source_url: str, source: psycopg.Connection[Any], tds_server: StartTdsServer, warehouse: str
) -> None:
    server = tds_server(source_url, snapshot_allowed=False)
    follow(server, warehouse)
    change_everything(source)
    changed = follow(server, warehouse)
    assert (changed.updated, changed.isolation) == (ROWS_PER_TABLE, "read committed")
    assert not server.sent("ISOLATION LEVEL SNAPSHOT|LEVEL READ UNCOMMITTED|NOLOCK")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.cut_at_once(WATERMARK_PAGE),
        Fault.cut_after_rows(WATERMARK_PAGE, 7),
        Fault.cut_after_rows(WATERMARK_PAGE + ".* OR ", 24, reset=True),
        Fault.cut_after_bytes(WATERMARK_PAGE, 2_000, times=3),
        Fault.deadlock(WATERMARK_PAGE + ".* OR ", 11),
        Fault(WATERMARK_PAGE, error=SqlError(3961, "Snapshot isolation transaction failed: object was altered.")),
    ],
    ids=["at once", "after rows", "second page", "thrice", "deadlock", "altered"],
)
def test_a_break_in_the_middle_loses_and_doubles_nothing(
    server: TdsServer, source: psycopg.Connection[Any], warehouse: str, fault: Fault
) -> None:
    follow(server, warehouse)
    change_everything(source)
    server.inject(fault)
    assert follow(server, warehouse).updated == ROWS_PER_TABLE
    assert fault.times == 0, "the fault never struck"
    assert bronze_rows(warehouse) == 2 * ROWS_PER_TABLE


def test_a_source_that_stays_away_is_told_and_gone_on_with_later(
    server: TdsServer, source: psycopg.Connection[Any], warehouse: str
) -> None:
    follow(server, warehouse)
    change_everything(source)
    server.inject(Fault.cut_after_rows(WATERMARK_PAGE + ".* OR ", 3, times=4))
    with pytest.raises(IncrementalFailedError, match="Run the same command again"):
        follow(server, warehouse)
    assert bronze_rows(warehouse) == ROWS_PER_TABLE + PAGE.page_size
    follow(server, warehouse)
    assert bronze_rows(warehouse) == 2 * ROWS_PER_TABLE


class Tracking:
    """Change Tracking for dbo.Storage: a trigger logs keys, scripted answers read the log."""

    def __init__(self, source: psycopg.Connection[Any], server: TdsServer) -> None:
        self._source = source
        self.oldest = 0
        source.execute("""
            create schema ct;
            create table ct.log (version bigint generated always as identity, row_key bigint);
            create function ct.note() returns trigger language plpgsql as $$
            begin
                insert into ct.log (row_key) values (coalesce(new."ID", old."ID"));
                return null;
            end $$;
            create trigger note after insert or update or delete on dbo."Storage"
            for each row execute function ct.note();
        """)
        server.answer(
            "CHANGE_TRACKING_TABLES", [Column(name, WireType.parse("sysname")) for name in ("schema", "table")],
            [("dbo", "Storage")],
        )  # fmt: skip
        server.answer("CHANGE_TRACKING_CURRENT_VERSION", [Column("now", BIGINT), Column("oldest", BIGINT)],
                      lambda _: [(self.version, self.oldest)])  # fmt: skip
        server.answer("CHANGETABLE", [Column("ID", BIGINT)], self._changes)

    @property
    def version(self) -> int:
        row = self._source.execute("select coalesce(max(version), 0) from ct.log").fetchone()
        return int(row[0]) if row else 0

    def _changes(self, statement: str) -> list[tuple[int]]:
        size, version = re.findall(r"TOP \( (\d+) \).*CHANGETABLE \( CHANGES .* , (\d+) \)", statement)[0]
        first = int(re.findall(r">= (- )?(\d+)", statement)[0][1]) * (-1 if ">= -" in statement else 1)
        query = "select distinct row_key from ct.log where version > %s and row_key >= %s order by 1 limit %s"
        return list(self._source.execute(query, [version, first, size]).fetchall())


def test_change_tracking_finds_changes_and_deletes_without_updated(
    server: TdsServer, source_url: str, source: psycopg.Connection[Any], warehouse: str, new_database: NewDatabase
) -> None:
    Tracking(source, server)
    assert follow(server, warehouse).method == "change_tracking"
    source.execute("""update dbo."Storage" set "Name" = 'tracked' where "ID" < 100""")  # Updated stays
    source.execute('delete from dbo."Storage" where "ID" in (4, 100)')
    changed = follow(server, warehouse, Limits(page_size=10))
    assert (changed.updated, changed.deleted, changed.created) == (32, 2, 0)
    assert not server.sent(WATERMARK_PAGE)
    assert follow(server, warehouse).rows_read == 0
    assert_right(source_url, warehouse, new_database)
    assert any("CHANGETABLE(CHANGES [dbo].[Storage], 0)" in text for text in server.sent("CHANGETABLE"))


def test_change_tracking_that_forgot_falls_back_to_comparing(
    server: TdsServer, source_url: str, source: psycopg.Connection[Any], warehouse: str, new_database: NewDatabase
) -> None:
    tracking = Tracking(source, server)
    follow(server, warehouse)
    source.execute("""update dbo."Storage" set "Name" = 'forgotten' where "ID" = 1""")
    source.execute('delete from dbo."Storage" where "ID" = 4')
    source.execute("delete from ct.log where row_key <> 4")
    tracking.oldest = 2
    changed = follow(server, warehouse)
    assert "Change Tracking has forgotten version 0 (oldest kept: 2)" in changed.notes[0]
    assert (changed.updated, changed.deleted, changed.rows_read) == (1, 1, ROWS_PER_TABLE - 1)
    assert follow(server, warehouse).rows_read == 0
    assert_right(source_url, warehouse, new_database)


def test_a_table_that_begins_to_be_tracked_is_compared_once(
    server: TdsServer, source: psycopg.Connection[Any], warehouse: str
) -> None:
    follow(server, warehouse)
    Tracking(source, server)
    changed = follow(server, warehouse)
    assert "it was followed by updated, now by change_tracking" in changed.notes[0]
    assert (changed.events, changed.rows_read) == (0, ROWS_PER_TABLE)
    assert follow(server, warehouse).rows_read == 0


def test_a_rowversion_is_followed_up_to_the_oldest_open_transaction(
    source_url: str,
    source: psycopg.Connection[Any],
    tds_server: StartTdsServer,
    warehouse: str,
) -> None:
    source.execute("""
        create sequence dbo.versions start 2000;
        alter table dbo."Storage" add column "Version" bytea;
        create function dbo.stamp() returns trigger language plpgsql as $$
        begin new."Version" = int8send(nextval('dbo.versions')); return new; end $$;
        create trigger stamp before insert or update on dbo."Storage" for each row execute function dbo.stamp();
        update dbo."Storage" set "Name" = "Name";
    """)
    types = registry_types()
    types["Storage"]["Version"] = WireType.parse("rowversion")
    server = tds_server(source_url, types=types)
    active = [0]
    server.answer("MIN_ACTIVE_ROWVERSION", [Column("active", WireType.parse("binary(8)"))],
                  lambda _: [(active[0].to_bytes(8),)])  # fmt: skip

    def all_ended() -> None:
        active[0] = source.execute("select last_value + 1 from dbo.versions").fetchall()[0][0]

    all_ended()
    assert follow(server, warehouse).method == "rowversion"
    source.execute("""update dbo."Storage" set "Name" = 'stamped' where "ID" < 100""")  # Updated stays
    all_ended()
    changed = follow(server, warehouse, Limits(page_size=10))
    assert (changed.updated, changed.rows_read, changed.notes) == (33, 33, [])
    source.execute("""update dbo."Storage" set "Name" = 'open' where "ID" = 1""")
    source.execute("""update dbo."Storage" set "Name" = 'done' where "ID" = 4""")  # later, but of an open transaction
    assert follow(server, warehouse).rows_read == 0
    all_ended()
    assert follow(server, warehouse).updated == 2
    assert follow(server, warehouse).rows_read == 0
    assert "Version" not in staging(warehouse)[1]
    source.execute('delete from dbo."Storage" where "ID" = 7')
    run_reconciliation(chosen(server.url()), warehouse, limits=PAGE)
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select row_key from bronze.storage_cdc where payload ->> 'op' = 'd'").fetchall() == [
            (7,)
        ]
