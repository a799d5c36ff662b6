"""The two commands that keep bronze up to date, from the command line down."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cordsearch.cli import app
from cordsearch.database import connect
from cordsearch.errors import SettingsError
from tests.integration.ingest.following import NOON, events, touch


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["ingest", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_incremental_and_reconcile(
    source_url: str, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    monkeypatch.setenv("CORDSEARCH_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("CORDSEARCH_SOURCE_PRODUCT_URL", source_url)
    monkeypatch.setenv("CORDSEARCH_SOURCE_ECOSYSTEM_URL", source_url)
    monkeypatch.setenv("CORDSEARCH_SOURCE_OVERLAP_SECONDS", "60")
    storage = ("--source", "ecosystem", "--table", "Storage")
    assert "0 changes (0 new, 0 changed, 0 deleted) among 37 rows" in run("incremental", *storage)
    with connect(source_url, autocommit=True) as source:
        touch(source, 4, "changed", NOON)
        source.execute('delete from dbo."Storage" where "ID" = 7')
    assert "1 changes (0 new, 1 changed, 0 deleted)" in run("incremental", *storage)
    assert "1 changes (0 new, 0 changed, 1 deleted)" in run("reconcile", *storage)
    assert "0 changes" in run("reconcile", *storage, "--every-row", "--allow-mass-delete")
    assert [(key, op) for key, op, _ in events(empty_database)[-2:]] == [(4, "u"), (7, "d")]
    with pytest.raises(SettingsError, match="There is no source 'nowhere'"):
        run("incremental", "--source", "nowhere")
