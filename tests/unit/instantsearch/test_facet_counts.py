"""Facets come in the words of the client: by name, with the ends of prices."""

import pytest

from service.instantsearch.facet_counts import count_facets, facet_hits, facets_asked, searchable_facet
from service.instantsearch.highlights import Marks
from service.instantsearch.refused import RefusedRequestError
from service.search.facets import Facet, FacetValue

MAKES = Facet(
    "car_brand",
    [FacetValue("1", "Volvo", 7), FacetValue("2", "MAN", 5), FacetValue("3", "Volvo", 2)],
    is_estimated=False,
)
PRICES = Facet("price", [FacetValue("0", None, 4, None, 10.0)], is_estimated=True, lowest=2.5, highest=9.75)
STOCK = Facet("available", [FacetValue("true", None, 3)], is_estimated=False)


def test_values_are_counted_by_their_names() -> None:
    counts = count_facets([MAKES, STOCK], by_name=False)

    assert counts.counts == {"car_brand": {"Volvo": 9, "MAN": 5}, "available": {"true": 3}}
    assert list(counts.counts["car_brand"]) == ["Volvo", "MAN"]
    assert list(count_facets([MAKES], by_name=True).counts["car_brand"]) == ["MAN", "Volvo"]
    assert counts.exact


def test_of_prices_the_ends_are_told_and_an_estimate_says_so() -> None:
    counts = count_facets([MAKES, PRICES], by_name=False)

    assert counts.counts["price"] == {}
    assert counts.statistics == {"price": {"min": 2.5, "max": 9.75}}
    assert not counts.exact


def test_facets_are_taken_once_and_others_left_out() -> None:
    assert facets_asked(["car_brand", "brand", "price", "car_brand"]) == ["car_brand", "price"]
    assert "supplier" in facets_asked(["*"])


@pytest.mark.parametrize(("typed", "values"), [("vo", ["Volvo"]), ("", ["Volvo", "MAN"]), ("x", []), ("m vo", [])])
def test_values_are_found_by_the_beginnings_of_their_words(typed: str, values: list[str]) -> None:
    hits = facet_hits(MAKES, typed, 10, Marks("<em>", "</em>"), by_name=False)

    assert [hit["value"] for hit in hits] == values


def test_the_typed_part_of_a_value_is_marked() -> None:
    (hit,) = facet_hits(MAKES, "vol", 1, Marks("<em>", "</em>"), by_name=False)

    assert hit == {"value": "Volvo", "highlighted": "<em>Vol</em>vo", "count": 9}


@pytest.mark.parametrize("name", ["brand", "price", ""])
def test_what_has_no_values_to_search_is_refused(name: str) -> None:
    with pytest.raises(RefusedRequestError, match="facet"):
        searchable_facet(name)
