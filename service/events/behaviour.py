"""What searches know of shoppers' behaviour: demand by product, and past queries. Held in memory, swapped whole.

Stage: service, in the background. Reads schema ``events`` and the vocabulary; writes nothing. No request waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

import asyncpg

from service.database_failures import DATABASE_FAILURES
from service.events.demand import load_demand
from service.events.past_queries import KnownWords, choose_past_queries, load_past_queries
from service.search.phrases import PhraseIndex

logger = logging.getLogger(__name__)


class Behaviour:
    """The demand and the past queries of the moment; a request sees one of each from beginning to end."""

    def __init__(self, pool: asyncpg.Pool, words: Callable[[], KnownWords], smallest_count: int) -> None:
        """``smallest_count``: searches after which a query may be offered to others."""
        self._pool, self._words, self._smallest_count = pool, words, smallest_count
        self.demand: Mapping[int, float] = {}
        self.past_queries = PhraseIndex(())

    async def refresh(self) -> None:
        """Load both anew. Raises asyncpg and OS errors."""
        async with self._pool.acquire() as connection:
            demand = await load_demand(connection)
            rows = await load_past_queries(connection, self._smallest_count)
        words = self._words()
        # In a thread: sorting thousands of texts would make every request of that moment wait.
        self.past_queries = await asyncio.to_thread(lambda: PhraseIndex(choose_past_queries(rows, words)))
        self.demand = demand

    async def keep_fresh(self, every_seconds: float) -> None:
        """Refresh for ever, from now on; a failure is logged and tried again next time."""
        while True:
            try:
                await self.refresh()
            except DATABASE_FAILURES as error:
                logger.warning("shoppers' behaviour could not be read: %s: %s", type(error).__name__, error)
            await asyncio.sleep(every_seconds)
