"""What an answer holds on demand: marks and fields; the product in full; how answers travel."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html import escape
from typing import Any

import asyncpg
import pytest

from cordsearch.errors import DatabaseUnavailableError
from service.answers.list_names import ListNames
from service.answers.product import load_product, product_answer
from service.answers.schemas import ProductResponse
from service.schemas import Hit, Problem, SearchResponse
from service.search.rows import Connection, Row
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
    found = await hits(application, "колодки", fields="product_id", group="true")
    assert all({"product_id", "group"} >= set(hit) for hit in found)
    assert any("group" in hit for hit in found)
    whole = await hits(application, "колодки", fields=",".join(Hit.model_fields))
    assert whole == await hits(application, "колодки")


@pytest.mark.parametrize("fields", ["product_id,colour", "", ",", "PRICE"])
async def test_an_unknown_field_is_named_with_those_there_are(application: RunningApplication, fields: str) -> None:
    detail = await refusal(application, "/search", q="тяга", fields=fields)
    assert "there are: product_id, vendor_code" in detail
    assert "colour" not in fields or "'colour'" in detail


async def whole(application: RunningApplication, product_id: int, **parameters: str) -> dict[str, Any]:
    answer = await application.client.get(f"/products/{product_id}", params=parameters)
    assert answer.status_code == 200, answer.text
    ProductResponse.model_validate_json(answer.content, extra="forbid")
    body: dict[str, Any] = answer.json()
    return body


async def test_a_product_in_full_is_the_one_of_the_lists(application: RunningApplication) -> None:
    for hit in await hits(application, "колодки", limit="30"):
        body = await whole(application, hit["product_id"])
        for name in ("vendor_code", "names", "name", "main_original_number", "price", "available", "image_url"):
            assert body[name] == hit[name]
        assert body["original_numbers"][:5] == hit["original_numbers"]
        assert sum(each["quantity"] for each in body["stock"]) == pytest.approx(body["available_quantity"])
        assert all(each["name"] for each in (*body["stock"], *body["prices"], *body["categories"]))
        if body["price"] is not None:
            assert body["price"] in [each["price"] for each in body["prices"]]
        assert body["images"][:1] == ([body["image_url"]] if body["image_url"] else [])


async def test_every_image_of_a_product_is_there(application: RunningApplication) -> None:
    async with application.state.pool.acquire() as connection:
        row = await connection.fetchrow(
            "select product_id, image_count from staging_marts.dim_product order by image_count desc limit 1"
        )
    assert row["image_count"] > 1
    assert len((await whole(application, row["product_id"]))["images"]) == row["image_count"]


class Without:
    """A pool whose connections cannot read ``schema``."""

    def __init__(self, application: RunningApplication, schema: str) -> None:
        self._pool, self._schema = application.state.pool, schema

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        schema = self._schema
        async with self._pool.acquire() as connection:

            class Limited:
                async def fetch(self, query: str, *arguments: object) -> Sequence[Row]:
                    if schema in query:
                        raise asyncpg.UndefinedTableError(f"{schema} does not exist")
                    found: Sequence[Row] = await connection.fetch(query, *arguments)
                    return found

            yield Limited()


async def test_a_product_without_its_images_and_names_is_still_a_product(application: RunningApplication) -> None:
    product_id = (await hits(application, "колодки", available="true"))[0]["product_id"]
    names = ListNames(Without(application, "staging_staging"))
    card = await load_product(Without(application, "staging_intermediate"), names, product_id)
    assert card is not None
    body, known = product_answer(card, "uk"), await whole(application, product_id)
    for kind in ("stock", "prices"):
        assert all(each["name"] is None for each in body[kind])
        assert {tuple(each.values())[::2] for each in body[kind]} == {tuple(each.values())[::2] for each in known[kind]}
    assert body["images"] == known["images"][:1]
    with pytest.raises(DatabaseUnavailableError):
        await load_product(Without(application, "staging_marts"), names, product_id)


async def test_there_is_no_such_product(application: RunningApplication) -> None:
    answer = await application.client.get("/products/999999999")
    assert answer.status_code == 404
    assert "999999999" in Problem.model_validate_json(answer.content).detail
    assert "cache-control" not in answer.headers or "no-store" in answer.headers["cache-control"]
    assert "product_id" in await refusal(application, "/products/0")
    assert "product_id" in await refusal(application, "/products/none")


async def test_only_the_fields_of_a_product_asked_for_come(application: RunningApplication) -> None:
    answer = await application.client.get("/products/7", params={"fields": "product_id,names"})
    assert list(answer.json()) == ["product_id", "names"]
    assert "there are: product_id" in await refusal(application, "/products/7", fields="color")


@pytest.mark.parametrize(
    "path", ["/products/7", "/products/7/similar", "/products/7/analogues", "/autocomplete?q=колод"]
)
async def test_an_answer_the_client_has_is_not_sent_again(application: RunningApplication, path: str) -> None:
    first = await application.client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "private, max-age=10"
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await application.client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await application.client.get(path, headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200
