"""Products without a query: what a shop shows before anything is typed, and on the pages of its categories.

Stage: service, beside the search. Reads ``dim_product_search``; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Literal

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search.filter_clause import apply_filters
from service.search.filters import Filters
from service.search.hydrate import load_products
from service.search.pipeline import unavailable
from service.search.retrieve import Pool
from service.search.rows import Row

BrowseOrder = Literal["best", "price_asc", "price_desc"]
MOST_BROWSED: Final = 1_000
# Pages of 8 kB: what a filter without an index is looked for in. The rows are in order of static quality.
_BEGINNING: Final = "product.ctid < '(8000,0)'::tid"


@dataclass(frozen=True, slots=True)
class Browsed:
    """One page of products, and the ids of all that were read; time in milliseconds.

    More than those pass unless ``total_is_exact``.
    """

    products: Sequence[Row]
    passing: Sequence[int]
    total_is_exact: bool
    took_ms: float


async def browse(pool: Pool, filters: Filters, order: BrowseOrder, limit: int, offset: int) -> Browsed:
    """Return the best products that pass ``filters``, at most 1,000 of them, in ``order``.

    Raises:
        DatabaseUnavailableError: the database did not answer.
    """
    started = perf_counter()
    statement = load_query(__file__, "browse.sql").replace("{where}", "true" if filters.has_index else _BEGINNING)
    filtered = apply_filters(statement, filters, own_values=3)
    try:
        async with pool.acquire() as connection:
            (found,) = await connection.fetch(filtered.statement, order, limit, offset, *filtered.values)
            products = await load_products(connection, found["product_ids"]) if found["product_ids"] else {}
    except DATABASE_FAILURES as error:
        raise unavailable(error) from error
    page = [products[product_id] for product_id in found["product_ids"] if product_id in products]
    exact = filters.has_index and len(found["passing"]) < MOST_BROWSED
    return Browsed(page, found["passing"], exact, (perf_counter() - started) * 1000)
