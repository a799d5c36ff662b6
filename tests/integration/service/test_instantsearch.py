"""The requests of the ``algoliasearch`` client on a real catalogue: forms, filters, pages, errors."""

import math
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from httpx import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cordsearch.database import connect
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

QUERIES = "/1/indexes/*/queries"


@pytest.fixture(scope="session")
def shop(application: RunningApplication) -> RunningApplication:
    return application


async def post(shop: RunningApplication, path: str, body: object, **headers: str) -> Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return await shop.client.post(path, content=content, headers=headers)


async def ask(shop: RunningApplication, index: str = "products", **parameters: Any) -> dict[str, Any]:
    answer = await post(shop, QUERIES, {"requests": [{"indexName": index, **parameters}]})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    assert isinstance(result, dict)
    return result


async def refused(shop: RunningApplication, **parameters: Any) -> str:
    answer = await post(shop, "/1/indexes/products/query", parameters)
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["status"] == 400
    assert body["message"] == body["detail"]
    return str(body["message"])


def ids(result: dict[str, Any]) -> list[str]:
    return [hit["objectID"] for hit in result["hits"]]


@pytest.mark.parametrize("path", [QUERIES, "/1/indexes/%2A/queries"])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_every_form_of_the_request_has_the_same_answer(
    shop: RunningApplication, path: str, content_type: str
) -> None:
    expected = ids(await ask(shop, query="тяга", hitsPerPage=5))
    parameters = {"query": "тяга", "hitsPerPage": 5}
    forms: list[dict[str, Any]] = [
        {"indexName": "products", **parameters},
        {"indexName": "products", "params": parameters},
        {"indexName": "products", "params": urlencode(parameters)},
    ]
    query = {"x-algolia-application-id": "shop", "x-algolia-agent": "Algolia for JavaScript (5.64.0)"}
    answer = await shop.client.post(
        path, params=query, content=orjson.dumps({"requests": forms}), headers={"content-type": content_type}
    )

    assert answer.status_code == 200, answer.text
    assert len(expected) == 5
    assert [ids(result) for result in answer.json()["results"]] == [expected] * 3


async def test_an_answer_is_what_the_search_itself_finds(shop: RunningApplication) -> None:
    own = (await shop.client.get("/search", params={"q": "тормозні колодки", "limit": 7, "language": "pl"})).json()
    result = await ask(shop, "parts_pl", query="тормозні колодки", hitsPerPage=7, clickAnalytics=True)

    assert ids(result) == [str(hit["product_id"]) for hit in own["hits"]]
    assert [hit["name"] for hit in result["hits"]] == [hit["name"] for hit in own["hits"]]
    assert (result["nbHits"], result["exhaustiveNbHits"]) == (own["total"], own["total_is_exact"])
    assert result["nbPages"] == math.ceil(own["total"] / 7)
    assert (result["index"], result["query"], result["page"]) == ("parts_pl", "тормозні колодки", 0)
    assert len(result["queryID"]) == 32
    assert result["params"].startswith("query=%D1%82")


async def test_pages_do_not_overlap_and_end(shop: RunningApplication) -> None:
    whole = ids(await ask(shop, query="колодки", hitsPerPage=30))
    pages = [ids(await ask(shop, query="колодки", hitsPerPage=10, page=page)) for page in range(3)]
    beyond = await ask(shop, query="колодки", hitsPerPage=10, page=5000)
    by_offset = await ask(shop, query="колодки", offset=5, length=4)

    assert [each for page in pages for each in page] == whole
    assert beyond["hits"] == []
    assert beyond["nbHits"] > 0
    assert ids(by_offset) == whole[5:9]


async def test_hits_hold_what_is_asked_for(shop: RunningApplication) -> None:
    result = await ask(
        shop, query="тяга", hitsPerPage=1, attributesToRetrieve=["name"], attributesToHighlight=["name"],
        attributesToSnippet=["name:5"], highlightPreTag="[", highlightPostTag="]",
    )  # fmt: skip
    (hit,) = result["hits"]

    assert hit.keys() == {"objectID", "name", "_highlightResult", "_snippetResult"}
    assert "[" in hit["_highlightResult"]["name"]["value"]
    assert hit["_snippetResult"]["name"]["value"] == hit["_highlightResult"]["name"]["value"]


async def test_conditions_narrow_what_is_found(shop: RunningApplication) -> None:
    every = await ask(shop, query="тяга", hitsPerPage=100)
    make = await ask(shop, query="тяга", hitsPerPage=100, facetFilters=[["car_brand:MAN", "car_brand:nobody"]])
    cheap = await ask(shop, query="тяга", hitsPerPage=100, filters="price:10 TO 50 AND available:true")

    others = await ask(shop, query="тяга", hitsPerPage=100, facetFilters=["car_brand:-MAN"])

    assert 0 < make["nbHits"] < every["nbHits"]
    assert make["exhaustiveNbHits"]
    assert not set(ids(make)) & set(ids(others))
    assert others["nbHits"] == every["nbHits"] - make["nbHits"]
    assert cheap["hits"]
    assert all(10 <= hit["price"] <= 50 and hit["available"] for hit in cheap["hits"])
    assert (await ask(shop, query="тяга", facetFilters=["car_brand:nobody"]))["nbHits"] == 0


async def test_without_a_query_the_best_products_that_pass_are_shown(shop: RunningApplication) -> None:
    every = await ask(shop, hitsPerPage=5)
    dear = await ask(shop, "products_price_desc", hitsPerPage=50, filters="car_brand:Volvo")
    pages = [await ask(shop, hitsPerPage=5, page=page, filters="car_brand:Volvo") for page in range(2)]

    assert every["nbHits"] == 1000
    assert len(every["hits"]) == 5
    prices = [hit["price"] for hit in dear["hits"] if hit["price"] is not None]
    assert prices == sorted(prices, reverse=True)
    assert dear["exhaustiveNbHits"]
    assert not set(ids(pages[0])) & set(ids(pages[1]))
    assert set(ids(pages[0])) | set(ids(pages[1])) <= set(
        ids(await ask(shop, hitsPerPage=100, filters="car_brand:Volvo"))
    )


async def test_the_orders_of_replicas(shop: RunningApplication) -> None:
    cheap = await ask(shop, "products_price_asc", query="тяга", hitsPerPage=30)
    names = await ask(shop, "products_ru_name_asc", hitsPerPage=30, filters="car_brand:Volvo")
    newest = await ask(shop, "products_newest", hitsPerPage=30, filters="car_brand:Volvo")

    prices = [hit["price"] for hit in cheap["hits"] if hit["price"] is not None]
    assert len(prices) > 5
    assert prices == sorted(prices)
    letters = [hit["names"]["ru"][0].lower() for hit in names["hits"] if hit["names"]["ru"]]
    assert letters == sorted(letters)
    assert names["nbHits"] == newest["nbHits"]
    assert ids(names) != ids(newest)


async def test_distinct_shows_the_same_part_once(shop: RunningApplication) -> None:
    every = await ask(shop, query="колодки гальмівні", hitsPerPage=50)
    parts = await ask(shop, query="колодки гальмівні", hitsPerPage=50, distinct=True)

    assert 0 < len(parts["hits"]) <= len(every["hits"])
    assert len(set(ids(parts))) == len(parts["hits"])
    assert "distinct" in await refused(shop, distinct=1)


async def test_completions_are_a_suggestions_index(shop: RunningApplication) -> None:
    own = (await shop.client.get("/autocomplete", params={"q": "колод", "limit": 20, "language": "uk"})).json()
    result = await ask(
        shop, "products_uk_query_suggestions", query="колод", hitsPerPage=4, facetFilters=[["car_brand:MAN"]],
        highlightPreTag="[", highlightPostTag="]",
    )  # fmt: skip

    assert [hit["query"] for hit in result["hits"]] == [each["text"] for each in own["suggestions"][:4]]
    assert result["hits"][0]["_highlightResult"]["query"]["value"].lower().startswith("[колод]")
    assert (await ask(shop, "products_query_suggestions", query=""))["hits"]


async def test_what_is_not_supported_is_refused_by_name(shop: RunningApplication) -> None:
    assert "aroundLatLng" in await refused(shop, aroundLatLng="50.4,30.5")
    assert "'brand'" in await refused(shop, facetFilters=["brand:MAN"])
    assert "AND inside OR" in await refused(shop, filters="a:b OR (c:d AND e:f)")
    assert "'rating_desc'" in (await post(shop, "/1/indexes/products_rating_desc/query", {})).json()["message"]
    assert (await post(shop, QUERIES, {"requests": [{}] * 51})).status_code == 400
    assert (await post(shop, QUERIES, {"requests": [], "strategy": "stopIfEnoughMatches"})).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'"text"', b"[" * 5000, b'{"requests": [7]}', b"null"])
async def test_a_body_that_is_no_request_is_refused(shop: RunningApplication, body: bytes) -> None:
    for path in (QUERIES, "/1/events"):
        answer = await post(shop, path, body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["message"]


async def test_events_are_kept_with_their_search(catalogue: Catalogue, catalogue_database: str) -> None:
    async with running_application(service_settings(catalogue), catalogue_database) as shop:
        await ask(shop, query="тя")
        result = await ask(shop, query="тяга", hitsPerPage=2, clickAnalytics=True)
        await ask(shop, query="насос", hitsPerPage=0)
        await ask(shop, query="фільтр", analytics=False)
        click = {
            "eventType": "click", "eventName": "Opened", "index": "products", "userToken": "anonymous-1",
            "queryID": result["queryID"], "objectIDs": [result["hits"][1]["objectID"]], "positions": [2],
        }  # fmt: skip
        told = await post(shop, "/1/events", {"events": [click, click]})
        await shop.state.shoppers.flush()
        with connect(catalogue_database) as connection:
            searches = connection.execute("select text from events.search").fetchall()
            events = connection.execute("select kind, product_id, position from events.event").fetchall()

    assert (told.status_code, told.json()) == (200, {"status": 200, "message": "OK"})
    assert searches == [("тяга",)]
    assert events == [("click", int(result["hits"][1]["objectID"]), 2)]


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**63) | some.floats() | some.text(max_size=8)
    | some.sampled_from(["car_brand:MAN", "price:1 TO 2", "price>3", "facet", "тяга", "products_price_asc", "*"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = some.sampled_from([
    "indexName", "params", "query", "page", "hitsPerPage", "offset", "length", "facets", "filters", "facetFilters",
    "numericFilters", "facet", "facetQuery", "maxFacetHits", "type", "distinct", "queryLanguages", "typoTolerance",
    "attributesToRetrieve", "attributesToHighlight", "attributesToSnippet", "highlightPreTag", "maxValuesPerFacet",
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.dictionaries(NAMES, VALUES, max_size=6))
async def test_no_request_makes_the_service_fail(shop: RunningApplication, parameters: dict[str, Any]) -> None:
    body = orjson.dumps({"requests": [{"indexName": "products"} | parameters]})
    answer = await post(shop, QUERIES, body)
    assert answer.status_code in (200, 400), answer.text


async def test_facets_count_what_is_found(shop: RunningApplication) -> None:
    result = await ask(shop, query="тяга", facets=["car_brand", "available", "price", "brand"], hitsPerPage=100)
    makes, stock = result["facets"]["car_brand"], result["facets"]["available"]
    prices = [hit["price"] for hit in result["hits"] if hit["price"] is not None]

    assert result["facets"].keys() == {"car_brand", "available", "price"}
    assert stock["true"] + stock["false"] == result["nbHits"]
    assert (
        result["facets_stats"]["price"]["min"] <= min(prices) <= max(prices) <= result["facets_stats"]["price"]["max"]
    )
    assert result["exhaustiveFacetsCount"]
    for make, count in list(makes.items())[:3]:
        assert (await ask(shop, query="тяга", facetFilters=[f"car_brand:{make}"]))["nbHits"] == count


async def test_a_facet_is_counted_with_its_own_condition_and_without_where_the_client_leaves_it_out(
    shop: RunningApplication,
) -> None:
    with_it = await ask(shop, query="тяга", facets=["car_brand"], facetFilters=[["car_brand:MAN"]])
    without = await ask(shop, query="тяга", facets="car_brand", hitsPerPage=0)

    assert with_it["facets"]["car_brand"]["MAN"] == with_it["nbHits"] == without["facets"]["car_brand"]["MAN"]
    assert len(without["facets"]["car_brand"]) > len(with_it["facets"]["car_brand"])
    assert without["hits"] == []


async def test_facets_are_counted_without_a_query_too(shop: RunningApplication) -> None:
    result = await ask(shop, facets=["*"], filters="car_brand:Volvo", maxValuesPerFacet=2, hitsPerPage=0)

    assert result["facets"]["car_brand"]["Volvo"] == result["nbHits"] > 0
    assert len(result["facets"]["group"]) == 2
    assert (await ask(shop, facets=["available"], filters="car_brand:nobody"))["facets"] == {}


@pytest.mark.parametrize("query", ["", "тяга"])
async def test_the_values_of_a_facet_are_searched(shop: RunningApplication, query: str) -> None:
    parameters = {"query": query, "facetQuery": "vol", "highlightPreTag": "[", "highlightPostTag": "]"}
    alone = (await post(shop, "/1/indexes/products/facets/car_brand/query", parameters)).json()
    among = await ask(shop, type="facet", facet="car_brand", params=parameters)

    assert among["facetHits"] == alone["facetHits"]
    assert {"value": "Volvo", "highlighted": "[Vol]vo"}.items() <= alone["facetHits"][0].items()
    assert alone["facetHits"][0]["count"] > 0
    assert (await post(shop, "/1/indexes/products/facets/brand/query", {})).status_code == 400


async def test_without_names_a_filter_by_name_is_not_answered(catalogue: Catalogue, catalogue_database: str) -> None:
    with connect(catalogue_database, autocommit=True) as connection:
        connection.execute("alter table staging_marts.dim_product_search rename column group_names to names_of_groups")
        async with running_application(service_settings(catalogue), catalogue_database) as shop:
            by_name = await post(shop, "/1/indexes/products/query", {"query": "тяга", "filters": "car_brand:MAN"})
            by_id = await post(shop, "/1/indexes/products/query", {"query": "тяга", "filters": "car_brand_id:2"})

    assert by_name.status_code == 503
    assert "names" in by_name.json()["message"]
    assert by_name.headers["retry-after"]
    assert by_id.json()["nbHits"] > 0
