"""What filters, facets, other orders and groups cost a search, each beside the same search without them.

Runs against the warehouse of the settings; reads only. One process, one search at a time, without HTTP. In every round
each query is asked in every way, so that all ways meet the same noise.

    python -m benchmarks.narrowing --rounds 20
"""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from statistics import median, quantiles

import asyncpg

from benchmarks.report import markdown_table, write_result
from cordsearch.database import warehouse
from cordsearch.settings import load_settings
from service.search.choices import AT_THE_BEGINNING, Progress
from service.search.filters import Filters
from service.search.pipeline import SearchPipeline, SearchRequest
from service.state import open_state
from service.tables import create_tables
from service.telemetry import Telemetry

QUERIES = (
    "тяга",
    "амортизатор",
    "колодки тормозные",
    "сальник",
    "фільтр масляний daf",
    "датчик",
    "тормзные колодки",
    "SEM1",
)
_VALUES = """
select value from (
    select unnest({column}) as value, count(*) as products from staging_marts.dim_product_search group by 1
) as counted order by products desc, value offset {place} limit 1
"""


async def ways(connection: asyncpg.Connection) -> dict[str, SearchRequest]:
    """Return the ways to ask, each with the text left open; ids come from the catalogue."""

    async def an_id(column: str, place: int) -> tuple[int, ...]:
        return (await connection.fetchval(_VALUES.format(column=column, place=place)),)

    plain = SearchRequest("")
    wide, narrow = await an_id("category_ids", 0), await an_id("category_ids", 12)
    filters = {
        "category, the largest": Filters(category_ids=wide),
        "category, a small one": Filters(category_ids=narrow),
        "make, the largest": Filters(car_brand_ids=await an_id("car_brand_ids", 0)),
        "make, a small one": Filters(car_brand_ids=await an_id("car_brand_ids", 25)),
        "group": Filters(group_ids=await an_id("group_ids", 5)),
        "supplier SEM1": Filters(supplier="SEM1"),
        "supplier S": Filters(supplier="S"),
        "in stock": Filters(available=True),
        "price 10 to 11": Filters(price_min=10, price_max=11),
        "weight 1 to 1.1": Filters(weight_min=1, weight_max=1.1),
        "make, category, stock, image": Filters(
            car_brand_ids=await an_id("car_brand_ids", 2), category_ids=narrow, available=True, has_image=True
        ),
    }
    facets = replace(plain, facets=("category", "car_brand", "available", "price"))
    return {
        "plain": plain,
        **{name: replace(plain, filters=asked) for name, asked in filters.items()},
        "four facets": facets,
        "four facets, one filtered by": replace(facets, filters=filters["make, the largest"]),
        "by price": replace(plain, sort="price_asc"),
        "by name": replace(plain, sort="name"),
        "grouped": replace(plain, grouped=True),
    }


async def measure(search: SearchPipeline, asked: Mapping[str, SearchRequest], rounds: int) -> list[tuple[object, ...]]:
    """Return way, median, 95th percentile and slowest in milliseconds, hits per page, how many were degraded."""
    took: dict[str, list[float]] = {name: [] for name in (*asked, "page two by cursor")}
    hits = dict.fromkeys(took, 0)
    degraded = dict.fromkeys(took, 0)
    for _ in range(rounds):
        for text in QUERIES:
            after: Progress | None = None
            second = {"page two by cursor": replace(asked["plain"], after=AT_THE_BEGINNING)}
            for name, way in {**asked, **second}.items():
                request = replace(way, text=text, after=after or AT_THE_BEGINNING if name in second else way.after)
                answer = await search.search(request)
                after = answer.progress if name == "plain" else after
                took[name].append(answer.took_ms)
                hits[name] += len(answer.hits)
                degraded[name] += answer.degraded
    asked_times = rounds * len(QUERIES)
    return [
        (name, median(times), quantiles(times, n=20)[-1], max(times), hits[name] / asked_times, degraded[name])
        for name, times in took.items()
    ]


async def run(url: str, rounds: int) -> list[tuple[object, ...]]:
    """Open the service's parts and measure, after one round to warm up."""
    async with open_state(load_settings(), url, Telemetry()) as state:
        connection = await asyncpg.connect(url)
        try:
            asked = await ways(connection)
        finally:
            await connection.close()
        await measure(state.search, asked, 2)
        return await measure(state.search, asked, rounds)


def main() -> None:
    """Measure and write ``benchmarks/results/narrowing.json`` and ``.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with warehouse(load_settings()) as url:
        create_tables(url)
        rows = asyncio.run(run(url, rounds))
    header = ("way", "median ms", "p95 ms", "slowest ms", "hits", "degraded")
    table = markdown_table(header, rows)
    write_result("narrowing", {"queries": QUERIES, "rounds": rounds, "rows": rows}, table)


if __name__ == "__main__":
    main()
