"""Random histories with passes in between end where one snapshot at the end would: a property, over several seeds."""

import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from cordsearch.database import connect
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.sources import SourceDatabase
from tests.integration.ingest.following import NOON, add, staging, touch, truth

TABLES = ("Storage", "ProductAvailabilityCartLimits")
STEPS = 60


class History:
    """A source that many people write to; some of them commit late, within the overlap."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self._url, self._chance = url, chance
        self._source = connect(url, autocommit=True)
        self._waiting: list[tuple[int, psycopg.Connection[Any]]] = []
        self._now = NOON
        self._locked: set[int] = set()

    def close(self) -> None:
        self.commit_slow(everything=True)
        self._source.close()

    def step(self) -> None:
        self._now += timedelta(seconds=self._chance.choice([0, 0, 1, 7]))
        action = self._chance.choice(["update"] * 4 + ["add", "add", "delete", "again", "limits", "slow", "slow"])
        getattr(self, f"_{action}")()
        self.commit_slow()

    def commit_slow(self, *, everything: bool = False) -> None:
        for key, connection in list(self._waiting):
            if everything or self._chance.random() < 0.3:
                connection.commit()
                connection.close()
                self._waiting.remove((key, connection))
                self._locked.discard(key)

    def _key(self, table: str = "Storage") -> int | None:
        keys = [row[0] for row in self._source.execute(f'select "ID" from dbo."{table}" order by 1').fetchall()]
        free = [key for key in keys if table != "Storage" or key not in self._locked]
        return self._chance.choice(free) if free else None

    def _update(self) -> None:
        key = self._key()
        if key is not None:
            touch(self._source, key, self._chance.choice(["Склад", "Magazyn", "depot"]), self._now)

    def _add(self) -> None:
        key = self._chance.randint(200, 400)
        if not self._source.execute('select 1 from dbo."Storage" where "ID" = %s', [key]).fetchone():
            add(self._source, key, self._now)

    def _delete(self) -> None:
        self._source.execute('delete from dbo."Storage" where "ID" = %s', [self._key()])

    def _again(self) -> None:
        """Gone and back under the same key."""
        key = self._key()
        if key is not None:
            self._source.execute('delete from dbo."Storage" where "ID" = %s', [key])
            add(self._source, key, self._now)

    def _limits(self) -> None:
        table = "ProductAvailabilityCartLimits"
        key = self._key(table)
        if self._chance.random() < 0.3:
            self._source.execute(f'delete from dbo."{table}" where "ID" = %s', [key])
        else:
            value = self._chance.randint(1, 3)
            self._source.execute(f'update dbo."{table}" set "MinAvailabilityUA" = %s where "ID" = %s', [value, key])

    def _slow(self) -> None:
        key = self._key()
        if key is None:
            return
        connection = connect(self._url)
        touch(connection, key, "committed late", self._now)
        self._waiting.append((key, connection))
        self._locked.add(key)


@pytest.mark.parametrize("seed", range(4))
def test_passes_in_between_end_where_one_snapshot_would(
    sources: tuple[SourceDatabase, ...], source_url: str, empty_database: str, new_database: Any, seed: int
) -> None:
    chance = random.Random(seed)
    history = History(source_url, chance)

    def limits() -> Limits:
        return Limits(page_size=chance.choice([1, 2, 5, 100]))

    try:
        for _ in range(STEPS):
            history.step()
            if chance.random() < 0.2:
                run_incremental(sources, empty_database, TABLES, limits())
            if chance.random() < 0.05:
                run_reconciliation(sources, empty_database, TABLES, limits())
    finally:
        history.close()
    run_incremental(sources, empty_database, TABLES, limits())
    run_reconciliation(sources, empty_database, TABLES, limits())
    for table in TABLES:
        assert staging(empty_database, table) == truth(sources, new_database, table)
    assert run_incremental(sources, empty_database, TABLES, limits()).events == 0
    assert run_reconciliation(sources, empty_database, TABLES, every_row=True).events == 0
