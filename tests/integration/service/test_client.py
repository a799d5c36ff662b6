"""The client has every operation a storefront needs, and its models are what the service answers with."""

import inspect
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from service.answers.parameters import ProductParameters
from service.client import CordSearch, RefusedError
from service.events.schemas import EventsRequest
from service.routes.multi_search import MultiSearch
from service.routes.parameters import AutocompleteParameters, RelatedParameters, SearchBody, SearchParameters
from tests.service import RunningApplication

OF_A_STOREFRONT = {"search", "products", "events"}


@pytest_asyncio.fixture
async def client(application: RunningApplication) -> AsyncIterator[CordSearch]:
    async with CordSearch("http://service", transport=httpx.ASGITransport(application.app)) as client:
        yield client


def test_it_has_the_operations_of_the_interface(application: RunningApplication) -> None:
    operations = {
        operation["operationId"]
        for path in application.app.openapi()["paths"].values()
        for operation in path.values()
        if OF_A_STOREFRONT & set(operation["tags"])
    }
    own = {name for name, _ in inspect.getmembers(CordSearch, inspect.iscoroutinefunction) if name[0] != "_"}
    assert own - {"close"} == operations


async def test_a_search_and_what_follows_it(client: CordSearch) -> None:
    found = await client.search(SearchParameters(q="колодки", limit=3, highlight=True, available=True))
    assert len(found.hits) == 3
    assert all(hit.available and hit.highlights for hit in found.hits)
    product_id = found.hits[0].product_id
    assert (await client.product(product_id, ProductParameters(language="pl"))).product_id == product_id
    assert (await client.similar(product_id, RelatedParameters(limit=2))).product_id == product_id
    assert (await client.analogues(product_id)).product_id == product_id
    assert (await client.autocomplete(AutocompleteParameters(q="колод"))).suggestions
    click = {
        "event_id": uuid4(),
        "kind": "click",
        "search_id": found.search_id,
        "product_id": product_id,
        "position": 1,
    }
    assert (await client.take_events(EventsRequest.model_validate({"events": [click]}))).accepted == 1


async def test_searches_by_body(client: CordSearch) -> None:
    asked = SearchBody(q="колодки", limit=2, fields="product_id")
    found = await client.search_by_body(asked)
    several = await client.multi_search(MultiSearch(searches=[asked.model_dump(exclude_unset=True), {"q": ""}]))
    first, second = several.results
    assert first.answer is not None
    assert first.answer.hits == found.hits
    assert len(found.hits) == 2
    assert second.problem is not None


async def test_selected_fields_are_what_is_there(client: CordSearch) -> None:
    found = await client.search(SearchParameters(q="колодки", fields="product_id,price"))
    assert found.hits[0].product_id
    assert found.hits[0].name is None
    product = await client.product(found.hits[0].product_id, ProductParameters(fields="images"))
    assert product.images is not None
    assert product.names is None


async def test_filters_by_several_ids_arrive(client: CordSearch) -> None:
    categories = (
        await client.product((await client.search(SearchParameters(q="колодки"))).hits[0].product_id)
    ).categories
    found = await client.search(SearchParameters(q="колодки", category_id=[category.id for category in categories]))
    assert found.hits


async def test_an_error_says_what_the_service_said(client: CordSearch) -> None:
    with pytest.raises(RefusedError, match="404 Not Found: There is no product 999999999") as refused:
        await client.product(999_999_999)
    assert (refused.value.problem.status, refused.value.retry_after) == (404, None)


async def test_an_error_of_something_in_between_is_an_error_too() -> None:
    def gateway(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text="<html>", headers={"Retry-After": "3"})

    async with CordSearch("http://gateway", "key", transport=httpx.MockTransport(gateway)) as client:
        with pytest.raises(RefusedError, match="503 Service Unavailable") as refused:
            await client.product(1)
    assert refused.value.retry_after == 3
