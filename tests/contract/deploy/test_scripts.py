"""The scripts of deploy/ run here as they run in their containers, against what stands in for the other side."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlfluff

from cordsearch.database import connect
from cordsearch.pipeline import demo_source_url
from ingest.stream.connectors import connector_definitions
from tests.contract.deploy.compose_checks import ROOT, read_compose, references

DEPLOY = ROOT / "deploy"
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))
BIN = Path(sys.executable).parent
SECRETS = {
    "MSSQL_SA_PASSWORD": "Sa-secret-1",
    "CORDSEARCH_CDC_PRODUCT_PASSWORD": r"it's & $(a) \1 secret",
    "CORDSEARCH_CDC_ECOSYSTEM_PASSWORD": "another-secret",
}


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env={"PATH": f"{BIN}:{os.defpath}", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_script_is_sound(script: Path) -> None:
    shell = script.read_text(encoding="utf-8").splitlines()[0].rpartition("/")[2].removeprefix("env ")
    assert run(shell, "-n", script).returncode == 0
    found = run(BIN / "shellcheck", script)
    assert found.stdout == ""
    assert found.returncode == 0


def test_an_unsound_script_is_caught(tmp_path: Path) -> None:
    (tmp_path / "broken.sh").write_text("#!/bin/sh\nif true; then echo $1\n", encoding="utf-8")
    assert run("sh", "-n", tmp_path / "broken.sh").returncode != 0
    assert run(BIN / "shellcheck", tmp_path / "broken.sh").returncode != 0


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/connectors" else 503)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(server.server_port)
        server.shutdown()


def test_the_check_of_images_without_curl(port: str) -> None:
    check = DEPLOY / "kafka-connect" / "http_check.sh"
    assert run("bash", check, port, "/connectors").returncode == 0
    assert run("bash", check, port, "/other").returncode != 0
    assert run("bash", check, "1", "/connectors").returncode != 0


def test_a_new_env_has_every_variable_that_is_asked_for_and_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert run("sh", DEPLOY / "new_env.sh", file).returncode == 0
    values = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line[1:60])
    asked = {reference.name for reference in references(read_compose()) if reference.rest.startswith(":?")}
    assert asked <= {name for name, value in values.items() if value}
    passwords = [value for name, value in values.items() if name.endswith("PASSWORD")]
    assert len(set(passwords)) == len(passwords) == 5
    for password in passwords:  # SQL Server's rule, and safe inside a URL
        assert re.fullmatch(r"(?=.*[A-Z])(?=.*[a-z])(?=.*\d)\w{30,}", password)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    again = run("sh", DEPLOY / "new_env.sh", file)
    assert again.returncode == 1
    assert "passwords may be in use" in again.stderr
    assert run("sh", DEPLOY / "new_env.sh", tmp_path / "other").returncode == 0
    assert not set(passwords) & set((tmp_path / "other").read_text(encoding="utf-8").replace("\n", "=").split("="))


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("scripts")
    result = run(
        "sh",
        DEPLOY / "sqlserver" / "write_scripts.sh",
        SCRIPTS_DIRECTORY=str(directory),
        CORDSEARCH_CDC_PRODUCT_DATABASE="cord_product",
        CORDSEARCH_CDC_ECOSYSTEM_DATABASE="cord_ecosystem",
    )
    assert result.returncode == 0, result.stderr
    return directory


def test_the_scripts_cover_every_table_of_both_connectors(scripts: Path) -> None:
    for definition in connector_definitions():
        source = definition.name.removeprefix("cord-")
        tables = (scripts / f"{source}_tables.sql").read_text(encoding="utf-8")
        cdc = (scripts / f"{source}_cdc.sql").read_text(encoding="utf-8")
        assert f"CREATE DATABASE [cord_{source}]" in tables
        assert f"USE [cord_{source}]" in cdc
        names = {table.name for table in definition.tables}
        assert set(re.findall(r"CREATE TABLE \[dbo\]\.\[(\w+)\]", tables)) == names
        assert set(re.findall(r"@source_name = N'(\w+)'", cdc)) == names | {"debezium_signal"}


SQLCMD = """#!{python}
import json, os, sys
arguments = sys.argv[1:]
file = arguments[arguments.index("-i") + 1] if "-i" in arguments else os.devnull
with open(file) as script:
    os.environ.update(SCRIPT=script.read(), MODE=oct(os.stat(file).st_mode & 0o777))
with open({calls!r}, "a") as file:
    file.write(json.dumps([arguments, dict(os.environ)]) + "\\n")
sys.exit({failing!r} in " ".join(arguments))
"""


def set_up(
    scripts: Path, directory: Path, failing: str = "nothing"
) -> tuple[int, list[tuple[list[str], dict[str, str]]]]:
    """Run setup.sh with a sqlcmd that notes how it was called, and fails where ``failing`` is in its arguments."""
    calls, sqlcmd = directory / "calls", directory / "sqlcmd"
    sqlcmd.write_text(SQLCMD.format(python=sys.executable, calls=str(calls), failing=failing), encoding="utf-8")
    sqlcmd.chmod(0o755)
    result = run(
        "bash",
        DEPLOY / "sqlserver" / "setup.sh",
        SQLCMD=str(sqlcmd),
        SCRIPTS_DIRECTORY=str(scripts),
        AGENT_TRIES="2",
        AGENT_SECONDS="0",
        CORDSEARCH_CDC_PRODUCT_DATABASE="cord_product",
        CORDSEARCH_CDC_PRODUCT_USER="product_reader",
        CORDSEARCH_CDC_ECOSYSTEM_DATABASE="cord_ecosystem",
        CORDSEARCH_CDC_ECOSYSTEM_USER="ecosystem_reader",
        **SECRETS,
    )
    lines = calls.read_text(encoding="utf-8").splitlines()
    return result.returncode, [(arguments, environment) for arguments, environment in map(json.loads, lines)]


def test_the_source_is_set_up_in_order_and_no_password_is_an_argument(scripts: Path, tmp_path: Path) -> None:
    code, calls = set_up(scripts, tmp_path)
    assert code == 0
    files = [
        (arguments[arguments.index("-i") + 1], environment) for arguments, environment in calls if "-i" in arguments
    ]
    assert [Path(file).name for file, _ in files if Path(file).parent == scripts] == [
        "product_tables.sql", "product_cdc.sql", "ecosystem_tables.sql", "ecosystem_cdc.sql",
    ]  # fmt: skip
    for (file, environment), source, secret in zip(
        files[2::3], ("product", "ecosystem"), ("it''s & $(a) \\1 secret", "another-secret"), strict=True
    ):
        assert f"CREATE LOGIN [{source}_reader] WITH PASSWORD = N'{secret}'" in environment["SCRIPT"]
        assert f"USE [cord_{source}]" in environment["SCRIPT"]
        assert not re.search(r"\{\w+\}", environment["SCRIPT"].partition("\nIF ")[2])
        assert environment["MODE"] == "0o600"
        assert not Path(file).exists()
    for arguments, environment in calls:
        assert environment["SQLCMDPASSWORD"] == SECRETS["MSSQL_SA_PASSWORD"]
        assert "-b" in arguments  # stops at the first error
        assert not any(secret in argument for secret in SECRETS.values() for argument in arguments)


def test_a_step_that_fails_stops_the_setup(scripts: Path, tmp_path: Path) -> None:
    code, calls = set_up(scripts, tmp_path, failing="product_cdc.sql")
    assert code != 0
    assert "product_cdc.sql" in calls[-1][0][-1]


def test_an_agent_that_is_late_is_not_waited_for_for_ever(scripts: Path, tmp_path: Path) -> None:
    code, calls = set_up(scripts, tmp_path, failing="SQLAgent")
    assert code == 0
    assert sum("-Q" in arguments for arguments, _ in calls) == 2


def test_the_login_script_is_tsql_and_gives_no_more_than_reading() -> None:
    text = (DEPLOY / "sqlserver" / "reader_login.sql").read_text(encoding="utf-8")
    assert set(re.findall(r"\{(\w+)\}", text)) == {"database", "login", "password"}
    again = "ALTER LOGIN [{login}] WITH PASSWORD = N'{password}';"  # the parser does not know this statement
    assert again in text
    for batch in re.split(r"^GO$", re.sub(r"\{(\w+)\}", r"\1", text.replace(again, "")), flags=re.MULTILINE):
        if batch.strip():
            assert sqlfluff.parse(batch, dialect="tsql")
    assert set(re.findall(r"ALTER ROLE (\w+)", text)) == {"db_datareader"}
    granted = re.findall(r"GRANT (.+?)(?: ON (\S+))? TO", text)
    assert granted == [("VIEW SERVER STATE", ""), ("INSERT, UPDATE, DELETE", "dbo.debezium_signal")]


def test_the_worker_is_healthy_while_its_heart_beats(empty_database: str) -> None:
    check = DEPLOY / "worker_check.py"
    without = run(sys.executable, check, DATABASE_URL=empty_database)
    assert without.returncode == 1
    assert "procrastinate_workers" in without.stderr

    from cordsearch.worker.queue import install_schema  # noqa: PLC0415

    install_schema(empty_database)
    assert "no worker has been heard of" in run(sys.executable, check, DATABASE_URL=empty_database).stderr
    with connect(empty_database) as connection:
        connection.execute("insert into worker.procrastinate_workers (last_heartbeat) values (now())")
    assert run(sys.executable, check, DATABASE_URL=empty_database).returncode == 0
    with connect(empty_database) as connection:
        connection.execute("update worker.procrastinate_workers set last_heartbeat = now() - interval '31 seconds'")
    assert run(sys.executable, check, DATABASE_URL=empty_database).returncode == 1
    assert run(sys.executable, check, DATABASE_URL="postgresql://127.0.0.1:1/none").returncode == 1


def test_a_worker_waits_for_a_source_that_is_not_there_yet(empty_database: str, tmp_path: Path) -> None:
    """As after the first `docker compose up`, before a demo is made or a source named. Kafka is not asked for."""
    source = demo_source_url(empty_database)
    environment = {
        "PATH": os.defpath,
        "DATABASE_URL": empty_database,
        "CORDSEARCH_SOURCE_PRODUCT_URL": source,
        "CORDSEARCH_SOURCE_ECOSYSTEM_URL": source,
        "CORDSEARCH_WORKER_STREAM_SOURCES": "none",
        "CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "CORDSEARCH_SCHEMA_REGISTRY_URL": "http://127.0.0.1:1",
        "CORDSEARCH_DATA_DIRECTORY": str(tmp_path),
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "cordsearch", "worker"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        for _ in range(120):
            healthy = run(sys.executable, DEPLOY / "worker_check.py", DATABASE_URL=empty_database).returncode == 0
            if healthy or worker.poll() is not None:
                break
            time.sleep(0.25)
        assert healthy
        assert worker.poll() is None
    finally:
        worker.terminate()
        _, told = worker.communicate(timeout=60)
    assert worker.returncode == 0, told
