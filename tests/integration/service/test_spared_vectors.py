"""Vectors are left alone where products with every word fill the list: docs/adr/0032."""

import pytest

from service.search.candidate import RetrieverRun
from service.search.filters import Filters
from service.search.pipeline import SearchAnswer, SearchPipeline, SearchRequest
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

MANY = ("колодки", "фильтр", "тормозные колодки", "амотризатор")
FEW = ("фільтр масляний daf xf105", "масляный гыгыгыгы фильтр", "тяга рулевая scania")
WANTED = 10


async def ask(application: RunningApplication, request: SearchRequest, **changes: object) -> SearchAnswer:
    state = application.state
    settings = state.settings.model_copy(update={"search_candidates": WANTED} | changes)
    return await SearchPipeline(state.pool, state.vocabulary, state.retrievers, settings).search(request)


def run_of(answer: SearchAnswer, name: str) -> RetrieverRun:
    return next(run for run in answer.runs if run.name == name)


@pytest.mark.parametrize("q", MANY)
async def test_a_full_list_spares_them(application: RunningApplication, q: str) -> None:
    answer = await ask(application, SearchRequest(q, limit=5))
    vector = run_of(answer, "vector")
    words = next(run for run in answer.runs if run.retrieved.is_filled)
    assert vector.status == "spared"
    assert not answer.degraded
    assert len(answer.hits) == 5
    nearness = [each.score for each in vector.retrieved.candidates]
    assert nearness == sorted(nearness, reverse=True)
    assert {each.product_id for each in vector.retrieved.candidates} <= {
        each.product_id for each in words.retrieved.candidates
    }
    assert all(each.closeness and each.closeness.similarity == each.score for each in vector.retrieved.candidates)


@pytest.mark.parametrize("q", FEW)
async def test_a_list_that_is_not_full_does_not(application: RunningApplication, q: str) -> None:
    answer = await ask(application, SearchRequest(q, limit=5))
    assert run_of(answer, "vector").status == "ok"


@pytest.mark.parametrize("q", MANY)
async def test_a_setting_always_asks_them(application: RunningApplication, q: str) -> None:
    answer = await ask(application, SearchRequest(q, limit=5), search_vectors="always")
    assert run_of(answer, "vector").status == "ok"


@pytest.mark.parametrize("q", MANY)
async def test_the_first_hits_match_every_word_either_way(application: RunningApplication, q: str) -> None:
    spared = await ask(application, SearchRequest(q, limit=5))
    asked = await ask(application, SearchRequest(q, limit=5), search_vectors="always")
    assert [hit.match for hit in spared.hits] == [hit.match for hit in asked.hits]
    assert spared.total_is_exact == asked.total_is_exact


async def test_a_deeper_page_needs_a_longer_list(application: RunningApplication) -> None:
    answer = await ask(application, SearchRequest("тормозные колодки", limit=100, offset=1_000))
    assert run_of(answer, "vector").status == "ok"


async def test_what_filters_hide_comes_by_neither_way(application: RunningApplication) -> None:
    for filters in (Filters(available=True), Filters(has_image=True)):
        spared = await ask(application, SearchRequest("колодки", limit=5, filters=filters))
        asked = await ask(application, SearchRequest("колодки", limit=5, filters=filters), search_vectors="always")
        for answer in (spared, asked):
            assert answer.hits
            assert all(hit.ranked.fused.signals.available for hit in answer.hits if filters.available)
            assert all(hit.ranked.fused.signals.has_image for hit in answer.hits if filters.has_image)


async def test_the_api_says_so(catalogue: Catalogue) -> None:
    settings = service_settings(catalogue, search_candidates=WANTED)
    async with running_application(settings, catalogue.warehouse_url) as application:
        body = (await application.client.get("/search", params={"q": "колодки", "limit": 5})).json()
    assert {run["name"]: run["status"] for run in body["retrievers"]} == {
        "code": "skipped",
        "fulltext": "ok",
        "trigram": "skipped",
        "vector": "spared",
    }
    assert not body["degraded"]
