"""``GET /products/{id}/analogues``, and the analogues beside the hits of a part number, on a real catalogue."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from service.schemas import Analogue, AnaloguesResponse, SearchResponse
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

VENDOR_CODE, MAIN_NUMBER, NUMBER = range(3)


@pytest_asyncio.fixture(loop_scope="session")
async def own(catalogue: Catalogue, catalogue_database: str) -> AsyncIterator[RunningApplication]:
    """The application on a database of this test's own, in which no product has an analogue or a number yet."""
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        await run(running, "update staging_marts.dim_product_search set analogue_product_ids = '{}'")
        await run(running, "delete from staging_marts.product_code")
        yield running


async def run(application: RunningApplication, statement: str, *arguments: Any) -> list[Any]:
    async with application.state.writing_pool.acquire() as connection:
        return list(await connection.fetch(statement, *arguments))


async def analogues(application: RunningApplication, product_id: int, **parameters: str | int) -> AnaloguesResponse:
    answer = await application.client.get(f"/products/{product_id}/analogues", params=parameters)
    assert answer.status_code == 200, answer.text
    return AnaloguesResponse.model_validate_json(answer.content, extra="forbid")


async def search(application: RunningApplication, q: str, **parameters: str | int) -> SearchResponse:
    answer = await application.client.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate_json(answer.content, extra="forbid")


async def products(application: RunningApplication, count: int) -> list[int]:
    """Return products, the least wanted first, none in stock, all for the same make."""
    rows = await run(
        application,
        """update staging_marts.dim_product_search as product
        set available_quantity = 0, popularity = place / 10000.0, car_brand_ids = '{1}'
        from (
            select product_id, row_number() over (order by product_id) as place
            from staging_marts.dim_product_search limit $1
        ) as first
        where product.product_id = first.product_id
        returning product.product_id""",
        count,
    )
    return sorted(row["product_id"] for row in rows)


async def declare(application: RunningApplication, product_id: int, *others: int) -> None:
    await run(
        application,
        "update staging_marts.dim_product_search set analogue_product_ids = $2::bigint[] where product_id = $1",
        product_id,
        list(others),
    )


async def number(application: RunningApplication, code: str, kind: int, *product_ids: int, shown: str = "") -> None:
    await run(
        application,
        """insert into staging_marts.product_code (product_id, code_normalised, code_display, kind, static_quality)
        select unnest($1::bigint[]), $2, $3, $4, 0.5""",
        list(product_ids),
        code,
        shown or code,
        kind,
    )


def reasons(found: Analogue) -> list[tuple[str, str | None]]:
    return [(reason.kind, reason.number) for reason in found.reasons]


def ids(found: Sequence[Analogue]) -> list[int]:
    return [each.product_id for each in found]


async def test_declared_pairs_of_the_catalogue_count_in_both_directions(application: RunningApplication) -> None:
    rows = await run(
        application,
        """select product_id, analogue_product_ids from staging_marts.dim_product_search
        where cardinality(analogue_product_ids) > 0 order by product_id limit 5""",
    )
    assert rows
    for row in rows:
        for other in row["analogue_product_ids"]:
            found = {each.product_id: each for each in (await analogues(application, other, limit=50)).hits}
            assert ("declared", None) in reasons(found[row["product_id"]])
            assert found[row["product_id"]].replaces == other


async def test_each_kind_of_reason(own: RunningApplication) -> None:
    asked, pair, shares, original, copy, stranger = await products(own, 6)
    await declare(own, asked, pair)
    await number(own, "SEM14321", VENDOR_CODE, asked, shown="SEM 14321")
    await number(own, "81432206012", MAIN_NUMBER, asked, shown="81.43220-6012")
    await number(own, "81432206012", NUMBER, shares, pair, shown="81432206012")
    await number(own, "5010260600", NUMBER, asked, shown="50 10 260 600")
    await number(own, "5010260600", VENDOR_CODE, original)
    await number(own, "SEM14321", NUMBER, copy)
    await number(own, "81432206013", NUMBER, stranger)
    body = await analogues(own, asked)
    assert {each.product_id: reasons(each) for each in body.hits} == {
        pair: [("declared", None), ("shared_number", "81.43220-6012")],
        shares: [("shared_number", "81.43220-6012")],
        original: [("vendor_code_is_original_number", "50 10 260 600")],
        copy: [("vendor_code_is_original_number", "SEM 14321")],
    }
    assert (body.total, body.total_is_exact) == (4, True)


async def test_a_product_comes_once_with_all_its_numbers(own: RunningApplication) -> None:
    asked, other = await products(own, 2)
    for kind in (MAIN_NUMBER, NUMBER):
        await number(own, "A1111", kind, asked, other)
    await number(own, "B2222", NUMBER, asked, other)
    body = await analogues(own, asked)
    assert [reasons(each) for each in body.hits] == [[("shared_number", "A1111"), ("shared_number", "B2222")]]


async def test_the_order(own: RunningApplication) -> None:
    asked, both, declared, shares, stocked, wrong_make = await products(own, 6)
    await declare(own, asked, both, declared)
    await number(own, "81432206012", NUMBER, asked, both, shares, stocked, wrong_make)
    await run(
        own,
        "update staging_marts.dim_product_search set available_quantity = 5 where product_id = any($1::bigint[])",
        [stocked, wrong_make],
    )
    await run(
        own, "update staging_marts.dim_product_search set car_brand_ids = '{2}' where product_id = $1", wrong_make
    )
    body = await analogues(own, asked)
    # in stock before wanted (shares is in more demand than declared), digits of another make last
    assert ids(body.hits) == [both, stocked, shares, declared, wrong_make]
    assert [each.other_make for each in body.hits] == [False, False, False, False, True]
    assert ids((await analogues(own, asked, available="true")).hits) == [stocked, wrong_make]
    first = await analogues(own, asked, limit=2)
    assert (ids(first.hits), first.total) == ([both, stocked], 5)


@pytest.mark.parametrize("junk", ["0000", "111111", "ABC", "OEM", "БЕЗНОМЕРА", "12"])
async def test_a_number_that_says_nothing_makes_no_analogues(own: RunningApplication, junk: str) -> None:
    asked, *others = await products(own, 5)
    await number(own, junk, NUMBER, asked, *others)
    body = await analogues(own, asked)
    assert (body.hits, body.total, body.total_is_exact) == ([], 0, True)


async def test_a_number_that_too_many_share_makes_no_analogues(own: RunningApplication) -> None:
    asked, *others = await products(own, 300)
    await number(own, "12345", NUMBER, asked, *others)
    await number(own, "81432206012", NUMBER, asked, *others[:100])
    body = await analogues(own, asked, limit=50)
    assert (body.total, len(body.hits)) == (100, 50)
    assert all(reasons(each) == [("shared_number", "81432206012")] for each in body.hits)


async def test_very_many_analogues_are_a_lower_limit(own: RunningApplication) -> None:
    asked, *others = await products(own, 1_100)
    await declare(own, asked, *others)
    body = await analogues(own, asked)
    assert (body.total, body.total_is_exact) == (500, False)


async def test_a_gone_analogue_is_not_shown(own: RunningApplication) -> None:
    asked, other = await products(own, 2)
    await declare(own, asked, other, 999_999_999)
    body = await analogues(own, asked)
    assert (ids(body.hits), body.total) == ([other], 1)


async def test_a_part_number_brings_the_analogues_of_its_product_apart(own: RunningApplication) -> None:
    asked, pair, stocked, prefix, wrong_make = await products(own, 5)
    await declare(own, asked, pair, stocked)
    await number(own, "SEM14321", VENDOR_CODE, asked)
    await number(own, "SEM143210", VENDOR_CODE, prefix)
    await number(own, "81432206012", NUMBER, asked, wrong_make)
    await run(own, "update staging_marts.dim_product_search set available_quantity = 5 where product_id = $1", stocked)
    await run(
        own, "update staging_marts.dim_product_search set car_brand_ids = '{2}' where product_id = $1", wrong_make
    )
    body = await search(own, "sem-14321")
    assert [hit.product_id for hit in body.hits] == [asked, prefix]
    assert body.total == 2
    assert [(each.product_id, each.replaces) for each in body.analogues] == [(stocked, asked), (pair, asked)]
    assert ids((await search(own, "sem-14321", available="false")).analogues) == [pair]
    assert (await search(own, "sem-14321", offset=1)).analogues == []
    assert (await search(own, "SEM1432")).analogues == []


async def test_a_part_that_the_filters_hide_is_replaced_too(own: RunningApplication) -> None:
    asked, pair, stocked = await products(own, 3)
    await declare(own, asked, pair, stocked)
    await number(own, "SEM14321", VENDOR_CODE, asked)
    await run(own, "update staging_marts.dim_product_search set available_quantity = 5 where product_id = $1", stocked)
    body = await search(own, "SEM 14321", available="true")
    assert body.hits == []
    assert [(each.product_id, each.replaces) for each in body.analogues] == [(stocked, asked)]
    assert (await search(own, "SEM143", available="true")).analogues == []
    assert (await search(own, "SEM 14322", available="true")).analogues == []


async def test_what_has_the_number_itself_is_a_hit_and_no_analogue(own: RunningApplication) -> None:
    first, second, third = await products(own, 3)
    await declare(own, first, second, third)
    await number(own, "81432206012", NUMBER, first, second)
    body = await search(own, "81.43220-6012")
    assert {hit.product_id for hit in body.hits} == {first, second}
    assert [(each.product_id, each.replaces) for each in body.analogues] == [(third, first)]


async def test_no_more_than_ten_beside_the_hits(own: RunningApplication) -> None:
    asked, *others = await products(own, 40)
    await declare(own, asked, *others)
    await number(own, "SEM14321", VENDOR_CODE, asked)
    assert len((await search(own, "SEM14321")).analogues) == 10


async def test_analogues_that_fail_cost_the_answer_nothing_else(
    own: RunningApplication, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (asked,) = await products(own, 1)
    await number(own, "SEM14321", VENDOR_CODE, asked)

    async def fail(*_arguments: object, **_more: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("service.search.pipeline.load_analogues", fail)
    body = await search(own, "SEM14321")
    assert [hit.product_id for hit in body.hits] == [asked]
    assert (body.analogues, body.degraded) == ([], True)
    assert "analogues could not be looked up" in caplog.text


async def test_words_bring_no_analogues(application: RunningApplication) -> None:
    assert (await search(application, "колодки")).analogues == []
