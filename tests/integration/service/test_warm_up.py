"""What is done before the service is ready, so that nobody waits for it: plans of statements, pages of indexes."""

import logging

import pytest

from cordsearch.database import connect
from service.search.warmup import read_pages
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

# One of each kind of request that a storefront sends.
REQUESTS = (
    "/search?q=колодки",
    "/search?q=SEM1",
    "/search?q=SEM1&supplier=SEM1&available=true",
    "/search?q=тормозні колодки daf&price_min=1&price_max=9000",
    "/search?q=тормозні колодки daf&category_id=1",
    "/search?q=колодки&car_brand_id=1",
    "/search?q=колодки&available=true",
    "/search?q=амотризатор",
    "/search?q=309x242&explain=true",
    "/search?q=колодки&facets=category,car_brand,available,price",
    "/search?q=колодки&highlight=true&fields=product_id,name",
    "/search?q=колодки&sort=price_asc",
    "/search?q=колодки&offset=20&limit=20",
    "/autocomplete?q=SEM1",
    "/autocomplete?q=колод&language=uk",
    "/products/7/similar",
    "/products/7/analogues",
)


# What this test asks itself, and what the background reads by the pages of the table.
BACKGROUND = ("pg_prepared_statements", "pg_relation_size", "of a part of the table")


async def prepared(application: RunningApplication) -> set[str]:
    """The statements that the only connection of the pool has planned."""
    async with application.state.pool.acquire() as connection:
        rows = await connection.fetch("select statement from pg_prepared_statements where not from_sql")
    found = {" ".join(row["statement"].split()) for row in rows}
    return {statement for statement in found if not any(part in statement for part in BACKGROUND)}


async def test_no_request_is_the_first_to_plan_a_statement(catalogue: Catalogue) -> None:
    settings = service_settings(catalogue, pool_size=1)
    async with running_application(settings, catalogue.warehouse_url) as application:
        warm = await prepared(application)
        assert len(warm) > 10
        for address in REQUESTS:
            assert (await application.client.get(address)).status_code == 200, address
            late = await prepared(application) - warm
            assert not late, f"{address} planned: {[statement[:200] for statement in late]}"


async def test_popular_names_are_searched_for_until_they_are_fast(
    application: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    search, phrases = application.state.search, application.state.autocomplete._phrases()
    with caplog.at_level(logging.INFO, logger="service.search.warmup"):
        await read_pages(search, phrases, fast_ms=1e9, seconds=60)
        await read_pages(search, phrases, fast_ms=0, seconds=0)
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == [20, 2]


async def test_an_unbuilt_catalogue_is_told_of_and_stops_nothing(
    catalogue: Catalogue, catalogue_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(catalogue_database, autocommit=True) as connection:
        connection.execute("alter table staging_marts.product_code rename to away")
    settings = service_settings(catalogue, pool_size=1, service_warm_up_seconds=1)
    with caplog.at_level(logging.WARNING, logger="service.search.warmup"):
        async with running_application(settings, catalogue_database) as application:
            answer = await application.client.get("/search", params={"q": "колодки"})
            assert answer.status_code == 200
            assert (await application.client.get("/ready")).status_code == 503
    assert "code stays cold: UndefinedTableError" in caplog.text
