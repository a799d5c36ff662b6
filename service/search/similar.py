"""Products like another one: which of the nearest by vector a shop would show, and in what order.

Stage: service. Reads the vectors of one model and ``dim_product_search``; writes nothing. The choice is pure.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cordsearch.sql import load_query
from embeddings.encoder import vector_table_name
from service.search.rows import Connection

SAME_TEXT = 3
# In units of cosine. The same part for the same model and for another of that make lie 0.02 to 0.08 apart
# (demo catalogue, static model), so stock decides among such and never lifts another part.
_IN_STOCK = 0.05
_POPULAR = 0.02


class Neighbour(NamedTuple):
    """A product near another one; ``similarity`` is the cosine of their vectors, -1 to 1.

    ``same_text`` is equal for products with the same vector. ``other_make``: both say which makes they are for, and
    share none.
    """

    product_id: int
    similarity: float
    code: str | None
    same_text: int
    available: bool
    popularity: float
    other_make: bool


class Neighbourhood(NamedTuple):
    """What is near a product; without a vector nothing can be."""

    has_vector: bool
    neighbours: Sequence[Neighbour]


def choose_similar(neighbours: Iterable[Neighbour], limit: int) -> list[Neighbour]:
    """Return at most ``limit``: those for another make last, by similarity with a little for stock and demand.

    Of a vendor code only the best one comes, however many cards it has. Of products with the same text three come in
    their place and the others after all other texts, so that one text cannot fill the list while there are more.
    """
    chosen: list[Neighbour] = []
    seen_codes: set[str] = set()
    ordered = sorted(neighbours, key=_order)
    for other_make in (False, True):
        surplus: list[Neighbour] = []
        seen_texts: dict[int, int] = {}
        for neighbour in ordered:
            if neighbour.other_make is not other_make or neighbour.code in seen_codes:
                continue
            if neighbour.code is not None:
                seen_codes.add(neighbour.code)
            count = seen_texts[neighbour.same_text] = seen_texts.get(neighbour.same_text, 0) + 1
            (chosen if count <= SAME_TEXT else surplus).append(neighbour)
        chosen += surplus
    return chosen[:limit]


def _order(neighbour: Neighbour) -> tuple[float, int]:
    wanted = _IN_STOCK * neighbour.available + _POPULAR * neighbour.popularity
    return -(neighbour.similarity + wanted), neighbour.product_id


async def load_neighbours(
    connection: Connection, product_id: int, model_id: str, *, available: bool | None, smallest_similarity: float
) -> Neighbourhood | None:
    """Return the nearest products (at most the 95 of similar.sql) by the model; None when there is no such product."""
    # A name made of hexadecimal digits: nothing that was typed comes into the statement.
    statement = load_query(__file__, "similar.sql").replace("{vectors}", vector_table_name(model_id))
    rows = await connection.fetch(statement, product_id, available, smallest_similarity)
    if not rows:
        return None
    neighbours = [Neighbour(*map(row.__getitem__, Neighbour._fields)) for row in rows if row["product_id"] is not None]
    return Neighbourhood(rows[0]["has_vector"], neighbours)
