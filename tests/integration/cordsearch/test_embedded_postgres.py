"""The embedded server: starts, is shared, stops, survives a kill -9, never lends the wrong pgvector."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from cordsearch.database import connect, warehouse
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.settings import Settings

SMALL = {"shared_buffers": "16MB", "fsync": "off"}


def postmaster_pid(server: EmbeddedPostgres) -> int:
    return int((server.data_directory / "postmaster.pid").read_text().splitlines()[0])


def test_it_starts_serves_and_stops(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, SMALL)
    assert not server.is_running()
    with server.running() as url:
        assert server.is_running()
        with connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            listening = connection.execute("show listen_addresses").fetchone()
        assert listening == ("",)
        assert server.has_url(url)
        assert server.has_url(server.url("other"))
    assert not server.is_running()
    assert not server.has_url("postgresql://db.example:5432/postgres")
    assert not EmbeddedPostgres(tmp_path / "another").has_url(url)


def test_the_last_user_stops_it(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, SMALL)
    program = (
        "import sys\nfrom pathlib import Path\nfrom cordsearch.embedded_postgres import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1])).running():\n    print('up', flush=True)\n    sys.stdin.read()\n"
    )
    with server.running() as url:
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"up\n"
        # the other process has left; we still use the server
        with connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert not server.is_running()


def test_a_user_killed_hard_does_not_keep_it_alive(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, SMALL)
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom cordsearch.embedded_postgres import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1])).running():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert server.is_running()
    with server.running():
        pass
    assert not server.is_running()


def test_committed_rows_survive_a_kill_of_the_server(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, {"shared_buffers": "16MB"})
    with server.running() as url:
        with connect(url) as connection:
            connection.execute("create table kept (value int)")
            connection.execute("insert into kept values (42)")
        os.kill(postmaster_pid(server), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while server.is_running() and time.monotonic() < deadline:
            time.sleep(0.05)
        with server.running() as url_again, connect(url_again) as connection:
            assert connection.execute("select value from kept").fetchone() == (42,)


def test_only_pg_trgm_is_lent(postgres_server: EmbeddedPostgres) -> None:
    lent = {file.name for file in (postgres_server.directory / "lent").rglob("*") if file.is_file()}
    assert "pg_trgm.so" in lent
    assert not [name for name in lent if not name.startswith("pg_trgm")]


def test_extensions_work_on_cyrillic(empty_database: str) -> None:
    with connect(empty_database) as connection:
        assert connection.execute("select similarity('амортизатор', 'амотризатор') > 0.3").fetchone() == (True,)
        assert connection.execute("select lower('ЇЖАК ŁÓDŹ')").fetchone() == ("їжак łódź",)
        assert connection.execute("select '[1,0]'::halfvec <=> '[0,1]'::halfvec").fetchone() == (1.0,)


def test_a_long_path_moves_the_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    server = EmbeddedPostgres(deep, SMALL)
    with server.running() as url, connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not str(server.socket_directory).startswith(str(tmp_path))


def test_a_broken_configuration_shows_the_log(tmp_path: Path) -> None:
    with (
        pytest.raises(DatabaseUnavailableError, match="shared_buffers"),
        EmbeddedPostgres(tmp_path, {"shared_buffers": "plenty"}).running(),
    ):
        pass


def test_an_external_server_is_used_when_the_url_is_set(empty_database: str) -> None:
    with warehouse(Settings(DATABASE_URL=empty_database)) as url:
        assert url == empty_database


def test_an_unreachable_server_is_named_without_its_password() -> None:
    settings = Settings(DATABASE_URL="postgresql://shop:hunter2@127.0.0.1:1/shop")
    with (
        pytest.raises(DatabaseUnavailableError, match=r"'shop' at 127\.0\.0\.1, port 1") as caught,
        warehouse(settings),
    ):
        pass
    assert "hunter2" not in str(caught.value)


def test_a_missing_database_is_named(postgres_url: str) -> None:
    url = postgres_url.replace("/postgres?", "/nowhere?")
    with pytest.raises(DatabaseUnavailableError, match="nowhere"):
        connect(url)


def test_an_unprivileged_user_gets_the_command_for_the_administrator(postgres_url: str, empty_database: str) -> None:
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("drop extension pg_trgm")
        connection.execute("drop role if exists clerk")
        connection.execute("create role clerk login")
        connection.execute("revoke create on database " + connection.info.dbname + " from public")
    clerk_url = empty_database.replace("postgresql://postgres@", "postgresql://clerk@")
    with (
        pytest.raises(Exception, match="create extension if not exists pg_trgm") as caught,
        warehouse(Settings(DATABASE_URL=clerk_url)),
    ):
        pass
    assert not isinstance(caught.value, psycopg.Error)
    with connect(postgres_url, autocommit=True) as connection:
        connection.execute("drop role clerk")
