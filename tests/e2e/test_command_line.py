"""The console command: what a person types and reads, failures included."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cordsearch.database import connect
from tests.catalogue import Catalogue


def cordsearch(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cordsearch", *arguments],
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_explained(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """One message for a person, no stack trace."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr, result.stderr


@pytest.mark.parametrize("command", ["demo", "ingest", "transform", "embed", "serve", "status", "database"])
def test_every_command_explains_itself(command: str) -> None:
    overview = cordsearch("--help")
    assert overview.returncode == 0
    assert command in overview.stdout
    detail = cordsearch(command, "--help")
    assert detail.returncode == 0
    assert "Usage:" in detail.stdout


def test_status_of_a_built_warehouse(catalogue: Catalogue, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": catalogue.warehouse_url, "CORDSEARCH_DATA_DIRECTORY": str(tmp_path)}
    report = json.loads(cordsearch("status", "--json", **environment).stdout)
    assert len(report["tables"]) == 36
    assert report["products"] == 1_199  # one of 1,200 is deleted at the source
    assert report["waiting"] == 0
    assert report["encoder"]
    assert "ProductAvailability" in cordsearch("status", **environment).stdout


def test_status_of_an_empty_warehouse_says_what_to_run(empty_database: str, tmp_path: Path) -> None:
    result = cordsearch("status", DATABASE_URL=empty_database, CORDSEARCH_DATA_DIRECTORY=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "cordsearch demo" in result.stdout


def test_an_unreachable_warehouse() -> None:
    result = cordsearch("status", DATABASE_URL="postgresql://shop:hunter2@127.0.0.1:1/shop")
    assert_explained(result, "127.0.0.1", "port 1")
    assert "hunter2" not in result.stderr


def test_a_warehouse_url_that_is_none() -> None:
    assert_explained(cordsearch("status", DATABASE_URL="mssql://somewhere"), "postgresql://user:password@host")


def test_an_unreachable_source(empty_database: str, tmp_path: Path) -> None:
    url = "mssql+pymssql://loader:hunter2@127.0.0.1:1/cord"
    result = cordsearch(
        "ingest",
        "snapshot",
        DATABASE_URL=empty_database,
        CORDSEARCH_DATA_DIRECTORY=str(tmp_path),
        CORDSEARCH_SOURCE_PRODUCT_URL=url,
        CORDSEARCH_SOURCE_ECOSYSTEM_URL=url,
    )
    assert_explained(result, "source product", "127.0.0.1")
    assert "hunter2" not in result.stderr


def test_only_one_source_is_configured(empty_database: str, tmp_path: Path) -> None:
    result = cordsearch(
        "ingest",
        "snapshot",
        DATABASE_URL=empty_database,
        CORDSEARCH_DATA_DIRECTORY=str(tmp_path),
        CORDSEARCH_SOURCE_PRODUCT_URL="mssql+pymssql://127.0.0.1/cord",
    )
    assert_explained(result, "CORDSEARCH_SOURCE_ECOSYSTEM_URL is not set")


def test_the_demo_refuses_to_replace_a_real_catalogue(empty_database: str, tmp_path: Path) -> None:
    result = cordsearch(
        "demo",
        DATABASE_URL=empty_database,
        CORDSEARCH_DATA_DIRECTORY=str(tmp_path),
        CORDSEARCH_SOURCE_PRODUCT_URL="mssql+pymssql://127.0.0.1/cord",
    )
    assert_explained(result, "would replace")


def test_a_port_in_use(catalogue: Catalogue) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = cordsearch("serve", "--port", str(port), DATABASE_URL=catalogue.warehouse_url)
    assert_explained(result, f"Port {port}", f"--port {port + 1}")


def test_a_setting_that_makes_no_sense() -> None:
    assert_explained(cordsearch("status", CORDSEARCH_POOL_SIZE="many"), "pool_size", ".env.example")


def test_transform_before_anything_is_loaded(empty_database: str, tmp_path: Path) -> None:
    result = cordsearch("transform", DATABASE_URL=empty_database, CORDSEARCH_DATA_DIRECTORY=str(tmp_path))
    assert_explained(result, "bronze")


def test_embed_before_the_marts_exist(empty_database: str, tmp_path: Path) -> None:
    result = cordsearch("embed", "run", DATABASE_URL=empty_database, CORDSEARCH_DATA_DIRECTORY=str(tmp_path))
    assert_explained(result, "cordsearch")


def test_stale_bronze_is_refused_on_demand(catalogue_database: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": catalogue_database, "CORDSEARCH_DATA_DIRECTORY": str(tmp_path)}
    assert cordsearch("transform", "--check-freshness", **environment).returncode == 0
    with connect(catalogue_database) as connection:
        for moment in ("bronze.ingest_checkpoint set started_at", "freshness.source_table set looked_at"):
            connection.execute(f"update {moment} = now() - interval '60 days' where table_name = 'Product'")
    assert_explained(cordsearch("transform", "--check-freshness", **environment), "product_cdc")
