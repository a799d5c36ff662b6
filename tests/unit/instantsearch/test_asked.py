"""One request of the client is read the same way in each of the forms it may come in."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.instantsearch.asked import read_request
from service.instantsearch.conditions import ValueIs
from service.instantsearch.refused import RefusedRequestError

ENCODED = (
    "query=%D1%82%D1%8F%D0%B3%D0%B0&hitsPerPage=5&page=2&facets=%5B%22car_brand%22%5D"
    "&facetFilters=%5B%5B%22car_brand%3AMAN%22%5D%5D&clickAnalytics=true"
)
PLAIN = {
    "query": "тяга", "hitsPerPage": 5, "page": 2, "facets": ["car_brand"], "facetFilters": [["car_brand:MAN"]],
    "clickAnalytics": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "request_", [{"params": ENCODED}, {"params": PLAIN}, PLAIN], ids=["url-encoded", "params", "beside the name"]
)
def test_the_forms_of_a_request_mean_the_same(request_: dict[str, object]) -> None:
    asked = read_request({"indexName": "products", **request_})  # type: ignore[dict-item]

    assert (asked.index, asked.text, asked.offset, asked.limit) == ("products", "тяга", 10, 5)
    assert asked.facets == ["car_brand"]
    assert asked.groups == [(ValueIs("car_brand", "MAN"),)]
    assert asked.search_id_wanted
    assert asked.echo.startswith("query=%D1%82%D1%8F%D0%B3%D0%B0&hitsPerPage=5&page=2")


def test_nothing_given_takes_the_documented_defaults() -> None:
    asked = read_request({"indexName": "products"})

    assert (asked.text, asked.offset, asked.limit, asked.most_values) == ("", 0, 20, 100)
    assert (asked.pre_tag, asked.post_tag) == ("<em>", "</em>")
    assert asked.retrieve is None
    assert asked.correct
    assert not asked.search_id_wanted


def test_offset_and_length_win_over_pages() -> None:
    asked = read_request({"indexName": "products", "page": 3, "offset": 7, "length": 4})

    assert (asked.offset, asked.limit, asked.by_offset) == (7, 4, True)


def test_one_facet_may_come_as_text() -> None:
    assert read_request({"indexName": "products", "facets": "car_brand"}).facets == ["car_brand"]


def test_no_typo_tolerance_takes_the_words_as_typed() -> None:
    assert not read_request({"indexName": "products", "typoTolerance": False}).correct
    assert read_request({"indexName": "products", "typoTolerance": "min"}).correct


@pytest.mark.parametrize(
    "harmless",
    [
        {"ruleContexts": ["summer"], "analytics": False, "getRankingInfo": True, "enablePersonalization": True},
        {"tagFilters": "", "aroundLatLng": "", "optionalWords": [], "aroundLatLngViaIP": False, "tagFilters_": None},
    ],
)
def test_what_changes_nothing_is_ignored(harmless: dict[str, object]) -> None:
    assert read_request({"indexName": "products", **harmless}).groups == []  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "changing",
    [
        {"tagFilters": ["new"]}, {"aroundLatLng": "50.4,30.5"}, {"restrictSearchableAttributes": ["name"]},
        {"optionalWords": ["man"]}, {"insideBoundingBox": [[1, 2, 3, 4]]}, {"similarQuery": "тяга"},
        {"whatever": 1}, {"hitsPerPage": 1000}, {"hitsPerPage": "many"}, {"hitsPerPage": -1}, {"page": 1.5},
        {"query": ["тяга"]}, {"facets": [1]}, {"facets": {"a": "b"}}, {"params": 7}, {"type": "recommend"},
        {"type": "facet"}, {"query": "nul \x00"}, {"facets": ["\ud800"]}, {"clickAnalytics": "maybe"},
        {"distinct": 3}, {"filters": "a:b OR (c:d AND e:f)"}, {"sortFacetValuesBy": "size"},
    ],
    ids=str,
)  # fmt: skip
def test_what_would_change_the_products_is_refused_by_name(changing: dict[str, object]) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        read_request({"indexName": "products", **changing})  # type: ignore[dict-item]
    name = next(iter(changing))
    assert (name if name != "type" else "facet") in str(refused.value)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**63) | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = some.sampled_from([
    "params", "query", "page", "hitsPerPage", "offset", "length", "facets", "filters", "facetFilters", "numericFilters",
    "facet", "facetQuery", "type", "distinct", "queryLanguages", "typoTolerance", "attributesToRetrieve", "userToken",
])  # fmt: skip


@given(some.dictionaries(NAMES, JSON, max_size=6))
def test_any_json_is_read_or_refused(request_: dict[str, object]) -> None:
    try:
        asked = read_request(request_)  # type: ignore[arg-type]
    except RefusedRequestError:
        return
    assert orjson.dumps(asked.echo)
    assert 0 <= asked.limit <= 100
