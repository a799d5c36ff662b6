"""One request of the client answered: with products, with completions, with the values of a facet.

Stage: service, HTTP. Reads through the search and remembers it like every other one; writes entries of ``results``.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

from service.instantsearch.answers import record, result
from service.instantsearch.asked import MOST_VALUES, AskedSearch
from service.instantsearch.facet_counts import count_facets, facet_hits, searchable_facet
from service.instantsearch.finding import find, language_of
from service.instantsearch.highlights import Highlights, Marks
from service.instantsearch.index_names import IndexName, read_index_name
from service.instantsearch.suggestions import MOST_SUGGESTIONS, suggestion_hit
from service.routes.parameters import LONGEST_QUERY
from service.search.pipeline import SearchAnswer
from service.state import ServiceState

Json = dict[str, Any]
_CONNECTIONS_OF_A_SEARCH: Final = 4  # one for each retriever


async def answer_all(state: ServiceState, asked: Sequence[AskedSearch]) -> list[Json]:
    """Return the ``results`` of ``asked``, in their order; as many at once as there are connections for.

    Raises:
        RefusedRequestError, DatabaseUnavailableError: as :func:`answer`; then there is no answer to any of them.
    """
    at_once = asyncio.Semaphore(max(1, state.settings.pool_size // _CONNECTIONS_OF_A_SEARCH))

    async def answer_one(each: AskedSearch) -> Json:
        async with at_once:
            return await answer(state, each)

    return list(await asyncio.gather(*map(answer_one, asked)))


async def answer(state: ServiceState, asked: AskedSearch) -> Json:
    """Return the entry of ``results`` that answers ``asked``.

    Raises:
        RefusedRequestError: it asks for what the service cannot do; the message names it.
        DatabaseUnavailableError: the database did not answer.
    """
    index = read_index_name(asked.index)
    if asked.facet:
        return await _values(state, asked, index)
    if index.suggestions:
        return await _completions(state, asked, index)
    return await _products(state, asked, index)


async def _products(state: ServiceState, asked: AskedSearch, index: IndexName) -> Json:
    found = await find(state, asked, index)
    if found.answer is not None and asked.counted and asked.limit:
        _remember(state, asked, found.answer, language_of(state, asked, index))
    highlights = Highlights(found.query, Marks(asked.pre_tag, asked.post_tag), asked.highlight)
    return result(
        asked,
        [_hit(product, asked, highlights) for product in found.products],
        total=found.total,
        total_is_exact=found.total_is_exact,
        took_ms=found.took_ms,
        facets=count_facets(found.facets, by_name=asked.values_by_name) if asked.facets else None,
        extra={"queryID": found.search_id} if asked.search_id_wanted else {},
    )


def _remember(state: ServiceState, asked: AskedSearch, found: SearchAnswer, language: str) -> None:
    """Keep the search in the log; the widgets search while somebody types, so of those searches only the last."""
    row = state.shoppers.searches.row_of(found, language, asked.offset)
    if row is not None:
        state.shoppers.typed.offer(asked.user, row)


def _hit(product: Json, asked: AskedSearch, highlights: Highlights) -> Json:
    hit = record(product, asked.retrieve) | {"_highlightResult": highlights.of(product)}
    if asked.snippet:
        hit["_snippetResult"] = highlights.snippet(product, asked.snippet)
    return hit


async def _values(state: ServiceState, asked: AskedSearch, index: IndexName) -> Json:
    """Answer with the values of one facet, those in which words begin as typed."""
    started = perf_counter()
    facet = searchable_facet(asked.facet)
    found = await find(state, replace(asked, limit=0, offset=0, facets=[facet], most_values=MOST_VALUES), index)
    marks = Marks(asked.pre_tag, asked.post_tag)
    hits = [
        hit
        for each in found.facets or ()
        for hit in facet_hits(each, asked.facet_query, asked.most_facet_hits, marks, by_name=asked.values_by_name)
    ]
    return {
        "facetHits": hits,
        "exhaustiveFacetsCount": not any(each.is_estimated for each in found.facets or ()),
        "processingTimeMS": math.ceil((perf_counter() - started) * 1000),
    }


async def _completions(state: ServiceState, asked: AskedSearch, index: IndexName) -> Json:
    """Answer with completions; the choices made among products do not narrow them."""
    limit = min(asked.limit, MOST_SUGGESTIONS)
    language = language_of(state, asked, index)
    found = await state.autocomplete.complete(asked.text[:LONGEST_QUERY], language, MOST_SUGGESTIONS)
    page = found.suggestions[asked.offset : asked.offset + limit]
    hits = [suggestion_hit(each, asked) for each in page]
    return result(asked, hits, total=len(found.suggestions), total_is_exact=False, took_ms=found.took_ms)
