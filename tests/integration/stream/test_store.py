"""The writing alone, without Kafka: PostgreSQL's offsets decide what is new."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from ingest.stream.batch import Partition, Slice, decode_batch
from ingest.stream.dead_letters import forget_topic, list_dead_letters, replay_dead_letters
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.lag import read_lag
from ingest.stream.store import StreamStore
from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change, plain_row

ANALOGUE = TABLES_BY_NAME["ProductAnalogue"]
PART = Partition("cord.db.dbo.ProductAnalogue", 0)


@pytest.fixture
def store(empty_database: str) -> Iterator[StreamStore]:
    with StreamStore(empty_database) as store:
        store.create_tables()
        yield store


def value(key: int) -> bytes:
    return Change(ANALOGUE, "c", None, plain_row(ANALOGUE, key), position=key).bare()


def batch(first: int, last: int, position: int | None = None) -> dict[Partition, Slice]:
    """Offsets ``first`` to ``last``; each message's key is its offset."""
    messages = [Message(PART.topic, PART.number, offset, None, value(offset), 1) for offset in range(first, last + 1)]
    return decode_batch(messages, {PART: first if position is None else position}, MessageDecoder())


def keys(url: str) -> list[int]:
    with connect(url, autocommit=True) as connection:
        rows = connection.execute("select row_key from bronze.product_analogue_cdc order by event_id").fetchall()
    return [row[0] for row in rows]


def test_the_same_batch_twice_is_written_once(store: StreamStore, empty_database: str) -> None:
    assert store.write(batch(0, 4)).rows == 5
    again = store.write(batch(0, 6))
    assert (again.rows, again.positions) == (2, {PART: 7})
    assert keys(empty_database) == list(range(7))
    assert read_lag(empty_database)[0].events == 7


def test_two_owners_of_a_partition_write_each_event_once(empty_database: str) -> None:
    with StreamStore(empty_database) as first, StreamStore(empty_database) as second:
        first.create_tables()
        threads = [
            threading.Thread(target=lambda store=store: [store.write(batch(n, n + 4)) for n in range(0, 50, 5)])
            for store in (first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert keys(empty_database) == list(range(50))


def test_a_stored_offset_behind_the_reader_sends_it_back(store: StreamStore, empty_database: str) -> None:
    store.write(batch(0, 4))
    gone_ahead = store.write(batch(8, 9))
    assert (gone_ahead.rows, gone_ahead.positions) == (0, {PART: 5})
    assert keys(empty_database) == list(range(5))


def test_offsets_reset_on_purpose_double_nothing(store: StreamStore, empty_database: str) -> None:
    store.write(batch(0, 4))
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("update bronze.stream_offset set next_offset = 2")
    assert store.write(batch(2, 5)).positions == {PART: 6}
    assert store.write(batch(6, 7)).positions == {PART: 8}
    assert keys(empty_database) == list(range(8))


def test_a_failure_before_the_commit_leaves_nothing(
    store: StreamStore, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise psycopg.OperationalError("the line was cut")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_advance", fail)
        with pytest.raises(psycopg.OperationalError):
            store.write(batch(0, 4))
    assert (keys(empty_database), read_lag(empty_database)) == ([], [])
    store.write(batch(0, 4))
    assert keys(empty_database) == list(range(5))


def test_a_topic_made_anew_keeps_the_old_rows_apart(store: StreamStore, empty_database: str) -> None:
    store.write(batch(0, 2))
    with pytest.raises(CordSearchError, match=f"never read a topic x. It knows {PART.topic}"):
        forget_topic(empty_database, "x")
    assert forget_topic(empty_database, PART.topic).startswith(PART.topic + "@")
    assert store.write(batch(0, 3)).rows == 4
    assert keys(empty_database) == [0, 1, 2, 0, 1, 2, 3]


def test_dead_letters_are_chosen_by_topic_and_number(store: StreamStore, empty_database: str) -> None:
    others = Partition("cord.db.dbo.Product", 3)
    messages = [Message(*part, offset, b"k", b"poison", 1) for part in (PART, others) for offset in (0, 1)]
    store.write(decode_batch(messages, {PART: 0, others: 0}, MessageDecoder()))
    letters = list_dead_letters(empty_database, topic=others.topic)
    assert [(letter.message.partition, letter.message.offset) for letter in letters] == [(3, 0), (3, 1)]
    assert letters[0].excerpt == "poison"
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("update bronze.dead_letter set value = %s", [value(5)])
    assert replay_dead_letters(empty_database, ids=[letters[0].dead_letter_id]).replayed == 1
    assert replay_dead_letters(empty_database, topic=PART.topic).replayed == 2
    assert [letter.message.offset for letter in list_dead_letters(empty_database)] == [1]
    assert len(keys(empty_database)) == 3


def test_before_the_first_run_there_is_nothing(empty_database: str) -> None:
    assert read_lag(empty_database) == []
    assert list_dead_letters(empty_database) == []
