"""Strict first: a search gives up only what it must, and says so."""

from typing import Any

import pytest

from service.search.pipeline import SearchAnswer, SearchRequest
from tests.service import RunningApplication

FEW = 20  # full-text matches below which a word is dropped
STRICT = {"code", "all_words"}


async def ask(application: RunningApplication, q: str) -> dict[str, Any]:
    answer = await application.client.get("/search", params={"q": q, "limit": 100})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def coverages(application: RunningApplication, q: str, retriever: str) -> list[float]:
    answer: SearchAnswer = await application.state.search.search(SearchRequest(q))
    return [each.coverage for run in answer.runs if run.name == retriever for each in run.retrieved.candidates]


@pytest.mark.parametrize("q", ["колодки", "фильтр", "амортизатор", "filtr", "тормозные колодки"])
async def test_nothing_is_given_up_where_enough_match_everything(application: RunningApplication, q: str) -> None:
    found = await coverages(application, q, "fulltext")
    assert len(found) >= FEW
    assert set(found) == {1.0}
    assert await coverages(application, q, "trigram") == []
    assert (await ask(application, q))["relaxed"] is None


@pytest.mark.parametrize("q", ["фільтр масляний daf xf105", "тяга рулевая scania", "колодки тормозные барабанные man"])
async def test_a_word_is_dropped_only_when_few_match_everything_and_after_those(
    application: RunningApplication, q: str
) -> None:
    found = await coverages(application, q, "fulltext")
    whole = sum(coverage == 1.0 for coverage in found)
    assert whole < min(FEW, len(found))
    assert found == sorted(found, reverse=True)


async def test_a_beginning_and_a_neighbour_stand_only_for_words_the_catalogue_does_not_have(
    application: RunningApplication,
) -> None:
    for q in ("колодки", "амортизатор задний", "klocki hamulcowe"):
        query = (await application.state.search.search(SearchRequest(q))).query
        assert {term.kind for term in query.terms} == {"word"}
    beginning = (await application.state.search.search(SearchRequest("амортиза"))).query
    assert [term.kind for term in beginning.terms] == ["prefix"]
    misspelt = (await application.state.search.search(SearchRequest("амотризатор"))).query
    assert [term.kind for term in misspelt.terms] == ["spelling"]


@pytest.mark.parametrize(
    ("q", "step"),
    [
        ("амортиза", "word_beginning"),
        ("амотризатор", "respelled"),
        ("SEM1", "code_beginning"),
        ("масляный гыгыгыгы фильтр", "some_words"),
    ],
)
async def test_what_was_given_up_is_said(application: RunningApplication, q: str, step: str) -> None:
    body = await ask(application, q)
    assert body["relaxed"]["steps"][0] == step
    assert {hit["match"] for hit in body["hits"]} == set(body["relaxed"]["steps"])


async def test_a_word_that_nothing_knows_is_named(application: RunningApplication) -> None:
    assert (await ask(application, "масляный гыгыгыгы фильтр"))["relaxed"]["left_out"] == ["гыгыгыгы"]


async def test_what_only_its_meaning_speaks_for_is_marked(application: RunningApplication) -> None:
    body = await ask(application, "масляный гыгыгыгы фильтр")
    for hit in body["hits"]:
        only_near = {reason["retriever"] for reason in hit["reasons"]} == {"vector"}
        assert (hit["match"] == "meaning") is only_near


async def test_a_strict_match_is_marked_as_one(application: RunningApplication) -> None:
    body = await ask(application, "колодки тормозные барабанные man")
    assert (body["relaxed"] is None) is any(hit["match"] in STRICT for hit in body["hits"])
    code = (await ask(application, "SEM1"))["hits"][0]["vendor_code"]
    assert (await ask(application, code))["hits"][0]["match"] == "code"


async def test_the_query_as_searched_is_said(application: RunningApplication) -> None:
    assert (await ask(application, "rjkjlrb амотризатор"))["showing_results_for"] == "колодки амортизатор"
    assert (await ask(application, "колодки"))["showing_results_for"] is None


async def test_a_far_commoner_word_is_proposed_not_searched(application: RunningApplication) -> None:
    vocabulary = application.state.vocabulary()
    async with application.state.pool.acquire() as connection:
        words = [row["word"] for row in await connection.fetch("select word from staging_marts.search_term")]
    doubted = {word: commoner for word in words if (commoner := vocabulary.commoner(word)) is not None}
    for word, commoner in list(doubted.items())[:3]:
        body = await ask(application, word)
        assert (body["did_you_mean"], body["corrections"]) in ((commoner, []), (None, []))
    assert (await ask(application, "колодки тормозные"))["did_you_mean"] is None
