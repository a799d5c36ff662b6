"""Rows that are written in the background: all or none taken, none lost, the database's troubles outlived."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import asyncpg
import pytest

from service.events import batches
from service.events.batches import BatchWriter, Outcome


class Database:
    """Takes rows, unless it is away; refuses negative ones for what they hold."""

    def __init__(self, failures: int = 0) -> None:
        self.rows: list[int] = []
        self.calls = 0
        self.failures = failures
        self.counted: Counter[Outcome] = Counter()

    async def write(self, rows: Sequence[int]) -> None:
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError
        if any(row < 0 for row in rows):
            raise asyncpg.CheckViolationError
        self.rows.extend(rows)

    def count(self, outcome: Outcome, rows: int) -> None:
        self.counted[outcome] += rows

    def writer(self, capacity: int = 1_000) -> BatchWriter[int]:
        return BatchWriter("rows", self.write, capacity, self.count)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_LINGER_SECONDS", "_SHORTEST_PAUSE_SECONDS", "_FIRST_PAUSE_SECONDS", "_LONGEST_PAUSE_SECONDS"):
        monkeypatch.setattr(batches, name, 0.001)


async def test_rows_are_written_together_and_in_order() -> None:
    database = Database()
    async with database.writer().running() as writer:
        assert all(writer.offer([row]) for row in range(100))
        await writer.flush()
        assert len(writer) == 0
    assert database.rows == list(range(100))
    assert database.calls == 1
    assert database.counted == {"accepted": 100, "written": 100, "refused": 0}


async def test_more_rows_than_fit_into_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_ROWS", 10)
    database = Database()
    async with database.writer().running() as writer:
        writer.offer(range(25))
        await writer.flush()
    assert database.rows == list(range(25))
    assert database.calls == 3


async def test_without_room_none_is_taken() -> None:
    database = Database()
    writer = database.writer(capacity=10)  # nothing writes yet
    assert writer.offer(range(8))
    assert not writer.offer(range(3))
    assert writer.offer(range(2))
    assert not writer.offer([1])
    assert len(writer) == 10
    assert database.counted == {"accepted": 10, "turned_away": 4}
    async with writer.running():
        await writer.flush()
        assert writer.offer([1])


async def test_a_database_that_was_away_gets_every_row_once_and_in_order() -> None:
    database = Database(failures=5)
    async with database.writer().running() as writer:
        writer.offer(range(10))
        await asyncio.sleep(0)
        writer.offer(range(10, 20))
        await writer.flush()
    assert database.rows == list(range(20))
    assert database.counted["written"] == 20


async def test_a_row_at_fault_is_given_up_and_the_others_are_written(caplog: pytest.LogCaptureFixture) -> None:
    database = Database()
    async with database.writer().running() as writer:
        writer.offer([1, 2, -3, 4, -5, 6, 7])
        await writer.flush()
    assert database.rows == [1, 2, 4, 6, 7]
    assert database.counted == {"accepted": 7, "written": 5, "refused": 2}
    assert caplog.text.count("a row was refused and is given up: CheckViolationError") == 2


async def test_what_waits_is_written_when_the_service_stops() -> None:
    database = Database(failures=2)
    async with database.writer().running() as writer:
        writer.offer(range(10))
    assert database.rows == list(range(10))


async def test_what_cannot_be_written_in_the_end_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batches, "_LAST_SECONDS", 0.05)
    database = Database(failures=1_000_000)
    async with database.writer().running() as writer:
        writer.offer(range(10))
    assert database.rows == []
    assert database.counted["lost"] == 10
    assert "rows: 10 rows are lost: the database did not take them in time" in caplog.text
