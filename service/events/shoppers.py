"""Everything that remembers shoppers, opened and closed together.

Stage: service, at start-up. Writes and reads schema ``events`` through the pool it is given.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import asyncpg

from cordsearch.settings import Settings
from service.events.batches import BatchWriter, Outcome
from service.events.behaviour import Behaviour
from service.events.counted_rows import QueueName
from service.events.event_log import EventLog, EventRow, write_events
from service.events.past_queries import KnownWords
from service.events.query_log import QueryLog, SearchRow, write_searches
from service.events.retention import keep_forgetting
from service.events.typed_searches import TypedSearches

CountRows = Callable[[QueueName, Outcome, int], None]
_FORGET_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Shoppers:
    """What is remembered of shoppers, and what is known from it."""

    searches: QueryLog
    typed: TypedSearches
    events: EventLog
    behaviour: Behaviour
    search_queue: BatchWriter[SearchRow]
    event_queue: BatchWriter[EventRow]

    async def flush(self) -> None:
        """Wait until everything remembered so far is written; for ever while the database is away."""
        self.typed.settle_all()
        await self.search_queue.flush()
        await self.event_queue.flush()


@asynccontextmanager
async def open_shoppers(
    pool: asyncpg.Pool, words: Callable[[], KnownWords], settings: Settings, count: CountRows
) -> AsyncIterator[Shoppers]:
    """Start what runs in the background; at the end write what waits, and stop."""
    rows = settings.event_queue_rows
    searches = BatchWriter("searches", partial(write_searches, pool), rows, partial(count, "searches"))
    events = BatchWriter("events", partial(write_events, pool), rows, partial(count, "events"))
    behaviour = Behaviour(pool, words, settings.past_query_searches)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(searches.running())
        await stack.enter_async_context(events.running())
        for background in (
            behaviour.keep_fresh(settings.behaviour_refresh_seconds),
            keep_forgetting(pool, settings.query_log_days, settings.event_days, _FORGET_SECONDS),
        ):
            stack.push_async_callback(_cancel, asyncio.create_task(background))
        log = QueryLog(searches, keeps=settings.query_log_days > 0)
        typed = TypedSearches(log.keep)
        stack.callback(typed.settle_all)
        yield Shoppers(log, typed, EventLog(events), behaviour, searches, events)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
