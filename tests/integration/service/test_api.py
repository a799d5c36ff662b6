"""The HTTP interface on a real catalogue: answers, bounds and errors."""

from typing import Any

import pytest
from httpx import Response

from service.access.answer_headers import PAGE_POLICY
from service.schemas import AutocompleteResponse, Problem, Readiness, SearchResponse
from tests.service import RunningApplication


async def search(application: RunningApplication, q: str, **parameters: str | int) -> dict[str, Any]:
    answer = await application.client.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def problem(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    document = Problem.model_validate_json(answer.content)
    assert document.status == status
    return document.detail


@pytest.mark.parametrize(
    "q",
    ["SEM1", "81432206012", "тормозні колодки", "амотризатор", "nzuf", "фільтр масляний daf xf 105", "309x242", "ъъъ"],
)
@pytest.mark.parametrize("explain", ["true", "false"])
async def test_every_answer_has_the_published_shape(application: RunningApplication, q: str, explain: str) -> None:
    answer = await application.client.get("/search", params={"q": q, "explain": explain})
    assert answer.headers["content-type"] == "application/json"
    body = SearchResponse.model_validate_json(answer.content, extra="forbid")
    assert body.query == q
    assert all((hit.explain is not None) == (explain == "true") for hit in body.hits)
    assert not body.degraded


@pytest.mark.parametrize("language", ["uk", "ru", "pl", "en"])
async def test_names_come_in_the_language_asked_for(application: RunningApplication, language: str) -> None:
    body = await search(application, "амортизатор", language=language)
    assert body["language"] == language
    for hit in body["hits"]:
        own = hit["names"].get(language)
        if own and any(character.isalpha() for character in own):
            assert (hit["name"], hit["name_language"]) == (own, language)
        else:
            assert hit["name"] in hit["names"].values()


async def test_pages_do_not_overlap_and_keep_the_order(application: RunningApplication) -> None:
    whole = [hit["product_id"] for hit in (await search(application, "колодки", limit=30))["hits"]]
    pages = [await search(application, "колодки", limit=10, offset=offset) for offset in (0, 10, 20)]
    assert [hit["product_id"] for page in pages for hit in page["hits"]] == whole
    assert len(set(whole)) == len(whole)


async def test_an_offset_beyond_the_end_is_an_empty_page(application: RunningApplication) -> None:
    body = await search(application, "81.43220-6012", offset=1000)
    assert body["hits"] == []
    assert body["total"] > 0


async def test_supplier_is_a_vendor_code_prefix_in_any_case(application: RunningApplication) -> None:
    body = await search(application, "колодки", supplier=" sem-")
    assert body["hits"]
    assert all(hit["vendor_code"].upper().startswith("SEM") for hit in body["hits"])


async def test_stock_filter(application: RunningApplication) -> None:
    for wanted in ("true", "false"):
        hits = (await search(application, "колодки", available=wanted))["hits"]
        assert hits
        assert all(hit["available"] is (wanted == "true") for hit in hits)
        assert all((hit["available_quantity"] > 0) is hit["available"] for hit in hits)


async def test_words_are_taken_as_typed_on_demand(application: RunningApplication) -> None:
    assert (await search(application, "nzuf"))["corrections"]
    assert (await search(application, "nzuf", correct="false"))["corrections"] == []


async def test_outer_blanks_do_not_count(application: RunningApplication) -> None:
    assert (await search(application, "  тяга  "))["query"] == "тяга"
    assert (await search(application, "тяга" + " " * 500))["query"] == "тяга"


@pytest.mark.parametrize("path", ["/search", "/autocomplete"])
@pytest.mark.parametrize(
    ("parameters", "cause"),
    [
        ({}, "q"),
        ({"q": ""}, "empty"),
        ({"q": "   "}, "empty"),
        ({"q": "а" * 10_000}, "10000 characters"),
        ({"q": "а" * 201}, "201 characters"),
        ({"q": "тя\x00га"}, "NUL"),
        ({"q": "тяга", "limit": "-1"}, "limit"),
        ({"q": "тяга", "limit": "0"}, "limit"),
        ({"q": "тяга", "limit": "101"}, "limit"),
        ({"q": "тяга", "limit": "many"}, "limit"),
        ({"q": "тяга", "language": "de"}, "language"),
    ],
)
async def test_bad_input_is_named(
    application: RunningApplication, path: str, parameters: dict[str, str], cause: str
) -> None:
    assert cause in problem(await application.client.get(path, params=parameters), 422)


@pytest.mark.parametrize(
    ("parameters", "cause"),
    [
        ({"offset": "-1"}, "offset"),
        ({"offset": "1001"}, "offset"),
        ({"supplier": "S\x00"}, "NUL"),
        ({"supplier": "S" * 41}, "supplier"),
        ({"available": "maybe"}, "available"),
        ({"explain": "x"}, "explain"),
    ],
)
async def test_bad_search_parameters_are_named(
    application: RunningApplication, parameters: dict[str, str], cause: str
) -> None:
    assert cause in problem(await application.client.get("/search", params={"q": "тяга", **parameters}), 422)


async def test_bytes_that_are_no_text_are_no_crash(application: RunningApplication) -> None:
    answer = await application.client.get("/search?q=%ff%fe%ed%a0%80")
    assert answer.status_code in (200, 422)


async def test_unknown_paths_and_methods_are_problems_too(application: RunningApplication) -> None:
    problem(await application.client.get("/nowhere"), 404)
    problem(await application.client.delete("/search"), 405)


@pytest.mark.parametrize("q", ["колод", "ко", "SEM", "81.4", "ajy", "kolod", "амотриз", "фільтр мас", "''", "%", "🚚"])
async def test_autocomplete_has_the_published_shape(application: RunningApplication, q: str) -> None:
    answer = await application.client.get("/autocomplete", params={"q": q, "limit": 5})
    body = AutocompleteResponse.model_validate_json(answer.content, extra="forbid")
    assert len(body.suggestions) <= 5
    texts = [suggestion.text.casefold() for suggestion in body.suggestions]
    assert len(texts) == len(set(texts))


async def test_health_and_readiness(application: RunningApplication) -> None:
    assert (await application.client.get("/health")).json() == {"status": "ok"}
    ready = await application.client.get("/ready")
    assert ready.status_code == 200
    assert Readiness.model_validate_json(ready.content).checks == {
        "database": "ok",
        "catalogue": "ok",
        "encoder": "ok",
        "warm_up": "ok",
    }


async def test_the_page_is_served_with_its_headers(application: RunningApplication) -> None:
    page = await application.client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-security-policy"] == PAGE_POLICY
    for name in ("app.js", "style.css"):
        answer = await application.client.get(f"/{name}")
        assert answer.status_code == 200
        again = await application.client.get(f"/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_interface_description_is_served(application: RunningApplication) -> None:
    assert (await application.client.get("/openapi.json")).json()["info"]["title"] == "Cord Search"
