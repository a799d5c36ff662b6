"""The commands that keep bronze up to date and small, from the command line down."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cordsearch.cli import app
from cordsearch.database import connect
from cordsearch.errors import CordSearchError, SettingsError
from ingest.stream.batch import Partition, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.store import StreamStore
from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change, plain_row
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


def test_compact_and_forget_topic(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    monkeypatch.setenv("CORDSEARCH_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("CORDSEARCH_BRONZE_RETENTION_DAYS", "0")
    assert "keeps everything" in run("compact")
    part, row = Partition("cord.db.dbo.Storage", 0), plain_row(TABLES_BY_NAME["Storage"], 1)
    changes = [Change(TABLES_BY_NAME["Storage"], "u", row, row, position) for position in (1, 2, 3)]
    messages = [Message(*part, offset, change.key, change.bare(), 1) for offset, change in enumerate(changes)]
    with StreamStore(empty_database) as store:
        store.create_tables()
        store.write(decode_batch(messages, {part: 0}, MessageDecoder()))
    assert "0 superseded events older than 7 days deleted" in run("compact", "--retention-days", "7")
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("update bronze.storage_cdc set loaded_at = now() - interval '8 days'")
    output = run("compact", "--retention-days", "7", "--table", "Storage", "--shrink")
    assert "2 superseded events older than 7 days deleted" in output
    assert f"Its old events are kept as {part.topic}@" in run("forget-topic", part.topic)
    with pytest.raises(CordSearchError, match="never read a topic nowhere"):
        run("forget-topic", "nowhere")
