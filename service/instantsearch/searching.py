"""One request of the client answered: by a search, by browsing where nothing is typed, by completions.

Stage: service, HTTP. Reads through the search and remembers it like every other one; writes entries of ``results``.
"""

from typing import Any, Final, cast, get_args
from uuid import uuid4

from service.answers.parameters import Shape
from service.instantsearch.answers import record, result
from service.instantsearch.asked import REACHABLE, AskedSearch
from service.instantsearch.highlights import Highlights, Marks
from service.instantsearch.index_names import IndexName, read_index_name
from service.instantsearch.narrowing import narrow
from service.instantsearch.refused import RefusedRequestError
from service.instantsearch.suggestions import MOST_SUGGESTIONS, suggestion_hit
from service.presentation import product_of, search_answer
from service.routes.parameters import LONGEST_QUERY
from service.schemas import Language
from service.search.browse import BrowseOrder, browse
from service.search.filters import Filters
from service.search.pipeline import SearchRequest
from service.search.query import Query
from service.state import ServiceState

Json = dict[str, Any]
_ORDERS: Final[dict[str, BrowseOrder]] = {"": "best", "price_asc": "price_asc", "price_desc": "price_desc"}
_NOTHING_TYPED: Final = Query(text="", repaired="", terms=(), codes=())


async def answer(state: ServiceState, asked: AskedSearch) -> Json:
    """Return the entry of ``results`` that answers ``asked``.

    Raises:
        RefusedRequestError: it asks for what the service cannot do; the message names it.
        DatabaseUnavailableError: the database did not answer.
    """
    index = read_index_name(asked.index)
    language = _language(state, asked, index)
    if index.suggestions:
        return await _suggest(state, asked, language)
    order = _ORDERS.get(index.order)
    if order is None:
        raise RefusedRequestError(f"there is no order {index.order!r}; there are {', '.join(filter(None, _ORDERS))}")
    filters = narrow(asked.groups, state.kind_names)
    if filters is None:
        return result(asked, [], total=0, total_is_exact=True, took_ms=0)
    find = _search if asked.text else _browse
    return await find(state, asked, filters, order, language)


async def _search(
    state: ServiceState, asked: AskedSearch, filters: Filters, order: BrowseOrder, language: Language
) -> Json:
    if order != "best":
        raise RefusedRequestError(f"the order {order!r} is for browsing without a query")
    limit = _limit(asked)
    request = SearchRequest(
        text=asked.text[:LONGEST_QUERY],
        limit=max(limit, 1),
        offset=asked.offset if limit else 0,
        filters=filters,
        correct=asked.correct,
        language=language,
    )
    found = await state.search.search(request)
    if asked.counted and asked.limit:
        state.shoppers.searches.record(found, language, asked.offset)
    body = search_answer(found, Shape(language))
    highlights = Highlights(found.query, Marks(asked.pre_tag, asked.post_tag), asked.highlight)
    return result(
        asked,
        [_hit(product, asked, highlights) for product in body["hits"][:limit]],
        total=found.total,
        total_is_exact=found.total_is_exact,
        took_ms=found.took_ms,
        extra=_search_id(asked, found.search_id),
    )


async def _browse(
    state: ServiceState, asked: AskedSearch, filters: Filters, order: BrowseOrder, language: Language
) -> Json:
    found = await browse(state.pool, filters, order, _limit(asked), asked.offset)
    highlights = Highlights(_NOTHING_TYPED, Marks(asked.pre_tag, asked.post_tag), asked.highlight)
    return result(
        asked,
        [_hit(product_of(product, language), asked, highlights) for product in found.products],
        total=found.total,
        total_is_exact=found.total_is_exact,
        took_ms=found.took_ms,
        extra=_search_id(asked, uuid4().hex),
    )


async def _suggest(state: ServiceState, asked: AskedSearch, language: Language) -> Json:
    """Answer with completions; the choices made among products do not narrow them."""
    limit = min(asked.limit, MOST_SUGGESTIONS)
    found = await state.autocomplete.complete(asked.text[:LONGEST_QUERY], language, MOST_SUGGESTIONS)
    page = found.suggestions[asked.offset : asked.offset + limit]
    hits = [suggestion_hit(each, asked) for each in page]
    return result(asked, hits, total=len(found.suggestions), total_is_exact=False, took_ms=found.took_ms)


def _limit(asked: AskedSearch) -> int:
    """Return how many products to fetch: none behind the last one that can be reached."""
    return asked.limit if asked.offset < REACHABLE else 0


def _hit(product: Json, asked: AskedSearch, highlights: Highlights) -> Json:
    hit = record(product, asked.retrieve) | {"_highlightResult": highlights.of(product)}
    if asked.snippet:
        hit["_snippetResult"] = highlights.snippet(product, asked.snippet)
    return hit


def _search_id(asked: AskedSearch, search_id: str) -> Json:
    return {"queryID": search_id} if asked.search_id_wanted else {}


def _language(state: ServiceState, asked: AskedSearch, index: IndexName) -> Language:
    """Return the language of names: what the request says, then the index name, then the setting."""
    known = get_args(Language)
    wanted = [*asked.languages, index.language, state.settings.search_default_language]
    return cast("Language", next(each for each in wanted if each in known))
