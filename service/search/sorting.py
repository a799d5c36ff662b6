"""Orders other than by relevance: by price, age, popularity or name.

Stage: service, after ranking, only when asked for. Reads ``dim_product_search``; writes nothing.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from cordsearch.sql import load_query
from service.search import tsquery
from service.search.candidate import Evidence, Fused, Ranked
from service.search.choices import SortOrder
from service.search.filter_clause import apply_filters
from service.search.filters import NO_FILTERS
from service.search.query import Query
from service.search.rows import Connection, Row, signals


class Sorted(NamedTuple):
    """The first products in an order; ``total`` of them in all, a lower limit when ``is_bounded``."""

    ranked: list[Ranked]
    total: int
    is_bounded: bool


class SortWanted(NamedTuple):
    """How to sort: names in ``language``, without what was ``shown``; ``most_read`` and ``limit`` in products."""

    order: SortOrder
    language: str
    shown: Sequence[int]
    most_read: int
    limit: int


async def load_sorted(
    connection: Connection,
    query: Query,
    wanted: SortWanted,
    by_number: Sequence[int],
    candidates: Mapping[int, Ranked],
) -> Sorted:
    """Return the products first in order, those without a value last.

    What is sorted: products with all the words and those found ``by_number``; where there is neither, the
    ``candidates``. One that is no candidate has the retriever of words as its reason, its place here as the rank, and
    no score: nobody ranked it.
    """
    statement, values = apply_filters(_statement(), query.filters, own_values=8)
    words = tsquery.all_of(query.terms) or None
    rows = await connection.fetch(
        statement,
        words,
        by_number,
        list(candidates),
        wanted.shown,
        wanted.order,
        wanted.language,
        wanted.most_read,
        wanted.limit,
        *values,
    )
    if not rows:
        return Sorted([], 0, is_bounded=False)
    ranked = [
        candidates.get(row["product_id"]) or _found_by_words(row, query, place) for place, row in enumerate(rows, 1)
    ]
    return Sorted(ranked, rows[0]["total"], rows[0]["bounded"])


async def sort_products(
    connection: Connection, product_ids: Sequence[int], order: SortOrder, language: str, limit: int
) -> list[int]:
    """Return the first ``limit`` of these products in ``order``, those without a value last."""
    # Nothing is found by words or by number: what is sorted are the candidates.
    statement, _ = apply_filters(_statement(), NO_FILTERS, own_values=8)
    rows = await connection.fetch(statement, None, [], product_ids, [], order, language, 0, limit)
    return [row["product_id"] for row in rows]


@cache
def _statement() -> str:
    return load_query(__file__, "sorted.sql").replace("{keys}", load_query(__file__, "sort_keys.sql"))


def _found_by_words(row: Row, query: Query, place: int) -> Ranked:
    name = "trigram" if query.was_respelled else "fulltext"
    evidence = Evidence(name, place, 0.0, " ".join(term.text for term in query.terms))
    return Ranked(Fused(row["product_id"], 0.0, 1.0, (evidence,), signals(row)), 0.0, 0.0)
