"""The products a boost is for.

Stage: service, merchandising. Reads ``dim_product_search``; writes nothing.
"""

from cordsearch.analysis.codes import normalise_code
from cordsearch.sql import load_query
from service.merchandising.models import BoostedProducts
from service.search.filter_clause import apply_filters
from service.search.filters import Filters
from service.search.rows import Connection


async def load_boosted(connection: Connection, products: BoostedProducts, limit: int | None = None) -> list[int]:
    """Return the ids of at most ``limit`` of the products that meet all conditions, in no order."""
    filters = Filters(
        supplier=normalise_code(products.supplier) if products.supplier else None,
        category_ids=products.category_ids,
        group_ids=products.group_ids,
        car_brand_ids=products.car_brand_ids,
    )
    statement, values = apply_filters(load_query(__file__, "sql/boosted_products.sql"), filters, own_values=2)
    rows = await connection.fetch(statement, list(products.product_ids) or None, limit, *values)
    return [row["product_id"] for row in rows]
