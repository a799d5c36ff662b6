"""Answers in the words of the client. Pure.

Stage: service, HTTP. Reads what was asked and what was found; writes the entries of ``results``. Names and meanings:
https://www.algolia.com/doc/rest-api/search/search (the answer), .../search-for-facet-values
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from service.instantsearch.asked import REACHABLE, AskedSearch
from service.instantsearch.facet_counts import FacetCounts

Json = dict[str, Any]


def result(
    asked: AskedSearch,
    hits: Sequence[Json],
    *,
    total: int,
    total_is_exact: bool,
    took_ms: float,
    facets: FacetCounts | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Json:
    """Return one entry of ``results``. ``extra`` says what the original has no field for."""
    found: Json = {
        "hits": list(hits),
        "nbHits": total,
        **_window(asked, total),
        "exhaustiveNbHits": total_is_exact,
        "exhaustiveTypo": True,
        "exhaustive": {"nbHits": total_is_exact, "typo": True},
        "query": asked.text,
        "params": asked.echo,
        "index": asked.index,
        "renderingContent": {},
        "processingTimeMS": math.ceil(took_ms),
    }
    if facets is not None:
        found |= {
            "facets": facets.counts,
            "facets_stats": facets.statistics,
            "exhaustiveFacetsCount": facets.exact,
        }
        found["exhaustive"] |= {"facetsCount": facets.exact}
    return found | dict(extra or {})


def _window(asked: AskedSearch, total: int) -> Json:
    """Return the place of the hits in all of them; only the first ones can be paged through."""
    if asked.by_offset:
        return {"offset": asked.offset, "length": asked.limit}
    if not asked.limit:
        return {"page": 0, "nbPages": 0, "hitsPerPage": 0}
    return {
        "page": asked.offset // asked.limit,
        "nbPages": math.ceil(min(total, REACHABLE) / asked.limit),
        "hitsPerPage": asked.limit,
    }


def record(product: Json, retrieve: Sequence[str] | None) -> Json:
    """Return the record of a product: what ``attributesToRetrieve`` asks for, and always its ``objectID``."""
    wanted: Json = product
    if retrieve is not None:
        left_out = {name[1:] for name in retrieve if name.startswith("-")}
        named = {name.partition(".")[0] for name in retrieve if not name.startswith("-")}
        everything = "*" in named or (bool(left_out) and not named)
        wanted = {
            name: value for name, value in product.items() if (everything or name in named) and name not in left_out
        }
    return {**wanted, "objectID": str(product["product_id"])}
