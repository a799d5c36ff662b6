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
from dataclasses import dataclass
from typing import Final

from service.instantsearch.refused import RefusedRequestError

LONGEST_NAME: Final = 200
_SUGGESTIONS: Final = "_query_suggestions"
_LANGUAGE: Final = re.compile(r"_(uk|ru|pl|en)$")
_ORDER: Final = re.compile(r"_([a-z]+_(?:asc|desc)|newest|popular)$")


@dataclass(frozen=True, slots=True)
class IndexName:
    """An index name, read. ``order`` is the ending as written, such as ``price_asc``; empty for relevance."""

    language: str | None = None
    order: str = ""
    suggestions: bool = False


def read_index_name(name: str) -> IndexName:
    """Return what the endings of ``name`` say.

    Raises:
        RefusedRequestError: the name is empty, or longer than any index has.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        raise RefusedRequestError(f"indexName must have between 1 and {LONGEST_NAME} characters")
    rest = name.removesuffix(_SUGGESTIONS)
    language: str | None = None
    order = ""
    for _ in range(2):  # the two endings come in either order
        if language is None and (found := _LANGUAGE.search(rest)):
            language, rest = found[1], rest[: found.start()]
        elif not order and (found := _ORDER.search(rest)):
            order, rest = found[1], rest[: found.start()]
    return IndexName(language, order, suggestions=name.endswith(_SUGGESTIONS))
