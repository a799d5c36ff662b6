"""``POST /search`` asks what ``GET /search`` asks; ``POST /multi-search`` asks it several times."""

from typing import Any

import pytest

from cordsearch.errors import DatabaseUnavailableError
from service.routes.multi_search import MultiSearchResponse
from service.schemas import SearchResponse
from service.search.pipeline import SearchAnswer, SearchPipeline, SearchRequest
from tests.service import RunningApplication

UNTIMED = ("took_ms", "timings_ms", "retrievers", "search_id", "request_id")


def timeless(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in UNTIMED}


@pytest.mark.parametrize(
    "fields",
    [
        {"q": "колодки"},
        {
            "q": "mercedes",
            "language": "pl",
            "car_brand_id": [*range(1, 30)],
            "available": True,
            "price_min": 1.5,
            "price_max": 500,
            "facets": "category,price",
            "sort": "price_desc",
            "group": True,
            "limit": 7,
        },
    ],
)
async def test_a_body_and_an_address_get_the_same_answer(
    application: RunningApplication, fields: dict[str, Any]
) -> None:
    by_body = await application.client.post("/search", json=fields)
    by_address = await application.client.get(
        "/search", params={name: str(value).lower() if value is True else value for name, value in fields.items()}
    )
    assert (by_body.status_code, by_address.status_code) == (200, 200)
    assert timeless(by_body.json()) == timeless(by_address.json())
    assert SearchResponse.model_validate_json(by_body.content, extra="forbid").hits


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({}, "q"),
        ({"q": "тяга", "avaliable": True}, "avaliable"),
        ({"q": "тяга", "category_id": [0]}, "category_id"),
        ({"q": "тяга", "category_id": list(range(1, 102))}, "category_id"),
        ({"q": "тяга", "car_brand_id": [2**63]}, "car_brand_id"),
        ({"q": "тяга", "price_min": 5, "price_max": 4}, "price_min is 5"),
        ({"q": "тяга", "weight_min": 2, "weight_max": 1}, "weight_max"),
        ({"q": "тяга", "price_min": -1}, "price_min"),
        ({"q": "тяга", "price_max": "NaN"}, "price_max"),
        ({"q": "тяга", "sort": "price"}, "sort"),
        ({"q": "тяга", "facets": "category,colour"}, "facets"),
        ({"q": "тяга", "facet_values": 0}, "facet_values"),
        ([], "valid"),
    ],
)
async def test_bad_fields_are_named(application: RunningApplication, fields: Any, cause: str) -> None:
    answer = await application.client.post("/search", json=fields)
    assert answer.status_code == 422
    assert cause in answer.json()["detail"]


async def multi(application: RunningApplication, body: dict[str, Any]) -> MultiSearchResponse:
    answer = await application.client.post("/multi-search", json=body)
    assert answer.status_code == 200, answer.text
    return MultiSearchResponse.model_validate_json(answer.content, extra="forbid")


async def test_every_search_has_its_own_answer_or_problem(application: RunningApplication) -> None:
    body = await multi(
        application,
        {
            "shared": {"limit": 3, "available": True},
            "searches": [{"q": "колодки"}, {"q": ""}, {"q": "тяга", "limit": 1, "available": None}, {"limit": 1}],
        },
    )
    assert [result.status for result in body.results] == [200, 422, 200, 422]
    first, empty, third, missing = body.results
    assert first.answer is not None
    assert first.problem is None
    assert len(first.answer.hits) == 3
    assert third.answer is not None
    assert third.answer.query == "тяга"
    assert len(third.answer.hits) == 1
    assert empty.problem is not None
    assert "empty" in empty.problem.detail
    assert missing.problem is not None
    assert missing.problem.detail.startswith("q: ")
    alone = (await application.client.post("/search", json={"q": "колодки", "limit": 3, "available": True})).json()
    assert first.answer.hits == SearchResponse.model_validate(alone).hits


async def test_ten_at_once_are_answered_and_eleven_refused(application: RunningApplication) -> None:
    body = await multi(application, {"searches": [{"q": "колодки", "limit": 1, "facets": "category"}] * 10})
    assert [result.status for result in body.results] == [200] * 10
    for searches in ([], [{"q": "колодки"}] * 11):
        answer = await application.client.post("/multi-search", json={"searches": searches})
        assert answer.status_code == 422


async def test_a_search_that_fails_leaves_the_others_alone(
    application: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = SearchPipeline.search

    async def search(self: SearchPipeline, request: SearchRequest) -> SearchAnswer:
        if request.text == "тяга":
            raise DatabaseUnavailableError("The database did not answer.")
        return await whole(self, request)

    monkeypatch.setattr(SearchPipeline, "search", search)
    body = await multi(application, {"searches": [{"q": "тяга"}, {"q": "колодки"}]})
    assert [result.status for result in body.results] == [503, 200]
    assert body.results[0].problem is not None
    assert body.results[0].problem.detail == "The database did not answer."
