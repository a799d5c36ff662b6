"""Which retrievers run, and which wait for the others: on a clock of the test, without a database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from service.search.candidate import NOTHING, Retrieved, RetrieverRun
from service.search.query import Query
from service.search.retrieve import run_retrievers
from service.search.rows import Connection, Row
from tests.unit.service.builders import candidate

QUERY = Query("тяга", "тяга", (), ())
FULL = Retrieved([candidate(1), candidate(2)], 2, bounded=False, is_filled=True)
SHORT = Retrieved([candidate(1)], 1, bounded=False)


class NoConnection:
    async def fetch(self, query: str, *arguments: object) -> Sequence[Row]:
        raise NotImplementedError(query, arguments)


class FreePool:
    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        yield NoConnection()


@dataclass
class Words:
    """Answers what it is told to, after as long as it is told to."""

    retrieved: Retrieved = FULL
    seconds: float = 0.0
    failure: Exception | None = None
    name: str = "words"
    was_stopped: bool = False

    def wants(self, query: Query) -> bool:
        return bool(query.text)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        if self.failure is not None:
            raise self.failure
        return self.retrieved


@dataclass
class Meaning(Words):
    """May be spared by a full list; remembers what it was asked."""

    name: str = "meaning"
    retrieved: Retrieved = SHORT
    looked: int = 0
    asked: list[RetrieverRun] = field(default_factory=list)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        self.looked += 1
        return await super().retrieve(connection, query, limit)

    def follows_from(self, query: Query, runs: Sequence[RetrieverRun], limit: int) -> Retrieved | None:  # noqa: ARG002
        self.asked += runs
        return next((run.retrieved for run in runs if run.retrieved.is_filled), None)


async def run(
    *retrievers: Words, sparing: bool = True, deadline_ms: float = 1_000
) -> tuple[list[str], list[Exception]]:
    runs, failures = await run_retrievers(
        FreePool(), retrievers, QUERY, limit=2, deadline_ms=deadline_ms, sparing=sparing
    )
    assert [each.name for each in runs] == [retriever.name for retriever in retrievers]
    return [each.status for each in runs], failures


async def test_a_full_list_of_words_spares_the_vectors() -> None:
    meaning = Meaning()
    assert await run(Words(), meaning) == (["ok", "spared"], [])
    assert not meaning.looked
    assert [each.name for each in meaning.asked] == ["words"]


async def test_its_list_is_what_followed() -> None:
    runs, _ = await run_retrievers(FreePool(), [Meaning(), Words()], QUERY, limit=2, deadline_ms=1_000, sparing=True)
    assert runs[0].retrieved is FULL


@pytest.mark.parametrize("words", [Words(SHORT), Words(NOTHING), Words(failure=RuntimeError())])
async def test_what_does_not_follow_is_looked_for(words: Words) -> None:
    meaning = Meaning()
    statuses, _ = await run(words, meaning)
    assert statuses[1] == "ok"
    assert meaning.looked == 1


async def test_it_begins_with_the_others_where_they_are_not_likely_to_spare_it() -> None:
    meaning = Meaning()
    assert await run(Words(), meaning, sparing=False) == (["ok", "ok"], [])
    assert not meaning.asked


async def test_nobody_waits_for_those_that_are_not_there() -> None:
    meaning = Meaning()
    assert await run(meaning) == (["ok"], [])


async def test_slow_words_do_not_take_the_time_of_the_vectors() -> None:
    words, meaning = Words(seconds=30), Meaning()
    statuses, failures = await run(words, meaning, deadline_ms=50)
    assert statuses == ["timeout", "ok"]
    assert len(failures) == 1
    assert not meaning.asked


async def test_it_began_after_those_it_waited_for() -> None:
    words = Words(SHORT, seconds=0.02)
    runs, _ = await run_retrievers(FreePool(), [words, Meaning()], QUERY, limit=2, deadline_ms=1_000, sparing=True)
    assert runs[0].began_ms < runs[1].began_ms


async def test_who_gives_up_during_the_head_start_leaves_nothing_running() -> None:
    words = Words(seconds=30)
    task = asyncio.create_task(run(words, Meaning(), deadline_ms=100_000))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert words.was_stopped
