"""Counts of the values of facets, as the client knows them. Pure.

Stage: service, HTTP. Reads the facets of an answer; writes ``facets``, ``facets_stats`` and the hits of a search for
values: https://www.algolia.com/doc/rest-api/search/search-for-facet-values

What products belong to is shown by name. Prices are numbers: of them the client wants the lowest and the highest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, get_args

from cordsearch.analysis.normalise import fold_text
from service.instantsearch.highlights import Marks, mark
from service.instantsearch.refused import RefusedRequestError
from service.instantsearch.suggestions import typed_places
from service.search.choices import FacetName
from service.search.facets import Facet

Json = dict[str, Any]
FACETS: Final[tuple[FacetName, ...]] = get_args(FacetName)


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Per attribute its values with their numbers of products; lowest and highest of numbers; whether all are exact."""

    counts: Mapping[str, Mapping[str, int]]
    statistics: Mapping[str, Mapping[str, float]]
    exact: bool


def facets_asked(names: Sequence[str]) -> list[FacetName]:
    """Return the facets among ``names``, each once; ``*`` stands for all, what is no facet is left out as there."""
    if "*" in names:
        return list(FACETS)
    return list(dict.fromkeys(cast("FacetName", name) for name in names if name in FACETS))


def count_facets(facets: Sequence[Facet] | None, *, by_name: bool) -> FacetCounts:
    """Return the counts of ``facets``, the values of each in the order of their products or of their names."""
    facets = facets or ()
    return FacetCounts(
        counts={facet.name: values_of(facet, by_name=by_name) for facet in facets},
        statistics={
            facet.name: {"min": facet.lowest, "max": facet.highest}
            for facet in facets
            if facet.lowest is not None and facet.highest is not None
        },
        exact=not any(facet.is_estimated for facet in facets),
    )


def values_of(facet: Facet, *, by_name: bool = False) -> dict[str, int]:
    """Return the values of ``facet`` as shown; two of the same name are one. Of prices there are no single values."""
    counts: dict[str, int] = {}
    for value in facet.values if facet.name != "price" else ():
        shown = value.label or value.value
        counts[shown] = counts.get(shown, 0) + value.products
    return dict(sorted(counts.items())) if by_name else counts


def facet_hits(facet: Facet, typed: str, most: int, marks: Marks, *, by_name: bool) -> list[Json]:
    """Return the values of ``facet`` in which a word begins as each word of ``typed`` does, at most ``most``."""
    words = fold_text(typed).split()
    hits: list[Json] = []
    for value, count in values_of(facet, by_name=by_name).items():
        of_value = fold_text(value).split()
        if all(any(each.startswith(word) for each in of_value) for word in words):
            hits.append(
                {"value": value, "highlighted": mark(value, typed_places(value, typed), marks)[0], "count": count}
            )
    return hits[:most]


def searchable_facet(name: str) -> FacetName:
    """Return ``name`` as a facet whose values can be searched. Raises RefusedRequestError when it is none."""
    if name not in FACETS or name == "price":
        raise RefusedRequestError(
            f"there is no facet {name[:100]!r} to search the values of; there are "
            f"{', '.join(each for each in FACETS if each != 'price')}"
        )
    return cast("FacetName", name)
