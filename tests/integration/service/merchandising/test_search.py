"""What rules do to searches, through the second application, which hears of them from the first."""

from collections.abc import Callable
from typing import Any

import pytest

from cordsearch.database import connect
from service.schemas import SearchResponse
from tests.service import RunningApplication

Json = dict[str, Any]
Decide = Callable[..., Any]
LONG_AGO, FAR_AHEAD = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


async def search(shop: RunningApplication, q: str, **parameters: str | int | bool) -> SearchResponse:
    answer = await shop.client.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate_json(answer.content)


async def found(shop: RunningApplication, q: str, **parameters: str | int | bool) -> list[int]:
    return [hit.product_id for hit in (await search(shop, q, **parameters)).hits]


def query_rule(*queries: str, pins: dict[int, int] | None = None, hides: tuple[int, ...] = (), **more: str) -> Json:
    wanted = [{"product_id": product, "position": position} for product, position in (pins or {}).items()]
    return {"kind": "query", "queries": queries, "pins": wanted, "hides": hides} | more


async def test_pins_take_their_places_on_every_page(shop: RunningApplication, decide: Decide) -> None:
    plain = await found(shop, "колодки", limit=100)
    stranger = (await found(shop, "радіатор"))[0]
    assert stranger not in plain
    rule = await decide(**query_rule("колодка", pins={plain[-2]: 1, stranger: 3, plain[5]: 12}))
    expected = [each for each in plain if each not in (plain[-2], plain[5])]
    for position, product in ((1, plain[-2]), (3, stranger), (12, plain[5])):
        expected.insert(position - 1, product)
    assert await found(shop, "колодки", limit=100) == expected
    pages = [await found(shop, "КОЛОДКИ", limit=7, offset=offset) for offset in range(0, len(expected) + 7, 7)]
    assert [product for page in pages for product in page] == expected
    assert (await search(shop, "колодки")).total == len(expected)

    answer = await search(shop, "колодки", limit=20, explain=True)
    assert [hit.product_id for hit in answer.hits if hit.pinned] == [plain[-2], stranger, plain[5]]
    assert (answer.hits[2].match, answer.hits[2].reasons) == ("pinned", [])
    assert [(each.rule_id, each.kind) for each in answer.rules or ()] == [(rule.id, "query")]
    for hit in answer.hits:
        assert hit.explain is not None
        assert sum(hit.explain.contributions.values()) == pytest.approx(hit.score, abs=1e-3)


async def test_a_pin_is_for_its_query_and_respects_the_filters(
    shop: RunningApplication, decide: Decide, shop_url: str
) -> None:
    with connect(shop_url) as connection:
        row = connection.execute(
            "select max(product_id) from staging_marts.dim_product_search where coalesce(available_quantity, 0) = 0"
        ).fetchone()
    assert row is not None
    await decide(**query_rule("колодки", pins={row[0]: 1}))
    assert (await found(shop, "колодки"))[0] == row[0]
    assert row[0] not in await found(shop, "колодки", available=True)
    assert (await found(shop, "колодки", available=False))[0] == row[0]
    assert row[0] not in await found(shop, "колодки передні")


async def test_another_order_and_pages_by_cursor(shop: RunningApplication, decide: Decide) -> None:
    plain = await found(shop, "колодки", limit=100)
    by_price = await found(shop, "колодки", limit=100, sort="price_asc")
    stranger = (await found(shop, "радіатор"))[0]
    await decide(**query_rule("колодки", pins={stranger: 9, plain[12]: 2}))
    sorted_now = await search(shop, "колодки", limit=100, sort="price_asc")
    assert [hit.product_id for hit in sorted_now.hits] == by_price
    assert not any(hit.pinned for hit in sorted_now.hits)

    expected = await found(shop, "колодки", limit=100)
    assert (expected[1], expected[8]) == (plain[12], stranger)
    pages: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await search(shop, "колодки", limit=5, **({"cursor": cursor} if cursor else {}))
        pages += [hit.product_id for hit in page.hits]
        cursor = page.next_cursor
    assert pages == expected


async def test_a_rule_counts_between_its_dates(shop: RunningApplication, decide: Decide) -> None:
    plain = await found(shop, "колодки", limit=100)
    product = plain[-1]
    await decide(**query_rule("колодки", pins={product: 1}, ends_at=LONG_AGO))
    await decide(**query_rule("колодки", pins={product: 2}, starts_at=FAR_AHEAD))
    assert await found(shop, "колодки", limit=100) == plain
    await decide(**query_rule("колодки", pins={product: 3}, starts_at=LONG_AGO, ends_at=FAR_AHEAD))
    assert (await found(shop, "колодки"))[2] == product


async def test_a_pin_of_a_deleted_product_is_skipped_and_told(
    shop: RunningApplication, decide: Decide, shop_url: str
) -> None:
    plain = await found(shop, "радіатор")
    with connect(shop_url) as connection:
        row = connection.execute("select max(product_id) from staging_marts.dim_product_search").fetchone()
        assert row is not None
    rule = await decide(**query_rule("радіатор", pins={row[0]: 1, plain[3]: 2}))
    assert (await found(shop, "радіатор"))[:2] == [row[0], plain[3]]
    with connect(shop_url) as connection:
        connection.execute("delete from staging_marts.dim_product_search where product_id = %s", row)
    assert (await found(shop, "радіатор"))[:2] == [plain[0], plain[3]]
    told = (await shop.client.get(f"/admin/rules/{rule.id}")).json()
    assert told["not_in_catalogue"] == [row[0]]


async def test_hidden_products_leave_hits_total_and_deeper_pages(shop: RunningApplication, decide: Decide) -> None:
    before = await search(shop, "радіатор", limit=100)
    hidden = [before.hits[0].product_id, before.hits[7].product_id]
    await decide(**query_rule("радіатори", hides=tuple(hidden)))
    after = await search(shop, "радіатор", limit=100)
    kept = {hit.product_id for hit in before.hits if hit.match == "all_words"} - set(hidden)
    assert kept <= {hit.product_id for hit in after.hits}
    assert not set(hidden) & {hit.product_id for hit in after.hits}
    assert not set(hidden) & set(await found(shop, "радіатор", limit=100, offset=50))
    fulltext = {each.name: each.candidates for each in before.retrievers}["fulltext"]
    assert {each.name: each.candidates for each in after.retrievers}["fulltext"] == fulltext - 2
    assert hidden[0] in await found(shop, "радіатор daf", limit=100) or hidden[0] in await found(shop, "радіатор води")


async def test_hidden_products_are_no_analogues_either(shop: RunningApplication, decide: Decide, shop_url: str) -> None:
    with connect(shop_url) as connection:
        row = connection.execute(
            """update staging_marts.dim_product_search as product
            set analogue_product_ids = array[other.product_id]
            from staging_marts.product_code as code,
                (select max(product_id) as product_id from staging_marts.dim_product_search) as other
            where code.product_id = product.product_id and code.kind = 0 and product.product_id = (
                select min(product_id) from staging_marts.product_code where kind = 0 and code_normalised ~ '[0-9]{3}'
            )
            returning code.code_normalised, other.product_id"""
        ).fetchone()
    assert row is not None
    code, analogue = row
    assert analogue in {each.product_id for each in (await search(shop, code)).analogues}
    await decide(**query_rule(code, hides=(analogue,)))
    assert analogue not in {each.product_id for each in (await search(shop, code)).analogues}


async def test_a_boost_lifts_its_products_and_explains_itself(shop: RunningApplication, decide: Decide) -> None:
    before = await search(shop, "колодки", limit=30)
    supplier = str(before.hits[-1].vendor_code)[:4]
    rule = await decide(kind="boost", products={"supplier": supplier}, addition=0.5)
    after = await search(shop, "колодки", limit=30, explain=True)
    scores = {hit.product_id: hit.score for hit in before.hits}
    boosted = [hit for hit in after.hits if (hit.vendor_code or "").upper().startswith(supplier.upper())]
    assert boosted
    assert {hit.product_id for hit in boosted} >= {before.hits[-1].product_id}
    for hit in after.hits:
        assert hit.explain is not None
        assert sum(hit.explain.contributions.values()) == pytest.approx(hit.score, abs=1e-3)
        assert [each.rule_id for each in hit.explain.boosts] == ([rule.id] if hit in boosted else [])
        if hit.product_id in scores:
            assert hit.score == pytest.approx(scores[hit.product_id] + (0.5 if hit in boosted else 0), abs=1e-3)
    assert [hit.score for hit in after.hits] == sorted((hit.score for hit in after.hits), reverse=True)


@pytest.mark.parametrize("field", ["category_ids", "group_ids", "car_brand_ids", "product_ids"])
async def test_a_boost_is_for_what_it_names(
    shop: RunningApplication, decide: Decide, shop_url: str, field: str
) -> None:
    column = f"unnest({field})" if field != "product_ids" else "product_id"
    with connect(shop_url) as connection:
        row = connection.execute(
            f"select {column} as wanted, count(*) from staging_marts.dim_product_search"
            " group by wanted order by count(*), wanted"
        ).fetchone()
    assert row is not None
    rule = await decide(kind="boost", products={field: [row[0]]}, addition=0.5)
    boosts = shop.state.rules.current.boosts
    assert [(each.rule_id, len(each.products)) for each in boosts.all] == [(rule.id, row[1])]


async def test_synonyms_find_what_the_catalogue_calls_otherwise(shop: RunningApplication, decide: Decide) -> None:
    meant = await found(shop, "радіатор")
    assert (await search(shop, "теплообмінюватор")).hits[0].product_id not in meant[:5]
    rule = await decide(kind="synonyms", words=["теплообмінюватор", "радіатор"])
    answer = await search(shop, "теплообмінюватори", explain=True)
    assert set(meant[:5]) & {hit.product_id for hit in answer.hits}
    assert all(hit.match == "all_words" for hit in answer.hits[:3])
    assert answer.corrections == []
    assert [(each.rule_id, each.kind) for each in answer.rules or ()] == [(rule.id, "synonyms")]
    assert (await search(shop, "радіатор")).rules is None


async def test_a_rule_for_one_language_is_for_searches_in_it(shop: RunningApplication, decide: Decide) -> None:
    await decide(kind="stop_words", words=["будьласка"], language="uk")
    answers = [await search(shop, "будьласка колодки", language=language, explain=True) for language in ("uk", "pl")]
    assert [len(answer.rules or ()) for answer in answers] == [1, 0]
    assert [hit.product_id for hit in answers[0].hits] == await found(shop, "колодки", language="uk")
    assert answers[0].relaxed is None
    assert answers[1].relaxed is not None
