"""Compaction takes events away and changes no staging row: not at once, not beside writers, not after a replay."""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url, prepare_extensions
from cordsearch.errors import CordSearchError
from cordsearch.transform import Transform
from ingest.compaction import run_compaction
from ingest.stream.batch import Partition, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.store import StreamStore
from ingest.tables import TABLES, TABLES_BY_NAME, SourceTable
from tests.debezium import COMMITTED_MS, Change, plain_row
from tests.integration.ingest.following import staging

KEYS = range(1, 7)
EVENTS_PER_TABLE = 60
RETENTION_DAYS = 30.0


@dataclass
class Bronze:
    """Random histories of every table in one warehouse, told by the loader and by the stream, in any order."""

    url: str
    chance: random.Random
    store: StreamStore
    messages: dict[Partition, list[Message]] = field(default_factory=dict)

    def grow(self, tables: tuple[SourceTable, ...] = TABLES, events: int = EVENTS_PER_TABLE) -> None:
        """Append random events to each table, some of them long ago."""
        for table in tables:
            part = Partition(f"cord.db.dbo.{table.name}", 0)
            told = self.messages.setdefault(part, [])
            begin = len(told)
            for _ in range(events):
                if self.chance.random() < 0.3:
                    self._direct(table)
                else:
                    key, value = self._event(table)
                    told.append(Message(*part, len(told), key, value, COMMITTED_MS))
            if told[begin:]:
                self.store.write(decode_batch(told[begin:], {part: begin}, MessageDecoder()))
        for table in tables:
            self.query(
                f"update bronze.{table.bronze_table} set loaded_at = now() - interval '40 days' "
                f"where loaded_at > now() - interval '1 day' and random() < 0.8"
            )

    def replay(self) -> None:
        """Tell the whole stream again from its start."""
        self.query("update bronze.stream_offset set next_offset = 0")
        for part, told in self.messages.items():
            self.store.write(decode_batch(told, {part: 0}, MessageDecoder()))

    def _event(self, table: SourceTable) -> tuple[bytes, bytes]:
        """A change at a random place of the log, sometimes one the log never ordered (flattened, same moment)."""
        key, moment = self.chance.choice(KEYS), COMMITTED_MS + self.chance.randint(0, 3)
        row = self._row(table, key)
        kind = self.chance.choice(["r", "c", "u", "u", "u", "d"])
        position = self.chance.randint(1, 20)
        change = Change(
            table, kind, row if kind == "d" else None, None if kind == "d" else row, position,
            self.chance.randint(1, 2), moment,
        )  # fmt: skip
        if self.chance.random() < 0.7:
            return change.key, change.bare()
        flat = json.loads(change.flattened())
        if self.chance.random() < 0.7:
            for name in ("commit_lsn", "change_lsn", "event_serial_no"):
                flat[f"__source_{name}"] = None
        return change.key, json.dumps(flat).encode()

    def _row(self, table: SourceTable, key: int) -> dict[str, Any]:
        row = plain_row(table, key)
        for column in table.columns:
            if column.nullable and column.name != table.primary_key and self.chance.random() < 0.3:
                row[column.name] = None
        return row

    def _direct(self, table: SourceTable) -> None:
        key, moment = self.chance.choice(KEYS), COMMITTED_MS + self.chance.randint(0, 3)
        op = self.chance.choice(["r", "u", "d"])
        row = self._row(table, key)
        payload = {"op": op, "after": None if op == "d" else row, "before": row if op == "d" else None, "source": {}}
        statement = sql.SQL("insert into {} (row_key, source_ts_ms, payload) values (%s, %s, %s)")
        self.query(statement.format(sql.Identifier("bronze", table.bronze_table)), key, moment, json.dumps(payload))

    def query(self, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
        with connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def staging(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every staging view."""
        return {
            table.name: self.query(f"select v::text from staging_staging.{table.staging_view} as v order by 1")
            for table in TABLES
        }

    def events(self) -> int:
        return sum(self.query(f"select count(*) from bronze.{table.bronze_table}")[0][0] for table in TABLES)


@pytest.fixture(scope="module")
def staging_template(postgres_url: str) -> str:
    """Name of a database with all bronze tables and the staging views over them, without rows."""
    name = "compaction_template"
    create_database(postgres_url, name)
    url = database_url(postgres_url, name)
    with StreamStore(url) as store:
        store.create_tables()
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-test-dbt-"))
    prepare_extensions(url)
    Transform(url, directory).run(select=["staging"])
    shutil.rmtree(directory, ignore_errors=True)
    return name


@pytest.fixture
def bronze(
    new_database: Callable[[str | None], str], staging_template: str, request: pytest.FixtureRequest
) -> Iterator[Bronze]:
    """Random histories of all tables."""
    url = new_database(staging_template)
    with StreamStore(url) as store:
        bronze = Bronze(url, random.Random(getattr(request, "param", 0)), store)
        bronze.grow()
        yield bronze


@pytest.mark.parametrize("bronze", [1, 2, 3], indirect=True)
def test_no_staging_row_changes_and_bronze_is_bounded(bronze: Bronze) -> None:
    before, events = bronze.staging(), bronze.events()
    assert sum(map(len, before.values())) > len(TABLES)
    report = run_compaction(bronze.url, RETENTION_DAYS, batch_events=7)
    assert bronze.staging() == before
    assert bronze.events() == events - report.deleted
    assert report.deleted > events / 3
    for table in TABLES:
        ((most_old, most),) = bronze.query(
            f"""select max(old), max(positions) from (
                select count(*) filter (where loaded_at < now() - interval '30 days') as old,
                    count(distinct (commit_lsn, change_lsn, event_serial_no, source_ts_ms))
                        filter (where loaded_at < now() - interval '30 days') as positions
                from bronze.{table.bronze_table} group by row_key) as per_key"""
        )
        assert most <= 1, "of the old events of a key only those at the newest position stay"
        assert most_old <= EVENTS_PER_TABLE
        images = bronze.query(
            f"select 1 from bronze.{table.bronze_table} where payload ->> 'op' = 'd' and payload -> 'before' <> 'null' "
            f"and loaded_at < now() - interval '30 days'"
        )
        assert images == []
    again = run_compaction(bronze.url, RETENTION_DAYS)
    assert (again.deleted, sum(table.slimmed for table in again.tables)) == (0, 0)
    bronze.grow(events=10)
    before = bronze.staging()
    run_compaction(bronze.url, RETENTION_DAYS)
    assert bronze.staging() == before


@pytest.mark.parametrize("bronze", [4, 5, 6], indirect=True)
def test_a_replay_from_the_start_brings_no_old_row_back(bronze: Bronze) -> None:
    before, events = bronze.staging(), bronze.events()
    run_compaction(bronze.url, RETENTION_DAYS)
    bronze.replay()
    assert bronze.staging() == before
    assert bronze.events() <= events
    for table in TABLES:
        assert bronze.query(
            f'select topic, "partition", "offset" from bronze.{table.bronze_table} where topic is not null '
            f"group by 1, 2, 3 having count(*) > 1"
        ) == []  # fmt: skip
    run_compaction(bronze.url, RETENTION_DAYS)
    assert bronze.staging() == before


@pytest.mark.parametrize("bronze", [7], indirect=True)
def test_killed_in_the_middle_the_next_run_does_the_rest(bronze: Bronze) -> None:
    before, events = bronze.staging(), bronze.events()
    script = f"from ingest.compaction import run_compaction; run_compaction({bronze.url!r}, 30, batch_events=1)"
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while bronze.events() > events - 20:
        assert process.poll() is None
    process.kill()
    process.wait()
    assert bronze.staging() == before
    assert run_compaction(bronze.url, RETENTION_DAYS).deleted > 0
    assert bronze.staging() == before
    assert run_compaction(bronze.url, RETENTION_DAYS).deleted == 0


@pytest.mark.parametrize("bronze", [8], indirect=True)
def test_beside_writers_staging_is_what_it_would_be_without(bronze: Bronze) -> None:
    tables = tuple(TABLES_BY_NAME[name] for name in ("Product", "ProductAvailability"))
    for table in tables:  # everything that ever arrives, kept where compaction does not come
        name = table.bronze_table
        bronze.query(f"create table public.{name} as table bronze.{name}")
        bronze.query(
            f"create function keep_{name}() returns trigger language plpgsql as "
            f"$$ begin insert into public.{name} select new.*; return null; end $$"
        )
        bronze.query(f"create trigger keep after insert on bronze.{name} for each row execute function keep_{name}()")
    done = threading.Event()
    reports = []

    def compact() -> None:
        while not done.is_set():
            reports.append(run_compaction(bronze.url, 1e-9, [table.name for table in tables], batch_events=11))

    thread = threading.Thread(target=compact)
    thread.start()
    try:
        for _ in range(15):
            bronze.grow(tables, events=20)
    finally:
        done.set()
        thread.join()
    run_compaction(bronze.url, 1e-9, [table.name for table in tables])
    assert sum(report.deleted for report in reports) > 300
    for table in tables:
        assert staging(bronze.url, table.name) == staging(bronze.url, table.name, schema="public")
        assert bronze.query(f"select count(*) from bronze.{table.bronze_table}")[0][0] < 100


@pytest.mark.parametrize("bronze", [10], indirect=True)
def test_space_is_given_back(bronze: Bronze) -> None:
    bronze.query("truncate bronze.product_cdc")
    bronze.query(
        "insert into bronze.product_cdc (row_key, source_ts_ms, loaded_at, payload) "
        "select n % 10, n, now() - interval '40 days', jsonb_build_object('op', 'u', 'after', repeat('x', 500)) "
        "from generate_series(1, 4000) as n"
    )
    (first,) = run_compaction(bronze.url, RETENTION_DAYS, ["Product"]).tables
    assert first.deleted == 3990
    bronze.query("checkpoint")
    size = "select pg_relation_size('bronze.product_cdc')"
    after_vacuum = bronze.query(size)
    bronze.query(
        "insert into bronze.product_cdc (row_key, source_ts_ms, loaded_at, payload) "
        "select n % 10, n, now() - interval '40 days', jsonb_build_object('op', 'u', 'after', repeat('x', 500)) "
        "from generate_series(4001, 7900) as n"
    )
    assert bronze.query(size)[0][0] <= after_vacuum[0][0] * 1.1, "new events use the space of old ones"
    (last,) = run_compaction(bronze.url, RETENTION_DAYS, ["Product"], shrink=True).tables
    assert last.deleted == 3900
    assert bronze.query(size)[0][0] <= 16_384


def test_a_retention_of_zero_keeps_everything(empty_database: str) -> None:
    report = run_compaction(empty_database, 0)
    assert (report.tables, str(report)) == ([], "Nothing was compacted: a retention of 0 days keeps everything.")
    assert run_compaction(empty_database, 30).tables == [], "nothing was loaded yet"
    with pytest.raises(CordSearchError, match="no table Nobody"):
        run_compaction(empty_database, 30, ["Nobody"])
    with pytest.raises(CordSearchError, match="makes no sense"):
        run_compaction(empty_database, -1)


@pytest.mark.parametrize("bronze", [11], indirect=True)
def test_a_second_compaction_leaves_the_table_to_the_first(bronze: Bronze) -> None:
    with connect(bronze.url, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtextextended('cordsearch.compaction.Product', 0))")
        report = run_compaction(bronze.url, RETENTION_DAYS, ["Product", "Storage"])
    assert [(table.table, table.busy) for table in report.tables] == [("Product", True), ("Storage", False)]
    assert "Left to another compaction at work: Product." in str(report)
