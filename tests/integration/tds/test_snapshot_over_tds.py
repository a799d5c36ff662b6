"""The direct loader over ``mssql+pymssql://``: the same rows as over PostgreSQL, and what happens when things break."""

import socket
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from ingest.demo.source import create_demo_source
from ingest.envelope import EnvelopeEncoder
from ingest.snapshot import SnapshotFailedError, SnapshotReport, run_snapshot
from ingest.sources import SOURCE_NAMES, SourceDatabase, source_database
from ingest.tables import TABLES, TABLES_BY_NAME
from tests.integration.tds.registry_source import ROWS_PER_TABLE, create_registry_source
from tests.tds_server import Fault, SqlError, TdsServer
from tests.tds_server.fixtures import USERS, StartTdsServer
from tests.tds_server.wire_types import Column, WireType

PAGE = 25  # rows; each table takes three pages
STORAGE_PAGE = r"SELECT TOP .*FROM \[?dbo\]?\.\[Storage\]"

NewDatabase = Callable[[str | None], str]


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.failures.RETRY_DELAYS_SECONDS", (0.01, 0.01, 0.01))


@pytest.fixture(scope="module")
def source_url(shared_database: Callable[[], str]) -> str:
    url = shared_database()
    create_registry_source(url)
    return url


@pytest.fixture
def warehouse(new_database: NewDatabase) -> str:
    return new_database(None)


@pytest.fixture
def server(source_url: str, tds_server: StartTdsServer) -> TdsServer:
    return tds_server(source_url)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def sources(url: str) -> list[SourceDatabase]:
    return [source_database(name, url) for name in SOURCE_NAMES]


def storage(url: str) -> list[SourceDatabase]:
    return [source_database("ecosystem", url, [TABLES_BY_NAME["Storage"]])]


def loaded(warehouse: str, table: str) -> list[tuple[int, dict[str, Any]]]:
    """Keys and rows of one bronze table, in the order of the keys."""
    with psycopg.connect(warehouse) as connection:
        name = TABLES_BY_NAME[table].bronze_table
        statement = f"select row_key, payload -> 'after' from bronze.{name} order by row_key, event_id"
        return list(connection.execute(statement.encode()).fetchall())


def keys(warehouse: str, table: str = "Storage") -> list[int]:
    return [key for key, _ in loaded(warehouse, table)]


EXPECTED_KEYS = [3 * i + 1 for i in range(ROWS_PER_TABLE)]


def failed(chosen: list[SourceDatabase], warehouse: str) -> SnapshotReport:
    """The report of a run that must fail."""
    with pytest.raises(SnapshotFailedError) as caught:
        run_snapshot(chosen, warehouse, PAGE)
    return caught.value.report


def only_failure(chosen: list[SourceDatabase], warehouse: str) -> str:
    """The reason of the one failure of a run."""
    (failure,) = failed(chosen, warehouse).failures
    return failure.reason


def test_all_tables_arrive_as_they_do_from_postgresql(
    source_url: str, server: TdsServer, new_database: NewDatabase
) -> None:
    over_tds, over_postgresql = new_database(None), new_database(None)
    report = run_snapshot(sources(server.url()), over_tds, PAGE)
    run_snapshot(sources(source_url), over_postgresql, PAGE)
    assert len(report.tables) == len(TABLES) == 36
    assert report.rows == 36 * ROWS_PER_TABLE
    assert report.dead_rows == 0
    for table in TABLES:
        assert loaded(over_tds, table.name) == loaded(over_postgresql, table.name), table.name
    assert len({login.application for login in server.logins}) == 1
    assert len(server.logins) == len(SOURCE_NAMES), "one connection per source"


def test_what_the_loader_sends(server: TdsServer, warehouse: str) -> None:
    run_snapshot(storage(server.url()), warehouse, PAGE)
    pages = server.sent(STORAGE_PAGE)
    assert len(pages) == 3
    assert "WHERE" not in pages[0]
    assert f"[Storage].[ID] > {EXPECTED_KEYS[PAGE - 1]} ORDER BY" in pages[1]
    assert all(page.startswith(f"SELECT TOP {PAGE} ") for page in pages)
    assert not server.sent(r"NOLOCK|\b(INSERT|UPDATE|DELETE)\b|SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")


def test_a_wrong_password_is_told_once_and_without_the_password(server: TdsServer, warehouse: str) -> None:
    report = failed(sources(server.url(password="swordfish-77")), warehouse)
    assert [(failure.source, failure.table) for failure in report.failures] == [("product", "*"), ("ecosystem", "*")]
    for failure in report.failures:
        assert "the login was refused" in failure.reason
        assert failure.reason.count("DB-Lib error message 20002") <= 1
        assert "Check user and password in the source URL" in failure.reason
        assert "swordfish" not in failure.reason
        assert USERS["loader"] not in failure.reason
    assert len(server.logins) == len(SOURCE_NAMES), "a wrong password is not tried again"


def test_an_unknown_database_is_told(server: TdsServer, warehouse: str) -> None:
    reason = only_failure(storage(server.url(database="elsewhere")), warehouse)
    assert "no such database" in reason or "the login was refused" in reason
    assert USERS["loader"] not in reason
    assert len(server.logins) == 1


def test_an_unreachable_port_is_told(warehouse: str) -> None:
    url = f"mssql+pymssql://loader:swordfish-77@127.0.0.1:{free_port()}/cord"
    reason = only_failure(storage(url), warehouse)
    assert "cannot be reached" in reason
    assert "Check host and port" in reason
    assert "swordfish" not in reason


@pytest.mark.parametrize(
    "fault",
    [
        Fault.cut_at_once(STORAGE_PAGE),
        Fault.cut_at_once(STORAGE_PAGE, reset=True),
        Fault.cut_after_rows(STORAGE_PAGE, 0),
        Fault.cut_after_rows(STORAGE_PAGE, 7),
        Fault.cut_after_rows(STORAGE_PAGE + ".*WHERE", 24, reset=True),
        Fault.cut_after_rows(STORAGE_PAGE + ".*WHERE", 25),
        Fault.cut_after_rows(STORAGE_PAGE + ".*> 148", 9),
        Fault.cut_after_bytes(STORAGE_PAGE, 5),
        Fault.cut_after_bytes(STORAGE_PAGE + ".*WHERE", 2_000, times=3),
        Fault.deadlock(STORAGE_PAGE + ".*WHERE", 11),
        Fault.error_after_rows(STORAGE_PAGE, 3, SqlError(40197, "The service has encountered an error.", severity=20)),
    ],
    ids=lambda fault: (
        f"{'reset' if fault.reset else 'cut' if fault.cut else fault.error.number}"
        f"-rows{fault.after_rows}-bytes{fault.after_bytes}-x{fault.times}"
    ),
)
def test_a_break_in_the_middle_loses_and_doubles_nothing(server: TdsServer, warehouse: str, fault: Fault) -> None:
    server.inject(fault)
    run_snapshot(storage(server.url()), warehouse, PAGE)
    assert fault.times == 0, "the fault never struck"
    assert keys(warehouse) == EXPECTED_KEYS


def test_a_source_that_stays_away_is_reported_and_gone_on_with_later(server: TdsServer, warehouse: str) -> None:
    server.inject(Fault.cut_after_rows(STORAGE_PAGE + ".*WHERE", 5, times=4))
    reason = only_failure(storage(server.url()), warehouse)
    assert "Run the same command again" in reason
    assert keys(warehouse) == EXPECTED_KEYS[:PAGE]
    report = run_snapshot(storage(server.url()), warehouse, PAGE)
    assert report.rows == ROWS_PER_TABLE - PAGE
    assert keys(warehouse) == EXPECTED_KEYS


def test_a_restart_of_the_source_while_it_logs_in_is_survived(server: TdsServer, warehouse: str) -> None:
    server.inject(Fault.drop_login())
    run_snapshot(storage(server.url()), warehouse, PAGE)
    assert keys(warehouse) == EXPECTED_KEYS


def test_a_missing_table_or_column_fails_alone(
    tds_server: StartTdsServer, new_database: NewDatabase, warehouse: str
) -> None:
    source = new_database(None)
    create_registry_source(source, 5)
    with psycopg.connect(source) as connection:
        connection.execute('drop table dbo."Storage"')
        connection.execute('alter table dbo."CarBrand" rename column "Name" to "Title"')
    report = failed(sources(tds_server(source).url()), warehouse)
    reasons = {failure.table: failure.reason for failure in report.failures}
    assert reasons.keys() == {"Storage", "CarBrand"}
    assert "table dbo.Storage does not exist" in reasons["Storage"]
    assert "table dbo.CarBrand has no column Name" in reasons["CarBrand"]
    assert len(report.tables) == 34
    assert keys(warehouse, "Category") == EXPECTED_KEYS[:5]


def test_a_retyped_column_does_not_pass_unseen(
    tds_server: StartTdsServer, new_database: NewDatabase, warehouse: str
) -> None:
    source = new_database(None)
    create_registry_source(source, 5)
    with psycopg.connect(source) as connection:
        connection.execute("""alter table dbo."Storage" alter "Name" type timestamp using '2024-01-01'""")
    reason = only_failure(storage(tds_server(source).url()), warehouse)
    assert "column Name: expected text" in reason
    assert keys(warehouse) == []


def test_a_table_that_vanishes_while_loading_is_named(server: TdsServer, warehouse: str) -> None:
    server.inject(Fault(STORAGE_PAGE, error=SqlError(208, "Invalid object name 'dbo.Storage'.")))
    reason = only_failure(storage(server.url()), warehouse)
    assert "dbo.Storage" in reason
    assert "a table or column is missing" in reason
    assert len(server.sent(STORAGE_PAGE)) == 1, "trying again would not help"


def test_a_missing_permission_says_what_to_grant(server: TdsServer, warehouse: str) -> None:
    denied = SqlError(229, "The SELECT permission was denied on the object 'Storage'.", severity=14, state=5)
    server.inject(Fault(STORAGE_PAGE, error=denied))
    reason = only_failure(storage(server.url()), warehouse)
    assert "Grant SELECT" in reason


def test_one_failed_connect_does_not_colour_the_next(
    server: TdsServer, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver keeps the number of a refused login and would tell it again for whatever fails next."""
    monkeypatch.setattr("ingest.failures.RETRY_DELAYS_SECONDS", ())
    wrong = storage(server.url(password="swordfish-77"))
    nobody = storage(f"mssql+pymssql://loader:swordfish-77@127.0.0.1:{free_port()}/cord")
    busy = SqlError(40613, "Database 'cord' on server is not currently available.", severity=17)
    for _ in range(2):
        assert "the login was refused" in only_failure(wrong, warehouse)
        assert "cannot be reached" in only_failure(nobody, warehouse)
        server.inject(Fault.drop_login())
        assert "cannot be reached" in only_failure(storage(server.url()), warehouse)
        server.inject(Fault.refuse_login(busy))
        assert "cannot be reached" in only_failure(storage(server.url()), warehouse)
    run_snapshot(storage(server.url()), warehouse, PAGE)
    assert keys(warehouse) == EXPECTED_KEYS


def test_text_that_no_jsonb_can_hold_becomes_a_dead_row(server: TdsServer, warehouse: str) -> None:
    """SQL Server stores U+0000 and unpaired surrogates; PostgreSQL stores neither, so the answer is a fixed one."""
    table = TABLES_BY_NAME["Storage"]
    names = EnvelopeEncoder(table, "cord").columns  # the order in which the loader asks for them
    types = {column.name: WireType.parse(column.type) for column in table.columns}
    texts = {1: "before", 2: "nul \0 inside", 3: "pair 🚚", 4: "after"}
    server.answer(
        r"SELECT TOP .* FROM .*\[Storage\]",
        [Column(name, types[name]) for name in names],
        [[{"ID": key, "Name": text}.get(name) for name in names] for key, text in texts.items()],
    )
    report = run_snapshot(storage(server.url()), warehouse, PAGE)
    assert (report.rows, report.dead_rows) == (3, 1)
    assert {key: row["Name"] for key, row in loaded(warehouse, "Storage")} == {
        1: "before", 3: "pair 🚚", 4: "after",
    }  # fmt: skip
    with psycopg.connect(warehouse) as connection:
        dead = connection.execute("select row_key, column_name, reason from bronze.dead_row").fetchall()
    assert [(key, column) for key, column, _ in dead] == [("2", "Name")]
    assert "U+0000" in dead[0][2]


def test_the_demo_catalogue_arrives_as_it_does_from_postgresql(
    tds_server: StartTdsServer, new_database: NewDatabase
) -> None:
    demo, over_tds, over_postgresql = new_database(None), new_database(None), new_database(None)
    create_demo_source(demo, 300)
    report = run_snapshot(sources(tds_server(demo).url()), over_tds, 500)
    assert report.rows == run_snapshot(sources(demo), over_postgresql, 500).rows > 300
    for table in TABLES:
        assert loaded(over_tds, table.name) == loaded(over_postgresql, table.name), table.name
