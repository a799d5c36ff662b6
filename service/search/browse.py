"""Products without a query: what a shop shows before anything is typed, and on the pages of its categories.

Stage: service, beside the search. Reads ``dim_product_search``; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search.choices import SortOrder
from service.search.filter_clause import apply_filters
from service.search.filters import Filters
from service.search.hydrate import load_products
from service.search.pipeline import unavailable
from service.search.retrieve import Pool
from service.search.rows import Connection, Row
from service.search.sorting import sort_products

MOST_BROWSED: Final = 1_000
# Pages of 8 kB: what a filter without an index is looked for in. The rows are in order of static quality.
_BEGINNING: Final = "product.ctid < '(8000,0)'::tid"


@dataclass(frozen=True, slots=True)
class BrowseRequest:
    """Which products are wanted, in which order; names, where they decide it, in ``language``."""

    filters: Filters
    order: SortOrder
    language: str
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Browsed:
    """One page of products, and the ids of all that were read, best first; time in milliseconds.

    More than those pass unless ``total_is_exact``.
    """

    products: Sequence[Row]
    passing: Sequence[int]
    total_is_exact: bool
    took_ms: float


async def browse(pool: Pool, request: BrowseRequest) -> Browsed:
    """Return the best products that pass the filters, at most 1,000 of them, in the order asked for.

    Raises:
        DatabaseUnavailableError: the database did not answer.
    """
    started = perf_counter()
    try:
        async with pool.acquire() as connection:
            passing = await _load_passing(connection, request.filters)
            page = await _load_page(connection, passing, request)
            products = await load_products(connection, page) if page else {}
    except DATABASE_FAILURES as error:
        raise unavailable(error) from error
    shown = [products[product_id] for product_id in page if product_id in products]
    exact = request.filters.has_index and len(passing) < MOST_BROWSED
    return Browsed(shown, passing, exact, (perf_counter() - started) * 1000)


async def _load_passing(connection: Connection, filters: Filters) -> list[int]:
    where = "true" if filters.has_index else _BEGINNING
    statement = load_query(__file__, "browse.sql").replace("{where}", where)
    filtered = apply_filters(statement, filters, own_values=1)
    return [row["product_id"] for row in await connection.fetch(filtered.statement, MOST_BROWSED, *filtered.values)]


async def _load_page(connection: Connection, passing: Sequence[int], request: BrowseRequest) -> Sequence[int]:
    beyond = request.offset + request.limit
    if not request.limit or request.order == "relevance":
        return passing[request.offset : beyond]
    ordered = await sort_products(connection, passing, request.order, request.language, beyond)
    return ordered[request.offset :]
