"""A long index build shows how far it is, and a watcher that cannot look does not disturb it."""

import re

import pytest

from cordsearch.database import connect
from embeddings import index_progress
from embeddings.index_progress import index_progress as watched


def test_pages_are_counted_while_the_index_is_built(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(index_progress, "_SECONDS_BETWEEN_LOOKS", 0.005)
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("set max_parallel_maintenance_workers = 0")
        connection.execute(
            "create table wide as select repeat(i::text, 100) as text from generate_series(1, 60000) as i"
        )
        with watched(empty_database, connection.info.backend_pid, "index wide"):
            connection.execute("create index wide_text on wide using gin (to_tsvector('simple', text))")
    last = capsys.readouterr().err.splitlines()[-1]
    counted = re.match(r"index wide: ([\d,]+) pages in ", last)
    assert counted, last
    assert int(counted[1].replace(",", "")) > 0


def test_a_lost_watcher_leaves_the_build_alone(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(index_progress, "_SECONDS_BETWEEN_LOOKS", 0.005)
    with connect(empty_database, autocommit=True) as connection, watched("postgresql://127.0.0.1:1/x", 1, "index"):
        assert connection.execute("select pg_sleep(0.05)").fetchone()
    assert capsys.readouterr().err.startswith("index: done in")
