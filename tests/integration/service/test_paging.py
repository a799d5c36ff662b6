"""Pages by cursor: nothing twice, nothing left out, in every order, while stock, prices and popularity change."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random
from typing import Any, get_args

import asyncpg
import pytest
import pytest_asyncio

from service.schemas import Hit, SearchResponse
from service.search.choices import SortOrder
from service.search.grouping import group, load_kinships
from service.search.query import understand
from service.search.tsquery import all_of
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

TEXT = "mercedes"
ORDERS: tuple[SortOrder, ...] = get_args(SortOrder)
MART = "staging_marts.dim_product_search"


async def search(application: RunningApplication, **parameters: Any) -> SearchResponse:
    answer = await application.client.get("/search", params={"q": TEXT, **parameters})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate_json(answer.content, extra="forbid")


async def walk(
    application: RunningApplication, *, limits: Callable[[], int] = lambda: 7, **parameters: Any
) -> AsyncIterator[SearchResponse]:
    """Yield every page."""
    cursor: dict[str, str] = {}
    for _ in range(200):
        page = await search(application, limit=limits(), **cursor, **parameters)
        yield page
        if page.next_cursor is None:
            return
        cursor = {"cursor": page.next_cursor}
    pytest.fail("the walk does not end")


def hits_of(page: SearchResponse) -> list[Hit]:
    return [hit for hit in page.hits if isinstance(hit, Hit)]


def ids_of(page: SearchResponse) -> list[int]:
    return [hit.product_id for hit in hits_of(page)]


def alphabetical(name: str) -> str:
    """What a Ukrainian name is sorted by."""
    folded = "".join(letter.lower() if letter.isascii() else letter for letter in name)
    return folded.translate(str.maketrans("ҐґЁёЄєІіЇї", "ГгЕеЕеИиИи"))


@dataclass(frozen=True)
class Changing:
    """An application on a warehouse of its own whose volatile columns change."""

    application: RunningApplication
    connection: asyncpg.Connection

    async def change(self, random: Random) -> None:
        """Give every third product another stock, price and popularity."""
        await self.connection.execute(
            f"update {MART} set available_quantity = case when random() < 0.5 then 0 else 5 end,"
            " price = (random() * 300)::numeric(10, 2), popularity = random()"
            f" where product_id % 3 = {random.randrange(3)}"
        )

    async def behind(self, leaders: Sequence[int], product_ids: Collection[int]) -> set[int]:
        """Return those of the products that are the same part as one of the leaders."""
        kinships = await load_kinships(self.connection, [*leaders, *product_ids])
        return {
            product_id
            for leader in leaders
            for product_id in product_ids
            if len(group([leader, product_id], kinships)) == 1
        }

    async def with_the_words(self, condition: str = "true") -> set[int]:
        query = understand(TEXT, self.application.state.vocabulary())
        statement = f"select product_id from {MART} where search_vector @@ $1::tsquery and {condition}"
        return {row["product_id"] for row in await self.connection.fetch(statement, all_of(query.terms))}


@pytest_asyncio.fixture(loop_scope="session")
async def changing(catalogue: Catalogue, catalogue_database: str) -> AsyncIterator[Changing]:
    connection = await asyncpg.connect(catalogue_database)
    try:
        settings = service_settings(catalogue, search_candidates=10)
        async with running_application(settings, catalogue_database) as running:
            yield Changing(running, connection)
    finally:
        await connection.close()


async def test_nothing_twice_and_nothing_left_out_whatever_changes(changing: Changing) -> None:
    with_the_words = await changing.with_the_words()
    assert len(with_the_words) > 100
    for order, grouped in product(ORDERS, (False, True)):
        random = Random(f"{order} {grouped}")
        shown: list[int] = []
        stood_for: set[int] = set()
        pages = walk(
            changing.application, limits=partial(random.randint, 1, 60), sort=order, group=str(grouped).lower()
        )
        async for page in pages:
            assert page.sort == order
            shown += ids_of(page)
            stood_for |= {product_id for hit in hits_of(page) if hit.group for product_id in hit.group.product_ids}
            await changing.change(random)
        assert len(shown) == len(set(shown)), (order, grouped)
        left_out = with_the_words - stood_for - {*shown}
        if grouped:  # found only after what they stand behind was shown
            left_out -= await changing.behind(shown, left_out)
        assert not left_out, (order, grouped)
        if order != "relevance":
            assert {*shown} <= with_the_words, (order, grouped)


async def test_what_passes_the_filter_all_the_time_is_shown_once(changing: Changing) -> None:
    steady = "product_id % 3 = 1"
    await changing.connection.execute(f"update {MART} set available_quantity = 9 where {steady}")
    shown: list[int] = []
    async for page in walk(changing.application, available="true"):
        shown += ids_of(page)
        await changing.connection.execute(
            f"update {MART} set available_quantity = case when random() < 0.5 then 0 else 5 end where not {steady}"
        )
    assert len(shown) == len(set(shown))
    assert await changing.with_the_words(steady) <= {*shown}


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("price_asc", lambda hit: (hit.price is None, hit.price)),
        ("price_desc", lambda hit: (hit.price is None, -(hit.price or 0))),
        (
            "name",
            lambda hit: alphabetical(hit.names.uk or hit.names.ru or hit.names.pl or ""),
        ),
    ],
)
async def test_an_order_is_kept_over_all_pages(
    application: RunningApplication, order: SortOrder, key: Callable[[Hit], Any]
) -> None:
    hits = [hit async for page in walk(application, sort=order, language="uk") for hit in hits_of(page)]
    keys = [key(hit) for hit in hits]
    if order == "name":  # every letter of these names is one that sorts by its number
        keys = [name for name in keys if all(letter.isalpha() or letter == " " for letter in name)]
    assert len(keys) > 20
    assert keys == sorted(keys)
    ties = [(key(hit), hit.product_id) for hit in hits]
    assert order == "name" or ties == sorted(ties)


async def test_newest_and_popular_come_first(application: RunningApplication) -> None:
    for order, column in (("newest", "created"), ("popularity", "popularity")):
        ids = ids_of(await search(application, sort=order, limit=50))
        async with application.state.pool.acquire() as connection:
            rows = await connection.fetch(
                f"select product_id, {column} as value from {MART} where product_id = any($1)", ids
            )
        values = {row["product_id"]: row["value"] for row in rows}
        assert [values[product_id] for product_id in ids] == sorted(values.values(), reverse=True)


async def test_an_order_takes_in_more_than_the_candidates(application: RunningApplication) -> None:
    body = await search(application, sort="price_asc", limit=1)
    assert body.total_is_exact
    assert body.total > 100
    for hit in hits_of(body):
        assert hit.match == "all_words"
        assert hit.reasons


@pytest.mark.parametrize("q", ["81.4", "klotz bremse", "тормзные колодки", "SEM"])
async def test_every_kind_of_query_can_be_sorted(application: RunningApplication, q: str) -> None:
    ranked = await search(application, q=q, limit=100)
    body = await search(application, q=q, sort="price_asc", limit=100)
    assert body.hits
    prices = [hit.price for hit in hits_of(body) if hit.price is not None]
    assert prices == sorted(prices)
    assert body.sort == "price_asc"
    assert body.total <= ranked.total


async def test_pages_by_cursor_are_pages_by_offset_when_nothing_changes(application: RunningApplication) -> None:
    for sort in ("relevance", "price_asc"):
        whole = ids_of(await search(application, sort=sort, limit=60))
        pages = [page async for page in walk(application, sort=sort, limits=lambda: 20)][:3]
        assert [product_id for page in pages for product_id in ids_of(page)] == whole
        after = await search(application, sort=sort, limit=20, offset=20)
        assert after.next_cursor is not None
        assert ids_of(await search(application, sort=sort, limit=20, cursor=after.next_cursor)) == whole[40:]


async def test_a_group_holds_what_is_the_same_part(application: RunningApplication) -> None:
    plain = await search(application, limit=100)
    assert all(hit.group is None for hit in hits_of(plain))
    grouped = hits_of(await search(application, limit=100, group="true"))
    several = [hit for hit in grouped if hit.group and hit.group.count > 1]
    assert several
    seen: list[int] = []
    for hit in grouped:
        assert hit.group is not None
        assert hit.group.product_ids[0] == hit.product_id
        assert hit.group.count == len(hit.group.product_ids)
        seen += hit.group.product_ids
    assert len(seen) == len(set(seen))
    numbers = [hit.main_original_number for hit in grouped if hit.main_original_number]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "changes",
    [
        {"q": "daf"},
        {"sort": "name"},
        {"available": "true"},
        {"group": "true"},
        {"offset": "1"},
        {"cursor": "AAAA"},
        {"cursor": ""},
        {"cursor": "ü"},
        {"cursor": "x" * 30_000},
    ],
)
async def test_a_cursor_that_does_not_belong_is_refused(
    application: RunningApplication, changes: dict[str, str]
) -> None:
    cursor = (await search(application, limit=5)).next_cursor
    assert cursor is not None
    parameters = {"q": TEXT, "cursor": cursor, **changes}
    answer = await application.client.get("/search", params=parameters)
    assert answer.status_code == 422
    assert "cursor" in answer.json()["detail"]
    again = await application.client.post("/search", json={"q": TEXT, "cursor": cursor, "limit": 5})
    assert again.status_code == 200
