"""Warming up: every statement once on every connection, before the first person waits for it.

Stage: service, at start-up. Reads the marts; writes nothing. A new connection plans each statement and reads the
system catalogue for it: measured 60-150 ms for the first search on a cold pool, 5 ms for the next.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack

from service.database_failures import DATABASE_FAILURES
from service.search.analogues import load_analogues
from service.search.autocomplete import look_up_codes, look_up_rare_phrases
from service.search.hydrate import load_products
from service.search.query import Filters, Query
from service.search.retrieve import Pool, Retriever
from service.search.retrievers.vector import VectorRetriever
from service.search.rows import Connection
from service.search.similar import load_neighbours
from service.search.spelling import look_up_neighbours
from service.search.term import Term

logger = logging.getLogger(__name__)

_TERMS = tuple(Term(word, "spelling", ((word,),)) for word in ("тормозн", "колодк", "daf", "105"))
_QUERY = Query("тормозные колодки daf 105", "тормозные колодки daf 105", _TERMS, ("SEM1",), unknown=("амотризатор",))


async def warm_up(pool: Pool, size: int, retrievers: Sequence[Retriever], model_id: str | None) -> None:
    """Run every statement on each of the ``size`` connections of ``pool``; without a catalogue, log and go on."""
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(pool.acquire()) for _ in range(size)]
        try:
            await asyncio.gather(*(_warm(connection, retrievers, model_id) for connection in connections))
        except DATABASE_FAILURES as error:
            logger.warning("connections stay cold: %s: %s", type(error).__name__, error)


async def _warm(connection: Connection, retrievers: Sequence[Retriever], model_id: str | None) -> None:
    for retriever in retrievers:
        await retriever.retrieve(connection, _QUERY, 20)
        if isinstance(retriever, VectorRetriever):
            await retriever.compare(connection, _QUERY, [0])
    await look_up_neighbours(connection, _QUERY)
    await load_products(connection, [0])
    await load_analogues(connection, [0], Filters(), 1)
    if model_id is not None:
        await load_neighbours(connection, 0, model_id, available=None, smallest_similarity=1.0)
    await look_up_codes(connection, "SEM1", 8)
    await look_up_rare_phrases(connection, "колод", "uk", 8)
