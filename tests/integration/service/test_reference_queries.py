"""What a person at a parts counter types must find what they mean."""

from typing import Any

import pytest

from tests.service import RunningApplication


async def hits(application: RunningApplication, q: str, **parameters: str | int) -> list[dict[str, Any]]:
    answer = await application.client.get("/search", params={"q": q, "limit": 10, **parameters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


async def corrections(application: RunningApplication, q: str) -> list[tuple[str, str, str]]:
    body = (await application.client.get("/search", params={"q": q})).json()
    return [(each["from"], each["to"], each["kind"]) for each in body["corrections"]]


def names(hit: dict[str, Any]) -> str:
    return " | ".join(name for name in hit["names"].values() if name).casefold()


@pytest.mark.parametrize("q", ["81.43220-6012", "81432206012", "81 43220 6012", "81-43220.6012", "81/43220/6012"])
async def test_an_original_number_in_any_punctuation(application: RunningApplication, q: str) -> None:
    found = await hits(application, q)
    assert found
    for hit in found:
        numbers = [hit["main_original_number"], *hit["original_numbers"]]
        assert "81.43220-6012" in numbers or "81432206012" in [
            number.replace(".", "").replace("-", "") for number in numbers if number
        ]
        assert hit["reasons"][0]["retriever"] == "code"


async def test_one_changed_digit_is_another_number(application: RunningApplication) -> None:
    exact = {hit["product_id"] for hit in await hits(application, "81432206012")}
    for neighbour in ("81432206013", "81432206112", "8143220601", "91432206012"):
        for hit in await hits(application, neighbour):
            reasons = [reason for reason in hit["reasons"] if reason["retriever"] == "code"]
            assert hit["product_id"] not in exact or all(reason["score"] < 1 for reason in reasons)


async def test_the_beginning_of_a_vendor_code(application: RunningApplication) -> None:
    found = await hits(application, "SEM1")
    assert found
    assert all(hit["vendor_code"].startswith("SEM1") for hit in found)


async def test_a_whole_vendor_code_comes_first(application: RunningApplication) -> None:
    for hit in await hits(application, "SEM1"):
        first = (await hits(application, hit["vendor_code"].lower()))[0]
        assert first["vendor_code"] == hit["vendor_code"]


@pytest.mark.parametrize(
    "q", ["тормозні колодки", "колодки тормозные", "гальмівні колодки", "колодки гальмівні", "klocki hamulcowe"]
)
async def test_brake_pads_before_brake_cylinders(application: RunningApplication, q: str) -> None:
    found = await hits(application, q)
    assert len(found) == 10
    for hit in found:
        assert "колодк" in names(hit) or "klock" in names(hit) or "szczęk" in names(hit), names(hit)
        assert "цилиндр" not in names(hit)


@pytest.mark.parametrize(
    ("q", "meant", "kind", "found_in"),
    [
        ("амотризатор", "амортизатор", "spelling", "амортизатор"),
        ("амортизатр", "амортизатор", "spelling", "амортизатор"),
        ("nzuf", "тяга", "keyboard_layout", "тяг"),
        ("rjkjlrb", "колодки", "keyboard_layout", "колодк"),
        ("kolodki", "колодки", "transliteration", "колодк"),
        ("даф", "daf", "transliteration", "daf"),
    ],
)
async def test_slips_are_corrected_and_said(
    application: RunningApplication, q: str, meant: str, kind: str, found_in: str
) -> None:
    assert await corrections(application, q) == [(q, meant, kind)]
    assert all(found_in in names(hit) for hit in (await hits(application, q))[:5])


@pytest.mark.parametrize("q", ["SEM1", "81432206012", "309x242", "тормозні колодки", "klocki hamulcowe", "daf xf 105"])
async def test_what_is_right_is_not_corrected(application: RunningApplication, q: str) -> None:
    assert await corrections(application, q) == []


@pytest.mark.parametrize("q", ["309x242", "309х242", "309*242", "309 x 242"])
async def test_a_size_in_any_spelling(application: RunningApplication, q: str) -> None:
    found = await hits(application, q)
    assert found
    assert {hit["product_id"] for hit in found} == {hit["product_id"] for hit in await hits(application, "309x242")}


@pytest.mark.parametrize("q", ["фільтр масляний daf xf 105", "фильтр масляный xf105", "filtr oleju daf xf105"])
async def test_a_part_for_a_vehicle(application: RunningApplication, q: str) -> None:
    first = names((await hits(application, q))[0])
    assert "фильтр масляный" in first or "фільтр масляний" in first or "filtr oleju" in first, first
    assert "xf105" in first.replace(" ", "")


@pytest.mark.parametrize("q", ["амортизатор", "амортизатори", "амортизаторов", "amortyzator", "amortyzatory"])
async def test_other_forms_and_languages_of_a_word(application: RunningApplication, q: str) -> None:
    for hit in (await hits(application, q))[:5]:
        assert "амортизатор" in names(hit) or "amortyzator" in names(hit)


async def test_every_product_is_found_by_its_own_codes(application: RunningApplication) -> None:
    async with application.state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select product_id, code_display from staging_marts.product_code"
            " where length(code_normalised) >= 5 and code_normalised ~ '[0-9]' order by md5(code_normalised) limit 60"
        )
    for row in rows:
        found = await hits(application, row["code_display"], limit=100)
        assert row["product_id"] in [hit["product_id"] for hit in found], row["code_display"]


async def test_autocomplete_offers_words_names_and_codes(application: RunningApplication) -> None:
    async def texts(q: str, kind: str) -> list[str]:
        answer = await application.client.get("/autocomplete", params={"q": q, "language": "ru"})
        return [each["text"].casefold() for each in answer.json()["suggestions"] if each["kind"] == kind]

    assert any(text.startswith("колодки тормозные") for text in await texts("колод", "name"))
    assert any(text.startswith("колодки") for text in await texts("kolod", "name"))
    assert any(text.startswith("колодки") for text in await texts("rjkjl", "name"))
    assert any(text.startswith("амортизатор") for text in await texts("амотриз", "name"))
    assert any(text.startswith("колодки тормозные") for text in await texts("колдки торм", "name"))
    assert any(text.startswith("brake") for text in await texts("brake p", "name"))
    assert any("daf" in text for text in await texts("фильтр да", "name"))
    assert all(text.startswith("sem1") for text in await texts("SEM1", "product"))
    assert all(text.startswith("sem1") for text in await texts("ыуь1", "product"))
    assert any(text.startswith("81.4") for text in [*await texts("814", "code"), *await texts("814", "product")])


async def test_a_part_number_of_one_product_is_offered_with_its_name(application: RunningApplication) -> None:
    offered = (await application.client.get("/autocomplete", params={"q": "SEM1", "language": "pl"})).json()
    products = [each for each in offered["suggestions"] if each["kind"] == "product"]
    assert products
    for each in products[:3]:
        first = (await hits(application, each["text"], language="pl"))[0]
        assert (first["product_id"], first["name"]) == (each["product_id"], each["detail"])


async def test_words_that_no_name_has_together_are_no_completion(application: RunningApplication) -> None:
    for q in ("фильтр м", "колодки т", "klocki h"):
        offered = (await application.client.get("/autocomplete", params={"q": q, "language": "ru"})).json()
        assert offered["suggestions"]
        assert {each["kind"] for each in offered["suggestions"]} == {"name"}
