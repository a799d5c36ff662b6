"""The products that one request asks for: by a search where something is typed, else by browsing.

Stage: service, HTTP. Reads through the search; writes nothing. The rest of the adapter need not know which it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, get_args
from uuid import uuid4

from service.answers.parameters import Shape
from service.database_failures import DATABASE_FAILURES
from service.instantsearch.asked import REACHABLE, AskedSearch
from service.instantsearch.facet_counts import facets_asked
from service.instantsearch.index_names import IndexName
from service.instantsearch.narrowing import narrow
from service.instantsearch.refused import RefusedRequestError
from service.presentation import product_of, search_answer
from service.routes.parameters import LONGEST_QUERY
from service.schemas import Language
from service.search.browse import BrowseRequest, browse
from service.search.facets import Facet
from service.search.filters import Filters
from service.search.pipeline import SearchAnswer, SearchRequest, unavailable
from service.search.query import Query
from service.state import ServiceState

_NOTHING_TYPED: Final = Query(text="", repaired="", terms=(), codes=())


@dataclass(frozen=True, slots=True)
class Found:
    """What one request found. ``answer`` is that of the search; None where nothing was typed. Time in milliseconds."""

    products: Sequence[dict[str, Any]]
    total: int
    total_is_exact: bool
    facets: Sequence[Facet] | None
    query: Query
    search_id: str
    took_ms: float
    answer: SearchAnswer | None = None


_NOTHING: Final = Found((), 0, True, (), _NOTHING_TYPED, "", 0.0)  # noqa: FBT003 - a record of its own fields


async def find(state: ServiceState, asked: AskedSearch, index: IndexName) -> Found:
    """Return the products of ``index`` that ``asked`` wants, and the facets beside them.

    Raises:
        RefusedRequestError: it asks for what the service cannot do; the message names it.
        DatabaseUnavailableError: the database did not answer.
    """
    filters = narrow(asked.groups, state.kind_names)
    if filters is None:
        return _NOTHING
    return await (_search if asked.text else _browse)(state, asked, filters, index)


def language_of(state: ServiceState, asked: AskedSearch, index: IndexName) -> Language:
    """Return the language of names: what the request says, then the index name, then the setting."""
    known = get_args(Language)
    wanted = [*asked.languages, index.language, state.settings.search_default_language]
    return cast("Language", next(each for each in wanted if each in known))


async def _search(state: ServiceState, asked: AskedSearch, filters: Filters, index: IndexName) -> Found:
    limit, language = _limit(asked), language_of(state, asked, index)
    request = SearchRequest(
        text=asked.text[:LONGEST_QUERY],
        limit=max(limit, 1),
        offset=asked.offset if limit else 0,
        filters=filters,
        correct=asked.correct,
        language=language,
        facets=tuple(facets_asked(asked.facets)),
        facet_values=max(asked.most_values, 1),
        facets_as_filtered=True,
        sort=index.order,
        grouped=asked.distinct,
    )
    answer = await state.search.search(request)
    return Found(
        products=search_answer(answer, Shape(language))["hits"][:limit],
        total=answer.total,
        total_is_exact=answer.total_is_exact,
        facets=answer.facets,
        query=answer.query,
        search_id=answer.search_id,
        took_ms=answer.took_ms,
        answer=answer,
    )


async def _browse(state: ServiceState, asked: AskedSearch, filters: Filters, index: IndexName) -> Found:
    if asked.distinct:
        raise RefusedRequestError("distinct is supported with a query only")
    language = language_of(state, asked, index)
    found = await browse(
        state.pool, BrowseRequest(filters, index.order, language, _limit(asked), min(asked.offset, REACHABLE))
    )
    names = facets_asked(asked.facets)
    facets: Sequence[Facet] | None = None
    if names:
        try:
            facets = await state.search.facets.count_products(found.passing, names, max(asked.most_values, 1))
        except DATABASE_FAILURES as error:
            raise unavailable(error) from error
        facets = [facet._replace(is_estimated=not found.total_is_exact) for facet in facets]
    return Found(
        products=[product_of(product, language) for product in found.products],
        total=len(found.passing),
        total_is_exact=found.total_is_exact,
        facets=facets,
        query=_NOTHING_TYPED,
        search_id=uuid4().hex,
        took_ms=found.took_ms,
    )


def _limit(asked: AskedSearch) -> int:
    """Return how many products to fetch: none behind the last one that can be reached."""
    return asked.limit if asked.offset < REACHABLE else 0
