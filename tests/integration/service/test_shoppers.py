"""What shoppers do is remembered, reported and learned from: on a real database, through the interface."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from service.events import batches, demand
from service.events.retention import forget
from service.events.schemas import TopQueries, ZeroResults
from service.schemas import AutocompleteResponse, Problem, SearchResponse
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

QUERY = "тормозні колодки"


@pytest.fixture(scope="module")
def running_url(catalogue: Catalogue, postgres_url: str) -> Iterator[str]:
    """A copy of the warehouse for this module."""
    assert catalogue.warehouse_url
    name = f"shoppers_{secrets.token_hex(4)}"
    create_database(postgres_url, name, template="catalogue")
    yield database_url(postgres_url, name)
    with connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(catalogue: Catalogue, running_url: str) -> AsyncIterator[RunningApplication]:
    """A service on it, whose queues are written at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_LINGER_SECONDS", 0.001)
        settings = service_settings(catalogue, behaviour_refresh_seconds=3_600, past_query_searches=2)
        async with running_application(settings, running_url) as application:
            yield application


@pytest_asyncio.fixture(loop_scope="session")
async def shop(running: RunningApplication) -> RunningApplication:
    """The same, with nothing remembered yet."""
    await running.state.shoppers.flush()
    await execute(running, "truncate events.search, events.event, events.product_day, events.query_day")
    await running.state.shoppers.behaviour.refresh()
    return running


async def execute(shop: RunningApplication, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
    async with shop.state.writing_pool.acquire() as connection:
        return [tuple(row) for row in await connection.fetch(statement, *arguments)]


async def search(shop: RunningApplication, text: str = QUERY, **parameters: Any) -> SearchResponse:
    asked: dict[str, Any] = {"q": text, "limit": 10} | parameters
    response = await shop.client.get("/search", params=asked)
    assert response.status_code == 200
    return SearchResponse.model_validate_json(response.content)


def event(kind: str, product_id: int, **more: Any) -> dict[str, Any]:
    return {"event_id": str(uuid4()), "kind": kind, "product_id": product_id} | more


async def tell(shop: RunningApplication, *events: dict[str, Any]) -> dict[str, Any]:
    response = await shop.client.post("/events", json={"events": events})
    assert response.status_code == 202, response.text
    await shop.state.shoppers.flush()
    return dict(response.json())


async def counts(shop: RunningApplication, product_id: int) -> list[tuple[Any, ...]]:
    return await execute(
        shop, "select impressions, clicks, carts, purchases from events.product_day where product_id = $1", product_id
    )


async def test_a_search_is_logged_with_what_became_of_it_and_nothing_of_who_asked(shop: RunningApplication) -> None:
    found = await search(shop, "  Тормозні КОЛОДКИ ", language="pl")
    await search(shop, "nzuf", offset=10)
    await shop.state.shoppers.flush()
    rows = await execute(shop, "select * from events.search order by page_offset")
    assert [row[0].hex for row in rows][:1] == [found.search_id]
    first, second = [row[2:9] for row in rows]
    assert first == (QUERY, "pl", 0, found.total, "found", found.showing_results_for, False)
    assert second[0:3] == ("nzuf", "uk", 10)
    assert second[5] == "тяга"
    columns = await execute(
        shop, "select table_name || '.' || column_name from information_schema.columns where table_schema = 'events'"
    )
    assert not any(word in name for (name,) in columns for word in ("user", "address", "session", "agent", "key"))


async def test_a_search_that_shall_not_count_is_not_logged(shop: RunningApplication) -> None:
    await search(shop, analytics=False)
    await search(shop, "тяга")
    await shop.state.shoppers.flush()
    assert await execute(shop, "select text from events.search") == [("тяга",)]


async def test_personal_queries_are_answered_and_not_kept(shop: RunningApplication) -> None:
    await search(shop, "колодки ivan@example.com")
    await search(shop, "+380 67 123 45 67")
    await shop.state.shoppers.flush()
    assert await execute(shop, "select from events.search") == []


async def test_an_event_is_counted_once_whoever_repeats_it(shop: RunningApplication) -> None:
    answer = await search(shop)
    product = answer.hits[0].product_id
    click = event("click", product, search_id=answer.search_id, position=1)
    assert await tell(shop, click, click) == {"accepted": 1, "repeated": 1}
    assert await tell(shop, click) == {"accepted": 1, "repeated": 0}  # sent again after a lost answer
    flood = [event("click", product, search_id=answer.search_id, position=1) for _ in range(50)]
    assert await tell(shop, *flood) == {"accepted": 50, "repeated": 0}
    assert await counts(shop, product) == [(0, 1, 0, 0)]
    shown = [event("impression", hit.product_id, search_id=answer.search_id) for hit in answer.hits]
    bought = event("purchase", product)
    await tell(shop, *shown, event("cart", product, search_id=answer.search_id), bought)
    await tell(shop, *shown, bought)
    assert await counts(shop, product) == [(1, 1, 1, 1)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "click", "search_id": None},
        {"kind": "stare"},
        {"position": 0},
        {"product_id": 0},
        {"event_id": "1"},
        {"user_id": 7},
    ],
)
async def test_a_wrong_event_is_told_and_none_of_its_batch_is_taken(
    shop: RunningApplication, wrong: dict[str, Any]
) -> None:
    events = [event("cart", 1), event("cart", 2) | wrong]
    response = await shop.client.post("/events", json={"events": events})
    assert response.status_code == 422
    assert Problem.model_validate_json(response.content).detail.startswith("events.1")
    await shop.state.shoppers.flush()
    assert await execute(shop, "select from events.event") == []


@pytest.mark.parametrize("events", [[], [event("cart", 1)] * 1_001])
async def test_the_size_of_a_batch_is_bounded(shop: RunningApplication, events: list[dict[str, Any]]) -> None:
    assert (await shop.client.post("/events", json={"events": events})).status_code == 422


async def test_without_room_events_are_turned_away_and_searches_answered(
    shop: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    shoppers = shop.state.shoppers
    for queue in (shoppers.search_queue, shoppers.event_queue):
        monkeypatch.setattr(queue, "_capacity", 0)
    response = await shop.client.post("/events", json={"events": [event("cart", 1)]})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert Problem.model_validate_json(response.content).detail.startswith("Too many events wait")
    assert (await search(shop)).hits
    lost = 'cordsearch_background_rows_total{outcome="turned_away",queue="searches"} 1.0'
    assert lost in (await shop.client.get("/metrics")).text


async def test_a_database_that_is_away_gets_everything_later(
    shop: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_FIRST_PAUSE_SECONDS", 0.001)
    async with shop.state.writing_pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table events.event")
        await connection.execute("set local statement_timeout = 0")
        response = await shop.client.post("/events", json={"events": [event("cart", 77)]})
        assert response.status_code == 202
        await execute(shop, "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
        assert await execute(shop, "select count(*) from events.product_day") == [(0,)]
    await shop.state.shoppers.flush()
    assert await counts(shop, 77) == [(0, 0, 1, 0)]


async def test_two_service_workers_count_a_repeated_batch_once(
    shop: RunningApplication, catalogue: Catalogue, running_url: str
) -> None:
    batch = [event("click", 500 + number, search_id=uuid4().hex) for number in range(200)]
    async with running_application(service_settings(catalogue), running_url) as other:
        told = [each.client.post("/events", json={"events": batch}) for each in (shop, other)]
        assert {response.status_code for response in await asyncio.gather(*told)} == {202}
        await shop.state.shoppers.flush()
    assert await execute(shop, "select count(*), sum(clicks) from events.product_day") == [(200, 200)]


async def test_what_waits_is_written_when_the_service_stops(
    shop: RunningApplication, catalogue: Catalogue, running_url: str
) -> None:
    async with running_application(service_settings(catalogue), running_url) as other:
        await search(other)
        response = await other.client.post("/events", json={"events": [event("purchase", 9), event("cart", 9)]})
        assert response.status_code == 202
    assert await counts(shop, 9) == [(0, 0, 1, 1)]
    assert await execute(shop, "select text from events.search") == [(QUERY,)]


async def test_top_queries_say_how_often_and_what_was_clicked(shop: RunningApplication) -> None:
    answers = [await search(shop) for _ in range(4)]
    await search(shop, "фільтр", language="pl")
    await search(shop, QUERY, offset=10)  # another page is no other search
    await shop.state.shoppers.flush()
    first, second = answers[:2]
    await tell(
        shop,
        event("click", first.hits[0].product_id, search_id=first.search_id, position=1),
        event("click", first.hits[2].product_id, search_id=first.search_id, position=3),
    )
    await tell(
        shop,
        event("click", first.hits[4].product_id, search_id=first.search_id, position=5),
        event("click", second.hits[6].product_id, search_id=second.search_id, position=7),
        event("click", 1, search_id=uuid4().hex, position=9),  # of a search nobody remembers
    )
    report = TopQueries.model_validate_json((await shop.client.get("/suggest/top-queries")).content)
    assert (report.searches, report.days, report.smallest_count) == (5, 7, 1)
    assert report.since == (datetime.now(UTC) - timedelta(days=6)).date()
    top, other = report.queries
    assert (top.query, top.searches, top.clicks, top.click_share) == (QUERY, 4, 4, 0.5)
    assert top.average_click_position == 4.0
    assert (other.query, other.clicks, other.average_click_position) == ("фільтр", 0, None)
    polish = TopQueries.model_validate_json(
        (await shop.client.get("/suggest/top-queries", params={"language": "pl", "limit": 5, "days": 1})).content
    )
    assert ([each.query for each in polish.queries], polish.searches) == (["фільтр"], 1)


async def test_zero_results_are_what_the_catalogue_lacks_not_what_a_filter_hides(shop: RunningApplication) -> None:
    for _ in range(2):
        nothing = await search(shop, "ZZQ999888777")
        assert nothing.total == 0
    similar = await search(shop, "рибальська вудка")
    assert {hit.match for hit in similar.hits} <= {"meaning"}
    assert (await search(shop, QUERY, supplier="NOSUCHSUPPLIER")).total == 0
    assert (await search(shop)).total > 0
    await shop.state.shoppers.flush()
    report = ZeroResults.model_validate_json((await shop.client.get("/suggest/zero-results")).content)
    found = [(each.query, each.searches, each.nothing, each.only_similar) for each in report.queries]
    rest = ("рибальська вудка", 1, 0, 1) if similar.hits else ("рибальська вудка", 1, 1, 0)
    assert found == [("zzq999888777", 2, 2, 0), rest]
    assert report.queries[0].last_day == datetime.now(UTC).date()


async def test_purchases_lift_a_product_among_equals(shop: RunningApplication) -> None:
    before = [(hit.score, hit.product_id) for hit in (await search(shop)).hits]
    gap, other, wanted = min((one[0] - two[0], one[1], two[1]) for one, two in pairwise(before))
    assert 0 <= gap < 0.02, "no two products fit equally well"
    await tell(shop, *(event("purchase", wanted) for _ in range(100)))
    await shop.state.shoppers.behaviour.refresh()
    after = await search(shop, explain=True)
    places = {hit.product_id: place for place, hit in enumerate(after.hits)}
    assert places[wanted] < places[other]
    explained = after.hits[places[wanted]].explain
    assert explained is not None
    assert explained.signals["demand"] == pytest.approx(log(501) / (log(501) + 10), abs=1e-4)
    assert explained.contributions["demand"] == pytest.approx(0.06 * explained.signals["demand"], abs=1e-4)
    assert sum(explained.contributions.values()) == pytest.approx(after.hits[places[wanted]].score, abs=1e-3)


async def test_demand_decays_grows_and_stays_below_one(shop: RunningApplication) -> None:
    days = "insert into events.product_day (day, product_id, clicks, purchases) select (now() at time zone 'UTC')::date"
    await execute(shop, f"{days} - age, 1, 1, 0 from generate_series(0, 59) as age")  # a click a day
    await execute(shop, f"{days}, 2, 0, 1")  # one purchase today
    await execute(shop, f"{days} - 14, 3, 0, 1")  # the same, a half-life ago
    await execute(shop, f"{days} - age, 4, 0, 10 from generate_series(0, 59) as age")  # ten purchases a day
    await execute(shop, f"{days}, 5, 1000000, 0")  # a million forged clicks
    await execute(shop, f"{days} - 60, 6, 0, 100")  # long ago
    await execute(shop, f"{days}, 7, 0, 0")  # only shown
    async with shop.state.writing_pool.acquire() as connection:
        found = await demand.load_demand(connection)
    assert {product: round(value, 2) for product, value in found.items()} == {
        1: 0.58, 2: 0.15, 3: 0.08, 4: 0.89, 5: 0.58,
    }  # fmt: skip


async def test_autocomplete_offers_what_was_searched_and_found(shop: RunningApplication) -> None:
    async def completions(text: str) -> list[tuple[str, str]]:
        response = await shop.client.get("/autocomplete", params={"q": text})
        answer = AutocompleteResponse.model_validate_json(response.content)
        return [(each.kind, each.text) for each in answer.suggestions]

    words = "фільтр гальмівні"  # no name of the catalogue holds them together
    before = await completions("філ")
    for text, times in ((words, 3), ("фільтр 0671234567", 9), ("фільтр івана петренка", 9), ("фільтр масляний", 1)):
        for _ in range(times):
            await search(shop, text)
    await shop.state.shoppers.flush()
    await shop.state.shoppers.behaviour.refresh()
    assert await completions("філ") == [("query", words), *before][: len(before)]
    assert ("query", words) in await completions("askmnh")  # фільтр on the wrong layout
    assert ("query", words) not in await completions(words)


async def test_what_is_past_its_time_is_forgotten(shop: RunningApplication) -> None:
    pool = shop.state.writing_pool
    old, fresh = datetime.now(UTC) - timedelta(days=8), datetime.now(UTC)
    for moment in (old, fresh):
        row = "gen_random_uuid(), $1, 'a', 'uk', 0, 1, 'found', null, false, 1"
        await execute(shop, f"insert into events.search values ({row})", moment)
        row = "gen_random_uuid(), 'cart', null, 1, null, $1"
        await execute(shop, f"insert into events.event values ({row})", moment)
        await execute(shop, "insert into events.query_day (day, text, language) values ($1, 'a', 'uk')", moment.date())
    await execute(shop, "insert into events.product_day (day, product_id) values (current_date - 61, 1)")

    async def left() -> list[int]:
        tables = ("search", "event", "query_day", "product_day")
        return [(await execute(shop, f"select count(*) from events.{table}"))[0][0] for table in tables]

    async with pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock(hashtextextended('cordsearch.events.expiry', 0))")
        assert await forget(pool, query_days=7, event_days=7) == 0
    assert await left() == [2, 2, 2, 1]
    assert await forget(pool, query_days=7, event_days=7) == 2
    assert await left() == [1, 1, 1, 0]
    assert await forget(pool, query_days=0, event_days=7) == 1
    assert await left() == [0, 1, 0, 0]


async def test_a_service_that_shall_remember_no_query_remembers_none(
    catalogue: Catalogue, catalogue_database: str
) -> None:
    settings = service_settings(catalogue, query_log_days=0)
    async with running_application(settings, catalogue_database) as running:
        answer = await search(running)
        assert answer.search_id
        await tell(running, event("purchase", answer.hits[0].product_id, search_id=answer.search_id))
        assert await execute(running, "select from events.search") == []
        assert await execute(running, "select from events.query_day") == []
        assert await counts(running, answer.hits[0].product_id) == [(0, 0, 0, 1)]
