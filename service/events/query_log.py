"""The query log: one row per search, written in the background.

Stage: service, after a search was answered. Reads the answer; writes ``events.search`` and its counts by day. A search
never waits for it: when the queue is full its row is dropped, and counted.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import asyncpg

from cordsearch.sql import load_query
from service.events.batches import BatchWriter
from service.events.personal import text_to_keep
from service.search.filters import NO_FILTERS
from service.search.pipeline import SearchAnswer
from service.search.reading import showing_results_for

SearchOutcome = Literal["found", "similar", "nothing", "unknown"]


class SearchRow(NamedTuple):
    """A row of ``events.search``, in the order of its columns; time in milliseconds."""

    search_id: str
    asked_at: datetime
    text: str
    language: str
    page_offset: int
    total: int
    outcome: SearchOutcome
    corrected_to: str | None
    degraded: bool
    took_ms: float


class QueryLog:
    """Keeps searches, if it is to keep any."""

    def __init__(self, queue: BatchWriter[SearchRow], *, keeps: bool) -> None:
        """With ``keeps`` False nothing is ever queued."""
        self._queue, self._keeps = queue, keeps

    def record(self, answer: SearchAnswer, language: str, offset: int) -> None:
        """Keep that ``answer`` was given to who asked for names in ``language``, from place ``offset`` on."""
        row = self.row_of(answer, language, offset)
        if row is not None:
            self.keep(row)

    def row_of(self, answer: SearchAnswer, language: str, offset: int) -> SearchRow | None:
        """Return what would be kept of that answer; None for nothing."""
        text = text_to_keep(answer.query.text) if self._keeps else None
        return None if text is None else _row(answer, text, language, offset)

    def keep(self, row: SearchRow) -> None:
        """Keep a search."""
        self._queue.offer([row])


def _row(answer: SearchAnswer, text: str, language: str, offset: int) -> SearchRow:
    return SearchRow(
        search_id=answer.search_id,
        asked_at=datetime.now(UTC),
        text=text,
        language=language,
        page_offset=offset,
        total=answer.total,
        outcome=outcome_of(answer),
        corrected_to=showing_results_for(answer.query),
        degraded=answer.degraded,
        took_ms=answer.took_ms,
    )


def outcome_of(answer: SearchAnswer) -> SearchOutcome:
    """Return what a search came to; that a filter or a fault left nothing says nothing of the query."""
    only_similar = answer.relaxed is not None and answer.relaxed.steps == ("meaning",)
    if answer.total and not only_similar:
        return "found"
    if answer.degraded or answer.query.filters != NO_FILTERS:
        return "unknown"
    return "similar" if answer.total else "nothing"


async def write_searches(pool: asyncpg.Pool, rows: Sequence[SearchRow]) -> None:
    """Write ``rows`` that are not there yet. Raises asyncpg and OS errors."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(load_query(__file__, "sql/one_writer.sql"))
        await connection.fetch(load_query(__file__, "sql/write_searches.sql"), *columns)
