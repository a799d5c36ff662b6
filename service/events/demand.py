"""Demand: how much shoppers want a product, from what they did with it. Pure but for reading the counts.

Stage: service, in the background. Reads ``events.product_day``; writes nothing.

    worth of a day = ln(1 + 1 x clicks + 3 x carts + 5 x purchases)
    sum            = sum over the days of worth x 0.5 ^ (age in days / 14)
    demand         = sum / (sum + 10)

* Between 0 and 1, rising with every event, the first ones most. 0 without any.
* A day enters by its logarithm, so what is wanted day after day beats what was hammered on one: a click a day comes to
  0.58, one purchase to 0.15, ten purchases a day to 0.89, a million forged clicks within a day to 0.58.
* Within a search, a product counts once per kind, however often it is clicked (``write_events.sql``).
* Impressions do not count: they say what the ranking did, not what shoppers want.
"""

from collections.abc import Sequence
from typing import Final

from cordsearch.sql import load_query
from service.search.rows import Connection, Row

HALF_LIFE_DAYS: Final = 14.0
REMEMBERED_DAYS: Final = 60  # older days would add a twentieth of their worth
CLICK, CART, PURCHASE = 1.0, 3.0, 5.0
HALF_AT: Final = 10.0
_MOST_PRODUCTS = 50_000  # kept in memory, the most wanted: about 5 MB


async def load_demand(connection: Connection) -> dict[int, float]:
    """Return the demand of the most wanted products by product id. Raises asyncpg and OS errors."""
    rows: Sequence[Row] = await connection.fetch(
        load_query(__file__, "sql/demand.sql"),
        HALF_LIFE_DAYS, REMEMBERED_DAYS, CLICK, CART, PURCHASE, HALF_AT, _MOST_PRODUCTS,
    )  # fmt: skip
    return {row["product_id"]: row["demand"] for row in rows}
