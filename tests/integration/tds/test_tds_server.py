"""The TDS test server itself: the unmodified pymssql driver and SQLAlchemy dialect against it over a socket."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pymssql
import pytest
import sqlalchemy as sa

from tests.tds_server import Fault, SqlError, TdsServer, WireType
from tests.tds_server.fixtures import USERS, StartTdsServer
from tests.tds_server.wire_types import Column


def moment(*parts: int) -> datetime:
    """A datetime2 value; the type has no zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


COLUMNS = {
    "ID": ("bigint", "bigint", False),
    "Big": ("bigint", "bigint", True),
    "Number": ("int", "integer", True),
    "Flag": ("bit", "boolean", True),
    "Real": ("float", "double precision", True),
    "Price": ("money", "numeric(19,4)", True),
    "Share": ("decimal(18, 2)", "numeric(18,2)", True),
    "Moment": ("datetime2", "timestamp(6)", True),
    "Short": ("nvarchar(40)", "varchar(40)", True),
    "Long": ("nvarchar(max)", "text", True),
    "Uid": ("uniqueidentifier", "uuid", True),
    "Hash": ("varbinary(16)", "bytea", True),
    "Blob": ("varbinary(max)", "bytea", True),
    "Version": ("rowversion", "bytea", True),
    "SureNumber": ("int", "integer", False),
    "SureFlag": ("bit", "boolean", False),
    "SureReal": ("float", "double precision", False),
    "SurePrice": ("money", "numeric(19,4)", False),
    "SureUid": ("uniqueidentifier", "uuid", False),
    "SureMoment": ("datetime2", "timestamp(6)", False),
}
TYPES = {"Everything": {n: WireType.parse(t, nullable=nullable) for n, (t, _, nullable) in COLUMNS.items()}}
SURE: tuple[Any, ...] = (7, True, 0.1, Decimal("-0.0001"), uuid.UUID(int=2**128 - 1), moment(1, 1, 1))
TEXT = "Колодки гальмівні 🚚, зажим «Ґ», łożysko, O'Neil [x] \\ \t\n"
ROWS: list[tuple[Any, ...]] = [
    (
        1, 2**63 - 1, 2**31 - 1, True, 1.7976931348623157e308, Decimal("922337203685477.5807"),
        Decimal("9999999999999999.99"), moment(9999, 12, 31, 23, 59, 59, 999999), "я" * 40,
        "Ж" * 50_000 + "🚚" * 25_000,
        uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"), bytes(range(16)), bytes(range(256)) * 400, bytes(8), *SURE,
    ),
    (
        2, -(2**63), -(2**31), False, -5e-324, Decimal("-922337203685477.5808"), Decimal("-9999999999999999.99"),
        moment(1, 1, 1), TEXT[:40], TEXT, uuid.UUID(int=0), b"\0" * 16, b"\0", b"\xff" * 8, *SURE,
    ),
    (
        3, 0, 0, False, 0.1 + 0.2, Decimal("0.0000"), Decimal("0.01"), moment(2024, 2, 29, 12, 0, 0, 1), " ",
        "x" * 4001,
        uuid.UUID(int=1), b"\x01", b"'", b"\0\0\0\0\0\0\x07\xd1", *SURE,
    ),
    (4, *(None,) * 13, *SURE),
    (5, 1, None, True, None, Decimal("-0.0001"), None, moment(2000, 1, 1, 0, 0, 0, 999999), None, "🚚", None, b"\xff",
     None, None, *SURE),
]  # fmt: skip
SELECT = f"SELECT {', '.join(f'[{name}]' for name in COLUMNS)} FROM [dbo].[Everything] ORDER BY [ID]"


@pytest.fixture(scope="module")
def source(shared_database: Callable[[], str]) -> str:
    """A database for reading with one table that has a column of every type, and one with many rows."""
    url = shared_database()
    fill(url)
    return url


def fill(url: str) -> None:
    columns = ", ".join(f'"{name}" {postgres}' for name, (_, postgres, _) in COLUMNS.items())
    marks = ", ".join(["%s"] * len(COLUMNS))
    with psycopg.connect(url) as connection:
        connection.execute("create schema dbo")
        connection.execute(f'create table dbo."Everything" ({columns})'.encode())
        connection.execute('create table dbo."Many" ("ID" bigint primary key, "Name" varchar(100))')
        connection.cursor().executemany(f'insert into dbo."Everything" values ({marks})'.encode(), ROWS)
        connection.execute("""insert into dbo."Many" select i, 'Тяга рульова ' || i from generate_series(1, 5000) i""")


@pytest.fixture
def server(source: str, tds_server: StartTdsServer) -> TdsServer:
    return tds_server(source, types=TYPES)


@contextmanager
def connected(server: TdsServer, **options: Any) -> Iterator[Any]:
    arguments: dict[str, Any] = {
        "host": f"127.0.0.1:{server.port}", "user": "loader", "password": USERS["loader"], "database": "cord",
        "login_timeout": 5,
    }  # fmt: skip
    connection = pymssql.connect(**(arguments | options))
    try:
        yield connection
    finally:
        connection.close()


def fetch(server: TdsServer, statement: str, parameters: Any = None, **options: Any) -> list[tuple[Any, ...]]:
    with connected(server, **options) as connection:
        cursor = connection.cursor()
        if parameters is None:
            cursor.execute(statement)
        else:
            cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@pytest.mark.parametrize("null_bitmaps", [True, False])
@pytest.mark.parametrize("packet_size", [None, 512, 32767])
def test_every_type_arrives_exactly(
    source: str, tds_server: StartTdsServer, packet_size: int | None, *, null_bitmaps: bool
) -> None:
    server = tds_server(source, types=TYPES, packet_size=packet_size, null_bitmaps=null_bitmaps)
    rows = fetch(server, SELECT)
    assert rows == ROWS
    assert [[type(value) for value in row] for row in rows] == [[type(value) for value in row] for row in ROWS]


def test_the_values_are_those_of_postgresql(source: str, server: TdsServer) -> None:
    with psycopg.connect(source) as connection:
        expected = connection.execute('select * from dbo."Everything" order by "ID"').fetchall()
    assert fetch(server, SELECT) == expected


def test_an_older_protocol_gets_datetime2_as_text(server: TdsServer) -> None:
    rows = fetch(server, "SELECT [ID], [Moment] FROM [dbo].[Everything] WHERE [ID] = 3", tds_version="7.2")
    assert rows == [(3, "2024-02-29 12:00:00.0000010")]


def test_sqlalchemy_reads_through_the_same_wire(server: TdsServer) -> None:
    table = sa.table("Everything", *(sa.column(name) for name in COLUMNS), schema="dbo")
    engine = sa.create_engine(server.url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table).where(table.c.ID > 1).order_by(table.c.ID).limit(3)).fetchall()
        assert engine.dialect.server_version_info == (16, 0, 4135, 4)
        assert connection.dialect.default_schema_name == "dbo"
    assert [tuple(row) for row in rows] == ROWS[1:4]
    assert server.sent(r"^SELECT TOP 3 dbo\.\[Everything\]\.\[ID\]")
    assert {login.user for login in server.logins} == {"loader"}


def test_a_wrong_password_is_refused_with_18456(server: TdsServer) -> None:
    # in a process of its own: pymssql keeps number and words of one refused login for the next ones
    script = (
        "import pymssql, sys\n"
        "try:\n    pymssql.connect(host=sys.argv[1], user='loader', password=sys.argv[2], database='cord')\n"
        "except pymssql.OperationalError as error:\n    print(error.args[0])\n"
    )
    command = [sys.executable, "-c", script, f"127.0.0.1:{server.port}", "not the one"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert told.startswith("(18456, b\"Login failed for user 'loader'.")
    assert "severity 14" in told
    assert "not the one" not in told
    assert server.logins[-1].password == "not the one"
    assert "not the one" not in repr(server.logins)


def test_an_unknown_database_is_refused_with_4060(server: TdsServer) -> None:
    with pytest.raises(pymssql.OperationalError), connected(server, database="elsewhere"):
        pass


def test_a_login_can_be_refused_or_dropped_on_request(server: TdsServer) -> None:
    server.inject(Fault.refuse_login(SqlError(40613, "Database 'cord' is not currently available.", severity=17)))
    with pytest.raises(pymssql.OperationalError), connected(server):
        pass
    server.inject(Fault.drop_login())
    with pytest.raises(pymssql.OperationalError, match="Unexpected EOF"), connected(server):
        pass
    assert fetch(server, "SELECT 1") == [(1,)]


def test_a_long_request_comes_in_several_packets(server: TdsServer) -> None:
    text = "ґ" * 20_000
    assert fetch(server, "SELECT %s AS [text]", (text,)) == [(text,)]
    assert server.statements[-1].packets > 5


def test_a_large_result_comes_in_several_packets(server: TdsServer) -> None:
    rows = fetch(server, "SELECT [ID], [Name] FROM [dbo].[Many] ORDER BY [ID]")
    assert rows == [(i, f"Тяга рульова {i}") for i in range(1, 5001)]


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_cut_after_rows_raises(server: TdsServer, *, reset: bool) -> None:
    server.inject(Fault.cut_after_rows("Many", 1234, reset=reset))
    statement = "SELECT [ID], [Name] FROM [dbo].[Many] ORDER BY [ID]"
    with pytest.raises(pymssql.OperationalError, match=r"20003|20004|20006|20017|20047"):
        fetch(server, statement)
    assert len(fetch(server, statement)) == 5000


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100, 4096, 5000, 150_001])
def test_a_connection_cut_after_bytes_raises(server: TdsServer, count: int) -> None:
    server.inject(Fault.cut_after_bytes("Many", count))
    with pytest.raises(pymssql.OperationalError):
        fetch(server, "SELECT [ID], [Name] FROM [dbo].[Many] ORDER BY [ID]")


def test_a_connection_closed_before_the_answer_raises(server: TdsServer) -> None:
    server.inject(Fault.cut_at_once("Many"))
    with pytest.raises(pymssql.OperationalError):
        fetch(server, "SELECT [ID] FROM [dbo].[Many]")


def test_every_open_connection_can_be_dropped(server: TdsServer) -> None:
    with connected(server) as connection:
        server.drop_connections()
        with pytest.raises((pymssql.OperationalError, pymssql.InterfaceError)):
            connection.cursor().execute("SELECT 1")


def test_an_error_in_the_middle_of_a_result_raises(server: TdsServer) -> None:
    server.inject(Fault.error_after_rows("Many", 700, SqlError(8624, "Internal error.")))
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT [ID] FROM [dbo].[Many]")
        with pytest.raises(pymssql.OperationalError, match="8624"):
            cursor.fetchall()
        cursor.execute("SELECT COUNT(*) FROM [dbo].[Many]")  # the connection lives on
        assert cursor.fetchall() == [(5000,)]


def test_a_deadlock_victim_loses_its_transaction(server: TdsServer) -> None:
    server.inject(Fault.deadlock("Many"))
    with connected(server) as connection:
        cursor = connection.cursor()
        with pytest.raises(pymssql.OperationalError, match="1205"):
            cursor.execute("SELECT [ID] FROM [dbo].[Many]")
        cursor.execute("SELECT @@TRANCOUNT")
        assert cursor.fetchall() == [(0,)]


def test_a_delayed_answer_can_be_cancelled(server: TdsServer) -> None:
    server.inject(Fault("Many", delay_seconds=30))
    with connected(server, timeout=1) as connection:
        try:
            with pytest.raises(pymssql.OperationalError, match="20003"):
                connection.cursor().execute("SELECT [ID] FROM [dbo].[Many]")
        finally:
            connection._conn.query_timeout = 0  # the driver keeps one time limit for all connections


def test_an_unread_result_is_cancelled_by_an_attention(server: TdsServer) -> None:
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT TOP 100 e.[Long] FROM [dbo].[Everything] AS e CROSS JOIN [dbo].[Many] WHERE e.[ID] = 1")
        assert cursor.fetchone() == (ROWS[0][9],)
        cursor.execute("SELECT 2 AS [two]")
        assert cursor.fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("DECLARE @x INT", 102),
        ("SELECT 'never closed", 102),
        ("SELECT [Nope] FROM [dbo].[Many]", 207),
        ("SELECT [ID] FROM [dbo].[Nope]", 208),
        ("MERGE INTO t USING s ON 1 = 1", 102),
    ],
)
def test_what_it_does_not_know_is_a_programming_error(server: TdsServer, statement: str, number: int) -> None:
    with pytest.raises(pymssql.ProgrammingError, match=str(number)):
        fetch(server, statement)
    assert server.sent(r"\w")[-1] == statement


def test_sp_executesql_runs_its_statement(server: TdsServer) -> None:
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.callproc(
            "sp_executesql",
            ("SELECT [Name] FROM [dbo].[Many] WHERE [ID] = @id AND [Name] = @name", "@id int, @name nvarchar(100)", 42,
             "Тяга рульова 42"),
        )  # fmt: skip
        assert list(cursor) == [("Тяга рульова 42",)]
        with pytest.raises(pymssql.DatabaseError, match="2812"):
            cursor.callproc("sp_who", ())
    assert [statement.kind for statement in server.statements][-2:] == ["rpc", "rpc"]


def test_snapshot_isolation_reads_one_moment(empty_database: str, tds_server: StartTdsServer) -> None:
    fill(empty_database)
    engine = sa.create_engine(tds_server(empty_database, types=TYPES).url(), poolclass=sa.NullPool)
    count = sa.text("SELECT COUNT(*) FROM [dbo].[Many]")
    with engine.connect().execution_options(isolation_level="SNAPSHOT") as connection:
        assert str(connection.get_isolation_level()) == "SNAPSHOT"
        assert connection.scalar(count) == 5000
        with psycopg.connect(empty_database, autocommit=True) as other:
            other.execute('delete from dbo."Many" where "ID" > 4000')
        assert connection.scalar(count) == 5000
        connection.rollback()
        assert connection.scalar(count) == 4000


def test_snapshot_isolation_can_be_forbidden_or_too_late(source: str, tds_server: StartTdsServer) -> None:
    closed = tds_server(source, types=TYPES, snapshot_allowed=False)
    with connected(closed) as connection:
        cursor = connection.cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
        with pytest.raises(pymssql.OperationalError, match="3952"):
            cursor.execute("SELECT [ID] FROM [dbo].[Many]")
    with connected(tds_server(source, types=TYPES)) as connection:
        cursor = connection.cursor()  # pymssql has begun a transaction under READ COMMITTED
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
        with pytest.raises(pymssql.OperationalError, match="3951"):
            cursor.execute("SELECT [ID] FROM [dbo].[Many]")


def test_the_catalog_views_answer(server: TdsServer) -> None:
    columns = fetch(
        server,
        "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = N'Everything' "
        "ORDER BY ORDINAL_POSITION",
    )
    assert dict(columns)["Price"] == "money"
    assert [name for name, _ in columns] == list(COLUMNS)
    rows = fetch(
        server,
        "SELECT SUM(p.rows) FROM sys.partitions AS p INNER JOIN sys.tables AS t ON t.object_id = p.object_id "
        "INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id "
        "WHERE s.name = %s AND t.name = %s AND p.index_id IN (0, 1)",
        ("dbo", "Many"),
    )
    assert rows == [(5000,)]
    assert type(rows[0][0]) is int


def test_the_driver_loses_unpaired_surrogates(server: TdsServer) -> None:
    """SQL Server can store them; FreeTDS puts a question mark in their place and tells nobody. A known limit."""
    rows = [("x\ud83dy",), ("x\udc00y",), ("whole 🚚",)]
    server.answer("damaged", [Column("Name", WireType.parse("nvarchar(40)"))], rows)
    assert fetch(server, "SELECT damaged") == [("x?y",), ("x?y",), ("whole 🚚",)]


@pytest.mark.parametrize(
    ("statement", "parameters", "expected"),
    [
        ("SELECT MAX([Moment]) FROM [dbo].[Everything]", (), [(moment(9999, 12, 31, 23, 59, 59, 999999),)]),
        ("SELECT COUNT_BIG(*) AS [rows] FROM [dbo].[Many] WHERE [ID] BETWEEN %s AND %s", (1, 10), [(10,)]),
        (
            """SELECT TOP 2 e.[ID] FROM [dbo].[Everything] AS e WHERE e.[Moment] > CAST(%s AS DATETIME2)
            OR (e.[Moment] = %s AND e.[ID] > %s) ORDER BY e.[Moment], e.[ID]""",
            ("2000-01-01T00:00:00.999999", "2000-01-01 00:00:00.999999", 4),
            [(5,), (3,)],
        ),
        ("SELECT [ID] FROM [dbo].[Many] ORDER BY [ID] OFFSET 5 ROWS FETCH NEXT 2 ROWS ONLY", (), [(6,), (7,)]),
        ("SELECT id FROM dbo.Everything WHERE long = N'🚚' OPTION (RECOMPILE)", (), [(5,)]),
        ("SELECT [ID] FROM [dbo].[Everything] WHERE [Uid] = %s", (uuid.UUID(int=1),), [(3,)]),
        ("SELECT [ID] FROM [dbo].[Everything] WHERE [Hash] = 0x01 AND [Flag] = CAST(0 AS BIT)", (), [(3,)]),
        ("SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()", (), [(1,)]),
        ("SELECT CASE WHEN DATEADD(second, -30, SYSUTCDATETIME()) < SYSUTCDATETIME() THEN 1 ELSE 0 END", (), [(1,)]),
        ("SELECT CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR)", (), [("16.0.4135.4",)]),
    ],
)
def test_statements_of_an_incremental_reader(
    server: TdsServer, statement: str, parameters: tuple[Any, ...], expected: list[tuple[Any, ...]]
) -> None:
    assert fetch(server, statement, parameters) == expected


def test_a_scripted_answer_wins(server: TdsServer) -> None:
    server.answer("@@DBTS", [Column("dbts", WireType.parse("rowversion"))], [(b"\0\0\0\0\0\0\x07\xd1",)])
    assert fetch(server, "SELECT @@DBTS AS [dbts]") == [(b"\0\0\0\0\0\0\x07\xd1",)]


def test_hints_are_recorded_and_dropped(server: TdsServer) -> None:
    rows = fetch(server, "SELECT TOP (2) m.[ID] FROM [dbo].[Many] AS m WITH (NOLOCK) ORDER BY m.[ID] DESC")
    assert rows == [(5000,), (4999,)]
    assert server.sent("NOLOCK")
