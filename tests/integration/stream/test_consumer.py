"""The stream over TCP: every form arrives, and no fault loses or doubles an event."""

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="needs the Kafka client: pip install 'cordsearch[stream]'")

import fastavro
from confluent_kafka import TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from cordsearch.database import create_database
from cordsearch.embedded_postgres import EmbeddedPostgres
from ingest.stream import consumer as consumer_module
from ingest.stream.avro import RegistryAvroReader
from ingest.stream.batch import Partition
from ingest.stream.consumer import StreamConsumer, StreamError
from ingest.stream.dead_letters import list_dead_letters, replay_dead_letters
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.lag import read_lag
from ingest.stream.store import StreamStore
from ingest.tables import TABLES, TABLES_BY_NAME
from tests.debezium import Change, avro_message, avro_schema, plain_row
from tests.kafka import Running, Stream

PRODUCT = TABLES_BY_NAME["Product"]
ANALOGUE = TABLES_BY_NAME["ProductAnalogue"]
ROOT = Path(__file__).parents[3]


def analogue_changes(count: int, first: int = 1) -> list[Change]:
    return [Change(ANALOGUE, "c", None, plain_row(ANALOGUE, key), position=key) for key in range(first, first + count)]


def keys(stream: Stream, table: str = "product_analogue_cdc") -> list[int]:
    return [row[0] for row in stream.query(f"select row_key from bronze.{table} order by row_key")]


def test_every_table_in_every_form_becomes_the_same_row(stream: Stream) -> None:
    registry = SchemaRegistryClient.new_client({"url": "mock://forms"})
    expected = {}
    for table in TABLES:
        row = plain_row(table, 5)
        change = Change(table, "u", row, row, position=7)
        schema = avro_schema(table)
        schema_id = registry.register_schema(f"{table.name}-value", Schema(json.dumps(schema), "AVRO"))
        framed = avro_message(change, fastavro.parse_schema(schema), schema_id)
        values = (change.bare(), change.with_schema(), change.with_schema(), change.flattened(), framed)
        stream.send(*values, topic=stream.topic(table.name), key=change.key)
        expected[table.bronze_table] = row
    report = stream.run_until(stream.has_handled(5 * len(TABLES)), RegistryAvroReader(registry))
    assert (report.rows, report.dead_letters) == (5 * len(TABLES), 0)
    for bronze_table, row in expected.items():
        images = stream.query(f'select "offset", payload -> \'after\' from bronze.{bronze_table} order by "offset"')
        assert images == [(offset, row) for offset in range(5)]


def test_order_tombstones_metadata_and_snapshots(stream: Stream) -> None:
    rows = [plain_row(PRODUCT, 1, Name=name) for name in ("read", "created", "changed")]
    stream.send_changes(
        Change(PRODUCT, "r", None, rows[0], position=1),
        Change(PRODUCT, "u", rows[0], rows[1], position=3),
        Change(PRODUCT, "u", rows[1], rows[2], position=2),  # late: an older change delivered after a newer one
        Change(PRODUCT, "d", rows[2], None, position=4),
        partition=0,
    )
    stream.send(None)
    stream.send(b'{"status":"BEGIN","id":"00000027:1","event_count":null}', topic=f"{stream.prefix}.transaction")
    stream.send(
        b'{"ts_ms":1}', b'{"source":{},"databaseName":"x","ddl":"","tableChanges":[]}', topic=f"{stream.prefix}.x"
    )
    stream.run_until(stream.has_handled(8))
    newest = stream.query(
        """select payload ->> 'op', commit_lsn, change_lsn is null, event_serial_no from bronze.product_cdc
        order by commit_lsn, coalesce(change_lsn, ''), coalesce(event_serial_no, 0)"""
    )
    assert [(row[0], row[2], row[3]) for row in newest] == [
        ("r", True, None), ("u", False, 1), ("u", False, 1), ("d", False, 1),
    ]  # fmt: skip
    assert sum(part.ignored for part in read_lag(stream.warehouse_url)) == 4
    assert list_dead_letters(stream.warehouse_url) == []


def test_a_restart_goes_on_and_a_replay_from_the_start_changes_nothing(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(40))
    first = stream.run_until(stream.has_handled(40), batch_size=7)
    stream.send_changes(*analogue_changes(10, first=41))
    second = stream.run_until(stream.has_handled(50))
    assert (first.rows, second.rows) == (40, 10)
    before = stream.query("select event_id, row_key, loaded_at from bronze.product_analogue_cdc order by 1")
    stream.query("delete from bronze.stream_offset returning 1")
    stream.send_changes(*analogue_changes(1, first=51))
    stream.run_until(stream.has_handled(51), batch_size=20)
    after = stream.query("select event_id, row_key, loaded_at from bronze.product_analogue_cdc order by 1")
    assert after[:-1] == before
    assert keys(stream) == list(range(1, 52))


def test_a_poison_message_is_parked_and_can_be_replayed(stream: Stream) -> None:
    changes = analogue_changes(5)
    stream.send_changes(changes[0], partition=0)
    poison = [
        b"{not json", b"\x00\x00\x00\x00\x07avro", b'{"op":"u","source":{"table":"Nobody","schema":"dbo"}}', b'"text"',
        changes[1].bare().replace(b'"sqlserver"', b'"\\ud800"'),
        changes[1].bare().replace(b'"Deleted":', b'"Nested":{"a":"\\u0000"},"Deleted":'),  # only PostgreSQL refuses it
    ]  # fmt: skip
    stream.send(*poison, topic=stream.topic("ProductAnalogue"))
    stream.send_changes(*changes[1:], partition=0)
    report = stream.run_until(stream.has_handled(11))
    assert keys(stream) == [1, 2, 3, 4, 5]
    assert (report.rows, report.dead_letters) == (5, 6)
    letters = list_dead_letters(stream.warehouse_url)
    assert [letter.message.value for letter in letters] == poison
    assert "CORDSEARCH_SCHEMA_REGISTRY_URL" in letters[1].reason
    assert "dbo.Nobody is not in the registry" in letters[2].reason
    assert "refused by PostgreSQL" in letters[5].reason

    fixed = analogue_changes(1, first=99)[0].bare()
    stream.query(f"update bronze.dead_letter set value = '\\x{fixed.hex()}' where dead_letter_id = 1 returning 1")
    outcome = replay_dead_letters(stream.warehouse_url)
    assert (outcome.replayed, outcome.refused) == (1, 5)
    assert keys(stream) == [1, 2, 3, 4, 5, 99]
    assert [letter.tries for letter in list_dead_letters(stream.warehouse_url)] == [2] * 5
    assert len(list_dead_letters(stream.warehouse_url, include_replayed=True)) == 6


KILLED = """
import os, signal, sys, threading
from cordsearch.settings import Settings
from ingest.stream.consumer import run_stream
from ingest.stream.store import StreamStore
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
StreamStore._advance = die
settings = Settings(kafka_bootstrap_servers=sys.argv[1], kafka_group=sys.argv[2], kafka_topics=sys.argv[3])
run_stream(settings, sys.argv[4], threading.Event())
"""


def test_killed_between_copy_and_commit_nothing_is_lost_or_doubled(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(30))
    killed = subprocess.run(
        [
            sys.executable, "-c", KILLED, stream.brokers, f"{stream.prefix}.killed", rf"^{stream.prefix}\..*",
            stream.warehouse_url,
        ],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, capture_output=True, timeout=60,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert keys(stream) == []
    stream.run_until(stream.has_handled(30))
    assert keys(stream) == list(range(1, 31))


def test_rebalances_lose_and_double_nothing(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(40))
    with Running(stream.consumer(batch_size=5)) as first:
        stream.wait_for(stream.has_handled(40), first)
        joining = stream.consumer(batch_size=5)
        with Running(joining) as second:
            stream.send_changes(*analogue_changes(40, first=41))  # while the partitions change hands
            stream.wait_for(lambda: bool(joining._positions), first, second)
            for start in range(81, 201, 40):
                stream.send_changes(*analogue_changes(40, first=start))
                stream.wait_for(stream.has_handled(start + 39), first, second)
        assert second.report is not None
        assert second.report.rows > 0
        stream.send_changes(*analogue_changes(40, first=201))
        stream.wait_for(stream.has_handled(240), first)
    assert keys(stream) == list(range(1, 241))
    offsets = stream.query('select topic, "partition", "offset" from bronze.product_analogue_cdc')
    assert len(set(offsets)) == 240


def test_postgresql_that_drops_connections_is_waited_for(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(20))
    with Running(stream.consumer(batch_size=5)) as running:
        stream.wait_for(stream.has_handled(20), running)
        for start in (21, 41):
            stream.query(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            stream.send_changes(*analogue_changes(20, first=start))
            stream.wait_for(stream.has_handled(start + 19), running)
    assert keys(stream) == list(range(1, 61))


def test_postgresql_that_restarts_under_load_is_waited_for(stream: Stream, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", {"fsync": "off"})
    with server.running():
        create_database(server.url(), "restarted")
    stream.warehouse_url = server.url("restarted")
    with ExitStack() as up:
        up.enter_context(server.running())
        stream.send_changes(*analogue_changes(40))
        with Running(stream.consumer(batch_size=5)) as running:
            stream.wait_for(stream.has_handled(10), running)
            up.close()
            stream.send_changes(*analogue_changes(40, first=41))
            up.enter_context(server.running())
            stream.wait_for(stream.has_handled(80), running)
        assert keys(stream) == list(range(1, 81))


def test_a_hole_is_read_twice_before_it_is_believed() -> None:
    placed: list[tuple[str, int]] = []

    class Assignments:
        def incremental_assign(self, places: list[TopicPartition]) -> None:
            placed.extend((place.topic, place.offset) for place in places)

        def incremental_unassign(self, places: list[TopicPartition]) -> None:
            """Followed by the assignment."""

    def fetched(*offsets: int) -> list[Message]:
        return [Message("cord.a", 0, offset, None, b"", 1) for offset in offsets]

    consumer = StreamConsumer({}, StreamStore(""), MessageDecoder(), topics="^cord")
    consumer._consumer = Assignments()  # type: ignore[assignment]
    consumer._positions = {Partition("cord.a", 0): 100}
    assert consumer._contiguous(fetched(100, 101)) == fetched(100, 101)
    assert consumer._contiguous(fetched(150, 151)) == []  # left over from an earlier assignment
    assert placed == [("cord.a", 100)]
    assert consumer._contiguous(fetched(100)) == fetched(100)
    assert consumer._contiguous(fetched(150)) == []
    assert consumer._contiguous(fetched(150)) == fetched(150)  # the broker's own
    assert len(placed) == 2


def test_lag_is_reported(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(6), partition=2)
    stream.run_until(stream.has_handled(6))
    (part,) = [part for part in read_lag(stream.warehouse_url) if part.partition == 2]
    assert (part.lag, part.events, part.next_offset, part.lost) == (0, 6, 6, 0)


def test_a_heartbeat_is_no_event_and_says_when_the_connector_lived(stream: Stream) -> None:
    topic = stream.topic("heartbeats")
    stream.send_changes(*analogue_changes(3), partition=2)
    stream.send(b'{"ts_ms": 1700000000000}', b'{"ts_ms": 1700000010000}', topic=topic, key=b'{"serverName": "cord"}')
    stream.run_until(stream.has_handled(5))
    parts = {part.topic: part for part in read_lag(stream.warehouse_url)}
    assert (parts[topic].events, parts[topic].ignored, parts[topic].dead_letters) == (0, 2, 0)
    assert (parts[topic].newest_source_ts_ms or 0) > 1_700_000_010_000  # when it was sent, by the producer's clock


def test_messages_deleted_before_they_were_read_are_counted(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(2), partition=0)
    stream.run_until(stream.has_handled(2))
    filler = b" " * 900_000 + b"0"
    stream.send(*[filler] * 8, topic=stream.topic("ProductAnalogue"))  # the mock cluster keeps 5 MB of a partition
    stream.run_until(stream.has_handled(10))
    (part,) = [part for part in read_lag(stream.warehouse_url) if part.partition == 0]
    assert part.lost > 0
    assert part.lost + part.dead_letters == 8
    assert keys(stream) == [1, 2]


def test_a_topic_made_anew_is_not_mistaken_for_the_old_one(stream: Stream) -> None:
    stream.send_changes(*analogue_changes(2), partition=0)
    stream.run_until(stream.has_handled(2))
    stream.query("update bronze.stream_offset set next_offset = 50 returning 1")
    with pytest.raises(StreamError, match="made anew"):
        stream.run_until(lambda: False)


def test_kafka_that_is_not_there_is_told(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "_BROKER_SECONDS", 0.5)
    stream.brokers = "127.0.0.1:1"
    with pytest.raises(StreamError, match="CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS"):
        stream.run_until(lambda: False)


def test_the_registry_is_waited_for(stream: Stream) -> None:
    registry = SchemaRegistryClient.new_client({"url": "mock://late"})
    row = plain_row(ANALOGUE, 1)
    schema = avro_schema(ANALOGUE)
    schema_id = registry.register_schema("late-value", Schema(json.dumps(schema), "AVRO"))
    stream.send(avro_message(Change(ANALOGUE, "c", None, row), fastavro.parse_schema(schema), schema_id))

    class Flaky:
        asked = 0

        def get_schema(self, wanted: int) -> Any:
            self.asked += 1
            if self.asked < 3:
                raise ConnectionError("refused")
            return registry.get_schema(wanted)

    report = stream.run_until(stream.has_handled(1), RegistryAvroReader(Flaky()))
    assert (report.rows, report.dead_letters) == (1, 0)
