"""One table by both methods, in turn or side by side: nothing is lost, nothing comes back from the dead."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ingest.compaction import run_compaction
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_loader import IncrementalLoader
from ingest.snapshot import run_snapshot
from ingest.sources import SourceDatabase
from ingest.stream.batch import Partition, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.store import StreamStore
from tests.change_log import LoggedSource
from tests.debezium import Change
from tests.integration.ingest.following import NOON, staging, truth

TABLES = ("Storage", "ProductAvailabilityCartLimits")
STEPS = 60


class Both:
    """A source with its log, and a warehouse that is told of it by stream and by direct reads."""

    def __init__(self, source_url: str, sources: tuple[SourceDatabase, ...], warehouse: str, seed: int) -> None:
        self.source, self.sources, self.warehouse = LoggedSource(source_url), sources, warehouse
        self.chance = random.Random(seed)
        self.store = StreamStore(warehouse)
        self.store.create_tables()
        self._loader = IncrementalLoader(sources, warehouse, Limits(page_size=7))  # stays open, as in a worker
        self._sent: dict[Partition, list[Message]] = {}
        self._told = 0  # changes of the log that Debezium has put into Kafka
        self._now = NOON

    def close(self) -> None:
        self._loader.close()
        self.source.close()
        self.store.close()

    def change(self) -> None:
        """One random change at the source; its Updated may be the same as others', or far from now."""
        self._now += timedelta(seconds=self.chance.choice([0, 1, 900]))
        if self.chance.random() < 0.3:
            key = self.chance.randint(1, 40)
            self.source.put(TABLES[1], key, ProductId=key, MinAvailabilityUA=self.chance.randint(1, 3))
        elif self.chance.random() < 0.25:
            table = self.chance.choice(TABLES)
            self.source.delete(table, self.chance.choice(self.source.keys(table)))
        else:
            name = self.chance.choice(["Склад", "Magazyn", "depot"])
            self.source.put(TABLES[0], self.chance.randint(1, 40), Name=name, Updated=self._now, Deleted=False)

    def tell(self, *changes: Change) -> None:
        """The stream brings ``changes``."""
        for change in changes:
            part = Partition(f"cord.db.dbo.{change.table.name}", 0)
            told = self._sent.setdefault(part, [])
            message = Message(*part, len(told), change.key, change.bare(), 1)
            told.append(message)
            self.store.write(decode_batch([message], {part: message.offset}, MessageDecoder()))

    def catch_up(self, most: int | None = None) -> None:
        """The stream goes on, by at most so many changes."""
        until = len(self.source.changes) if most is None else self._told + most
        self.tell(*self.source.changes[self._told : until])
        self._told = min(until, len(self.source.changes))

    def lose(self) -> None:
        """What is in the log and not yet told never will be."""
        self._told = len(self.source.changes)

    def direct(self, overlap_seconds: float | None = None) -> None:
        assert self._loader.follow(TABLES, overlap_seconds=overlap_seconds).failures == []

    def replay(self) -> None:
        """Offsets set back to the start."""
        for part, messages in self._sent.items():
            self.store.open().execute("update bronze.stream_offset set next_offset = 0 where topic = %s", [part.topic])
            self.store.write(decode_batch(messages, {part: 0}, MessageDecoder()))


@pytest.fixture(params=range(3))
def both(
    source_url: str, sources: tuple[SourceDatabase, ...], empty_database: str, request: pytest.FixtureRequest
) -> Iterator[Both]:
    both = Both(source_url, sources, empty_database, request.param)
    yield both
    both.close()


def assert_true(both: Both, new_database: Any) -> None:
    for table in TABLES:
        assert staging(both.warehouse, table) == truth(both.sources, new_database, table), table


def test_a_direct_snapshot_then_the_stream(both: Both, new_database: Any) -> None:
    for _ in range(10):
        both.change()
    both.lose()  # the connector begins here, with snapshot.mode=no_data
    for _ in range(10):
        both.change()
    both.catch_up(both.chance.randint(0, 10))
    run_snapshot(both.sources, both.warehouse, tables=TABLES)
    for _ in range(20):
        both.change()
    both.catch_up()
    assert_true(both, new_database)


def test_weeks_of_direct_passes_then_the_stream(both: Both, new_database: Any) -> None:
    both.direct()
    for _ in range(20):
        both.change()
    both.direct()
    both.lose()
    both.change()
    run_reconciliation(both.sources, both.warehouse, TABLES)  # after the connector began: what was deleted before
    for _ in range(20):
        both.change()
    both.catch_up()
    assert_true(both, new_database)


def test_the_stream_breaks_and_direct_passes_take_over(both: Both, new_database: Any) -> None:
    both.tell(*both.source.snapshot(*TABLES))
    for _ in range(20):
        both.change()
    both.catch_up(both.chance.randint(0, 20))
    both.direct()
    assert_true(both, new_database)
    for _ in range(20):
        both.change()
        if both.chance.random() < 0.2:
            both.direct()
    both.direct()
    run_reconciliation(both.sources, both.warehouse, TABLES)
    assert_true(both, new_database)
    both.catch_up()  # and back: the connector goes on where it was
    assert_true(both, new_database)
    both.change()
    both.catch_up()
    assert_true(both, new_database)


def test_side_by_side_with_losses_compaction_and_replays(both: Both, new_database: Any) -> None:
    if both.chance.random() < 0.5:
        both.tell(*both.source.snapshot(*TABLES))
    else:
        both.direct()
    for _ in range(STEPS):
        both.change()
        action = both.chance.random()
        if action < 0.3:
            both.catch_up(both.chance.randint(1, 5))
        elif action < 0.4:
            both.direct(overlap_seconds=both.chance.choice([0.0, 300.0]))
        elif action < 0.45:
            run_reconciliation(both.sources, both.warehouse, TABLES)
        elif action < 0.5:
            run_compaction(both.warehouse, 1e-9, TABLES)
        elif action < 0.53:
            both.replay()
        elif action < 0.57:
            both.lose()
            both.direct()
    both.catch_up()
    both.direct()
    run_reconciliation(both.sources, both.warehouse, TABLES)
    assert_true(both, new_database)
    run_compaction(both.warehouse, 1e-9, TABLES)
    both.replay()
    assert_true(both, new_database)
    assert run_reconciliation(both.sources, both.warehouse, TABLES, every_row=True).events == 0


def test_a_pass_after_a_pass_has_nothing_to_do(both: Both) -> None:
    both.tell(*both.source.snapshot(*TABLES))
    report = run_incremental(both.sources, both.warehouse, TABLES)
    assert report.events == 0, "the stream brought everything; nothing is loaded twice"
    assert any("the stream wrote to it" in note for table in report.tables for note in table.notes)
    again = run_incremental(both.sources, both.warehouse, ("Storage",))
    assert again.tables[0].notes == []
