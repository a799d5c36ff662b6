"""What the name of an index says. Pure.

Stage: service, HTTP. There is one catalogue, so the name itself is the shop's own choice; its endings say in which
language, in which order, and whether completions are wanted:

    products                      products_uk                      parts, names in Ukrainian
    products_price_asc            products_pl_price_asc            the same parts in another order (a replica)
    products_query_suggestions    products_uk_query_suggestions    completions

https://www.algolia.com/doc/guides/managing-results/refine-results/sorting/how-to/creating-replicas
https://www.algolia.com/doc/guides/building-search-ui/ui-and-ux-patterns/query-suggestions/js
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.instantsearch.refused import RefusedRequestError
from service.search.choices import SortOrder

LONGEST_NAME: Final = 200
_SUGGESTIONS: Final = "_query_suggestions"
_LANGUAGE: Final = re.compile(r"_(uk|ru|pl|en)$")
_ORDER: Final = re.compile(r"_([a-z]+_(?:asc|desc)|newest)$")
_ORDERS: Final[Mapping[str, SortOrder]] = {
    "price_asc": "price_asc",
    "price_desc": "price_desc",
    "popularity_desc": "popularity",
    "name_asc": "name",
    "newest": "newest",
}


@dataclass(frozen=True, slots=True)
class IndexName:
    """An index name, read."""

    language: str | None = None
    order: SortOrder = "relevance"
    suggestions: bool = False


def read_index_name(name: str) -> IndexName:
    """Return what the endings of ``name`` say.

    Raises:
        RefusedRequestError: the name is empty, or longer than any index has, or ends in an order there is not.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        raise RefusedRequestError(f"indexName must have between 1 and {LONGEST_NAME} characters")
    rest = name.removesuffix(_SUGGESTIONS)
    language: str | None = None
    order: SortOrder = "relevance"
    for _ in range(2):  # the two endings come in either order
        if language is None and (found := _LANGUAGE.search(rest)):
            language, rest = found[1], rest[: found.start()]
        elif order == "relevance" and (found := _ORDER.search(rest)):
            order, rest = _order(found[1]), rest[: found.start()]
    return IndexName(language, order, suggestions=name.endswith(_SUGGESTIONS))


def _order(ending: str) -> SortOrder:
    order = _ORDERS.get(ending)
    if order is None:
        raise RefusedRequestError(f"there is no order {ending[:100]!r}; there are {', '.join(_ORDERS)}")
    return order
