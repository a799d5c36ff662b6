"""What an answer holds on demand: marks and fields; the product in full; how answers travel."""

from html import escape
from typing import Any

import pytest

from service.schemas import Hit, Problem, SearchResponse
from tests.service import RunningApplication


async def hits(application: RunningApplication, q: str, **parameters: str) -> list[dict[str, Any]]:
    answer = await application.client.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    SearchResponse.model_validate_json(answer.content, extra="forbid")
    found: list[dict[str, Any]] = answer.json()["hits"]
    assert found
    return found


async def refusal(application: RunningApplication, path: str, **parameters: str) -> str:
    answer = await application.client.get(path, params=parameters)
    assert answer.status_code == 422
    return Problem.model_validate_json(answer.content).detail


@pytest.mark.parametrize("q", ["колодки тормозные", "амотризатор", "nzuf", "kolodki", "klocki ham."])
async def test_every_hit_found_by_all_its_words_has_a_mark_in_a_name(application: RunningApplication, q: str) -> None:
    for hit in await hits(application, q, highlight="true"):
        names = [text for text in hit["highlights"]["names"].values() if text]
        if hit["match"] in ("all_words", "respelled"):
            assert any("<em>" in text for text in names), hit
        for language, text in hit["highlights"]["names"].items():
            plain = hit["names"][language]
            assert (text and text.replace("<em>", "").replace("</em>", "")) == (plain and escape(plain))


async def test_a_part_number_is_marked_as_it_is_displayed(application: RunningApplication) -> None:
    number = next(
        hit["main_original_number"]
        for hit in await hits(application, "колодки", limit="50")
        if "." in (hit["main_original_number"] or "")
    )
    typed = "".join(character for character in number if character.isalnum())
    for hit in await hits(application, typed, highlight="true", highlight_pre_tag="[[", highlight_post_tag="]]"):
        if hit["match"] == "code":
            assert hit["highlights"]["matched_number"] == f"[[{hit['reasons'][0]['matched']}]]"
            texts = [hit["highlights"]["main_original_number"], *hit["highlights"]["original_numbers"]]
            assert any(text and text.startswith("[[") for text in texts)


async def test_marks_come_only_when_asked_for(application: RunningApplication) -> None:
    assert all(hit["highlights"] is None for hit in await hits(application, "колодки"))


@pytest.mark.parametrize(
    "tag", ["<script>", "<img src=x onerror=y>", '<em onclick="x">', "<em>\n", "<em", "é", "x" * 61, "", "&lt;"]
)
async def test_a_tag_that_could_be_foreign_markup_is_refused(application: RunningApplication, tag: str) -> None:
    assert "highlight_pre_tag" in await refusal(application, "/search", q="тяга", highlight_pre_tag=tag)


async def test_only_the_fields_asked_for_come(application: RunningApplication) -> None:
    found = await hits(application, "колодки", fields="price, product_id,name")
    assert all(list(hit) == ["price", "product_id", "name"] for hit in found)
    found = await hits(application, "колодки", fields="product_id", highlight="true", explain="true")
    assert all(set(hit) == {"product_id", "explain", "highlights"} for hit in found)
    whole = await hits(application, "колодки", fields=",".join(Hit.model_fields))
    assert whole == await hits(application, "колодки")


@pytest.mark.parametrize("fields", ["product_id,colour", "", ",", "PRICE"])
async def test_an_unknown_field_is_named_with_those_there_are(application: RunningApplication, fields: str) -> None:
    detail = await refusal(application, "/search", q="тяга", fields=fields)
    assert "there are: product_id, vendor_code" in detail
    assert "colour" not in fields or "'colour'" in detail
