"""Warming up: every statement once on a connection, then searches until they are fast.

Stage: service, before it is ready. Reads the marts; writes nothing. A new connection plans each statement and reads the
system catalogue for it: measured 60-150 ms for the first search on a cold pool, 5 ms for the next. A new server reads
pages of indexes from the disk: measured 300 ms and more for a search behind a filter. ``pg_prewarm`` would read them
faster, but is in no wheel and asks for rights the service does not have; searches as people make them read the
pages that people need.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter

import asyncpg

from cordsearch.analysis.codes import normalise_code
from cordsearch.errors import CordSearchError
from service.merchandising.apply import load_pinned
from service.search.analogues import load_analogues, load_carriers
from service.search.autocomplete import look_up_codes, look_up_rare_phrases
from service.search.filters import NO_FILTERS, Filters
from service.search.hydrate import load_products
from service.search.phrases import PhraseIndex
from service.search.pipeline import SearchPipeline, SearchRequest
from service.search.query import Query
from service.search.retrieve import Retriever, RetrieverOffError
from service.search.retrievers.vector import VectorRetriever
from service.search.rows import Connection
from service.search.similar import load_neighbours
from service.search.spelling import look_up_neighbours
from service.search.term import Term

logger = logging.getLogger(__name__)

_TERMS = tuple(Term(word, "spelling", ((word,),)) for word in ("тормозн", "колодк", "daf", "105"))
_QUERY = Query("тормозные колодки daf 105", "тормозные колодки daf 105", _TERMS, ("SEM1",), unknown=("амотризатор",))
# The filters people use most, alone and together: each combination is a statement of its own.
_FILTERED = (
    Filters(supplier="SEM1"),
    Filters(available=True),
    Filters(supplier="SEM1", available=True),
    Filters(category_ids=(1,)),
    Filters(car_brand_ids=(1,)),
    Filters(price_min=0.0),
)
_ASKED = ({"facets": ("category", "group", "car_brand", "available", "price")}, {"sort": "price_asc"})
_PHRASES = 200
_FAST_IN_A_ROW = 10
_SUPPLIER_LETTERS = 4


class OneConnection:
    """A pool of one connection: what is asked through it prepares its statements there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """Lend the connection to one after the other."""
        async with self._one_at_a_time:
            yield self._connection


async def prepare_statements(connection: Connection, retrievers: Iterable[Retriever], model_id: str | None) -> None:
    """Run every statement of a search on ``connection``. Raises asyncpg and OS errors when it breaks.

    A statement that fails (its table was never built) is logged and left cold.
    """
    retrievers = tuple(retrievers)
    for name, statement in _statements(connection, retrievers, await _queries(retrievers), model_id):
        try:
            await statement
        except RetrieverOffError:
            continue
        except asyncpg.PostgresConnectionError:
            raise
        except asyncpg.PostgresError as error:
            logger.warning("%s stays cold: %s: %s", name, type(error).__name__, error)


async def _queries(retrievers: Sequence[Retriever]) -> list[Query]:
    """Return a query for each form of a statement: compared or not, with a vehicle or not, filtered or not."""
    queries = [_QUERY]
    for retriever in retrievers:
        if isinstance(retriever, VectorRetriever) and (compared := await retriever.compare(_QUERY)) is not None:
            of_vehicle = compared._replace(vehicle=("'daf'",), other_models="'xf105'")
            queries += [replace(_QUERY, comparison=comparison) for comparison in (compared, of_vehicle)]
    return [replace(query, filters=filters) for query in queries for filters in (NO_FILTERS, *_FILTERED)]


def _statements(
    connection: Connection, retrievers: Sequence[Retriever], queries: Sequence[Query], model_id: str | None
) -> Iterator[tuple[str, Awaitable[object]]]:
    for retriever in retrievers:
        for query in queries:
            yield retriever.name, retriever.retrieve(connection, query, 20)
    yield "spelling", look_up_neighbours(connection, _QUERY)
    yield "products", load_products(connection, [0])
    yield "analogues", load_analogues(connection, [0], NO_FILTERS, 1)
    yield "pins", load_pinned(connection, [0], NO_FILTERS)
    yield "carriers", load_carriers(connection, ["SEM1"])
    if model_id is not None:
        yield "similar", load_neighbours(connection, 0, model_id, available=None, smallest_similarity=1.0)
    yield "codes", look_up_codes(connection, "SEM1", 8)
    yield "rare phrases", look_up_rare_phrases(connection, "колод", "uk", 8)


async def prepare_searches(search: SearchPipeline, phrases: PhraseIndex) -> None:
    """Search for the most popular name in the ways that need more statements than a plain search."""
    for phrase in phrases.best(phrases.starting(""), None, 1):
        for more in _ASKED:
            try:
                await search.search(replace(SearchRequest(phrase.text, limit=1), **more))
            except CordSearchError as error:
                logger.warning("%s stay cold: %s", ", ".join(more), error)


async def read_pages(search: SearchPipeline, phrases: PhraseIndex, *, fast_ms: float, seconds: float) -> None:
    """Search for popular names, each also behind the filter of a supplier, until the pages they need are in memory.

    That is when ten searches in a row took less than ``fast_ms``; after ``seconds`` it has to do.
    """
    started = perf_counter()
    asked = fast = 0
    popular = phrases.best(phrases.starting(""), None, _PHRASES)
    for phrase in popular:
        try:
            took_ms = await _search_twice(search, phrase.text)
        except CordSearchError as error:
            logger.warning("pages stay cold: %s", error)
            return
        asked, fast = asked + 1, fast + 1 if took_ms < fast_ms else 0
        if fast == _FAST_IN_A_ROW or perf_counter() - started > seconds:
            break
    logger.info("read the catalogue by %d searches in %.1f s", 2 * asked, perf_counter() - started)


async def _search_twice(search: SearchPipeline, text: str) -> float:
    """Return the milliseconds of the slower one: as typed, and behind the supplier of what was found first."""
    found = await search.search(SearchRequest(text, limit=1))
    codes = (normalise_code(hit.product["vendor_code"] or "") for hit in found.hits)
    supplier = next((code[:_SUPPLIER_LETTERS] for code in codes if code), None)
    behind = await search.search(SearchRequest(text, limit=1, filters=Filters(supplier=supplier)))
    return max(found.took_ms, behind.took_ms)
