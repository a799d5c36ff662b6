"""One history of the source, told by the direct loader and by the stream: the marts are the same, row by row."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="needs the Kafka client: pip install 'cordsearch[stream]'")

from cordsearch.database import connect, prepare_extensions
from ingest.compaction import run_compaction
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.snapshot import run_snapshot
from ingest.sources import SourceDatabase, source_database
from ingest.stream.dead_letters import list_dead_letters
from ingest.tables import TABLES as ALL_TABLES
from tests.change_log import LoggedSource
from tests.dbt_warehouse import DbtWarehouse
from tests.debezium import Change
from tests.integration.dbt.test_incremental_equals_full import FEW, FEW_ROWS, LINKS, MARTS, PRODUCTS, TABLES, Chance
from tests.integration.ingest.conftest import create_source_table
from tests.integration.stream.conftest import brokers  # noqa: F401 - a fixture
from tests.kafka import Running, Stream

FIRST_CHANGES, ROUNDS, CHANGES = 250, 3, 30


class Told:
    """A source with random changes, and two warehouses that hear of them, each in its own way."""

    def __init__(
        self, source_url: str, direct: DbtWarehouse, streamed: DbtWarehouse, stream: Stream, seed: int
    ) -> None:
        self.source = LoggedSource(source_url)
        self.direct, self.streamed, self.stream = direct, streamed, stream
        self._sources: tuple[SourceDatabase, ...] = (
            source_database("product", source_url), source_database("ecosystem", source_url),
        )  # fmt: skip
        self._chance, self._random = Chance(seed), random.Random(seed)
        self._clock = datetime(2024, 5, 1)  # noqa: DTZ001 - datetime2 has no zone
        self._sent = self._told = 0
        for table in TABLES:  # topics that exist when the consumer begins need not be discovered
            stream.send(None, topic=stream.topic(table))
            self._sent += 1

    def change(self, count: int) -> None:
        """Change the source: rows new, changed whole or in part, deleted softly or for good."""
        for _ in range(count):
            self._clock += timedelta(hours=self._random.choice([0, 1, 30]), microseconds=self._random.randrange(10**6))
            table = self._random.choice((*TABLES, *["Product"] * 4))
            key = self._random.randint(1, PRODUCTS if table == "Product" else FEW if table in FEW_ROWS else LINKS)
            row = self._chance.row(table) | {"Updated": self._clock}
            kind = self._random.random()
            if kind < 0.12:
                self.source.delete(table, key)
            elif kind < 0.3 and key in self.source.keys(table):
                self.source.put(table, key, Updated=self._clock, Deleted=row["Deleted"])
            else:
                self.source.put(table, key, **row)

    def snapshot(self, running: Running) -> None:
        """Both read every row."""
        run_snapshot(self._sources, self.direct.url, tables=TABLES)
        self._send(self.source.snapshot(*TABLES), running)
        self._told = len(self.source.changes)

    def tell(self, running: Running) -> None:
        """Both hear what changed; the stream repeats some of it, as Debezium does after a crash."""
        run_incremental(self._sources, self.direct.url, TABLES, Limits(page_size=self._random.choice([3, 50])))
        run_reconciliation(self._sources, self.direct.url, TABLES)
        changes = self.source.changes[self._told :]
        self._send([*changes, *self._random.choices(changes, k=len(changes) // 5)], running)
        self._told = len(self.source.changes)

    def _send(self, changes: list[Change], running: Running) -> None:
        for change in changes:
            forms: tuple[Callable[[], bytes], ...] = (change.bare, change.with_schema, change.flattened)
            value = self._random.choice(forms)()
            place = (change.after or change.before or {})["ID"] % 4
            self.stream.send(value, topic=self.stream.topic(change.table.name), key=change.key, partition=place)
        self._sent += len(changes)
        self.stream.wait_for(self.stream.has_handled(self._sent), running)

    def compare(self) -> None:
        """Every row of every mart, no column left out but those of the embedding job."""
        assert list_dead_letters(self.streamed.url) == []
        for mart in MARTS:
            rows = self.direct.contents(mart)
            assert rows, "a comparison of nothing proves nothing"
            assert self.streamed.contents(mart) == rows, mart


@pytest.fixture
def told(
    new_database: Callable[[str | None], str],
    brokers: str,  # noqa: F811 - the fixture
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Told]:
    """Both warehouses empty, the source with its first rows."""
    source_url, direct, streamed = (new_database(None) for _ in range(3))
    with connect(source_url) as connection:
        connection.execute("create schema dbo")
        for table in ALL_TABLES:
            create_source_table(connection, table)
    prepare_extensions(direct)
    prepare_extensions(streamed)
    stream = Stream(brokers, streamed)
    told = Told(
        source_url, DbtWarehouse(direct, tmp_path / "a"), DbtWarehouse(streamed, tmp_path / "b"), stream, request.param
    )
    told.change(FIRST_CHANGES)
    yield told
    told.source.close()


def both(told: Told, work: Callable[[DbtWarehouse], Any]) -> None:
    work(told.direct)
    work(told.streamed)


@pytest.mark.parametrize("told", [1, 2], indirect=True)
def test_marts_that_follow_are_the_same_after_every_step_compacted_or_not(told: Told) -> None:
    with Running(told.stream.consumer()) as running:
        told.snapshot(running)
        both(told, lambda warehouse: warehouse.build())
        told.compare()
        for _ in range(ROUNDS):
            told.change(CHANGES)
            told.tell(running)
            both(told, lambda warehouse: run_compaction(warehouse.url, 1e-9))  # before the marts take the events
            both(told, lambda warehouse: warehouse.run())
            told.compare()
    both(told, lambda warehouse: warehouse.run(full_refresh=True))
    told.compare()


@pytest.mark.parametrize("told", [3], indirect=True)
def test_marts_built_once_at_the_end_are_the_same(told: Told) -> None:
    with Running(told.stream.consumer()) as running:
        told.snapshot(running)
        for _ in range(2 * ROUNDS):
            told.change(CHANGES)
            told.tell(running)
    both(told, lambda warehouse: warehouse.build())
    told.compare()
