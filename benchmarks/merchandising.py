"""What rules of staff cost searches.

Takes the warehouse in ``--data-directory`` and makes rules in memory, as many as are allowed: synonyms and stop words
that no query holds, rules for other queries, boosts of real suppliers and categories, pins of products that the query
does not find. Each query is searched with each set of rules in turn, in process, so that whatever else the machine does
falls on all of them.

    python -m benchmarks.merchandising --data-directory .cordsearch --rounds 30

Reads the warehouse; makes the tables of the service there if they are missing, and writes nothing to them.
"""

import argparse
import asyncio
import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from benchmarks.report import markdown_table, write_result
from cordsearch.database import warehouse
from cordsearch.settings import Settings
from service.merchandising.boosts import Boost, Boosts
from service.merchandising.models import (
    MOST_RULES,
    BoostedProducts,
    BoostRule,
    Pin,
    QueryRule,
    StopWordsRule,
    SynonymsRule,
)
from service.merchandising.rules import NO_RULES, Rules, compile_queries, compile_wordings
from service.merchandising.selection import load_boosted
from service.search.pipeline import SearchPipeline, SearchRequest
from service.search.query import understand
from service.state import ServiceState, open_state
from service.tables import create_tables
from service.telemetry import Telemetry

QUERIES = (
    "SEM143", "тяга", "81432206012", "тормозні колодки", "klocki hamulcowe", "nzuf", "амотризатор", "309x242",
    "фільтр масляний daf xf 105", "амортизатор",
)  # fmt: skip
STRANGERS = "радіатор"  # whose products none of the queries finds
SUPPLIER = "SEM1"
Result = TypeVar("Result")
CATEGORIES = "select id from staging_marts.dim_product_search, unnest(category_ids) as id group by id order by count(*)"


def main() -> None:
    """Measure and write ``benchmarks/results/merchandising.{json,md}``."""
    parser = argparse.ArgumentParser(description="Measure what rules of staff cost searches.")
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    settings = Settings(
        _env_file=None, data_directory=arguments.data_directory, search_deadline_ms=5_000, statement_timeout_ms=20_000
    )
    with warehouse(settings) as url:
        create_tables(url)
        figures = asyncio.run(measure(settings, url, arguments.rounds))
    rows = [[name, *took.values()] for name, took in figures["searches"].items()]
    table = markdown_table(["rules", "p50, ms", "p95, ms"], rows)
    steps = markdown_table(["step", "ms"], list(figures["steps"].items()))
    write_result("merchandising", figures, f"{table}\n\n{steps}")


async def measure(settings: Settings, url: str, rounds: int) -> dict[str, Any]:
    """Return the times of searches by set of rules, and of the steps by themselves."""
    async with open_state(settings, url, Telemetry()) as state:
        steps: dict[str, float] = {}
        boosts = await read_boosts(state, steps)
        rules_of_words = timed("read and check all synonyms and stop words, anew", steps, make_words)
        words = timed("compile them, anew", steps, lambda: compile_wordings(*rules_of_words))
        timed("compile them, again after a change", steps, lambda: compile_wordings(*rules_of_words))
        queries = timed("read, check and compile all rules for queries, anew", steps, make_queries)
        strangers = await SearchPipeline(state.pool, state.vocabulary, state.retrievers, settings).search(
            SearchRequest(STRANGERS)
        )
        pins = tuple(
            Pin(product_id=hit.ranked.fused.product_id, position=place)
            for place, hit in enumerate(strangers.hits[:3], start=1)
        )
        pinning = QueryRule(kind="query", queries=QUERIES, pins=pins)
        sets = {
            "none": NO_RULES,
            "as many as are allowed, none met": Rules(words, queries),
            "and boosts": Rules(words, queries, boosts),
            "pins that nothing finds": Rules(queries=compile_queries([(1, pinning)])),
        }
        for name, rules in list(sets.items())[:2]:
            steps[f"understand a query, rules: {name}"] = time_understanding(state, rules)
        return {"searches": await time_searches(state, settings, sets, rounds), "steps": steps}


async def read_boosts(state: ServiceState, steps: dict[str, float]) -> Boosts:
    """Return boosts of a supplier and of categories, half as many as are allowed."""
    async with state.pool.acquire() as connection:
        categories = [row["id"] for row in await connection.fetch(CATEGORIES)]
        wanted = [BoostedProducts(supplier=SUPPLIER)]
        wanted += [BoostedProducts(category_ids=(each,)) for each in categories][: MOST_RULES["boost"] // 2]
        made = []
        for rule_id, products in enumerate(wanted):
            started = perf_counter()
            found = np.sort(np.array(await load_boosted(connection, products), np.int64))
            kind = "a supplier" if products.supplier else "a category"
            steps[f"read the products of {kind}, the slowest"] = max(
                steps.get(f"read the products of {kind}, the slowest", 0.0), (perf_counter() - started) * 1000
            )
            made.append(Boost(rule_id, BoostRule(kind="boost", products=products, addition=0.02), found))
    return timed("sum up the boosts", steps, lambda: Boosts(made))


def make_words() -> tuple[list[tuple[int, StopWordsRule]], list[tuple[int, SynonymsRule]]]:
    """Return as many stop words and synonyms as are allowed, always the same."""
    words = invented_words(1)
    synonyms = [
        (rule_id, SynonymsRule(kind="synonyms", words=(f"{next(words)} {next(words)}", next(words))))
        for rule_id in range(MOST_RULES["synonyms"])
    ]
    stop_words = [
        (rule_id, StopWordsRule(kind="stop_words", words=tuple(next(words) for _ in range(50))))
        for rule_id in range(MOST_RULES["stop_words"])
    ]
    return stop_words, synonyms


def make_queries() -> dict[str, tuple[tuple[int, QueryRule], ...]]:
    """Return as many rules as are allowed for queries that nobody asks."""
    words = invented_words(2)
    return compile_queries(
        (rule_id, QueryRule(kind="query", queries=tuple(next(words) for _ in range(5)), hides=(1,)))
        for rule_id in range(MOST_RULES["query"])
    )


def invented_words(seed: int) -> Iterator[str]:
    """Yield words that the catalogue does not have."""
    chance = random.Random(seed)
    while True:
        yield "".join(chance.choices("абвгдежзиклмнопрст", k=9))


def held(rules: Rules) -> Callable[[], Rules]:
    """Return what a pipeline asks for the rules of the moment."""
    return lambda: rules


def timed(name: str, steps: dict[str, float], work: Callable[[], Result]) -> Result:
    """Return what ``work`` returns, and note its time in milliseconds."""
    started = perf_counter()
    result = work()
    steps[name] = (perf_counter() - started) * 1000
    return result


def time_understanding(state: ServiceState, rules: Rules) -> float:
    """Return the median time to understand a query and to decide whether a rule is for it, in milliseconds."""
    times = []
    for turn in range(200):
        for text in QUERIES:
            started = perf_counter()
            rules.decide(understand(text, state.vocabulary(), wording=rules.wording("uk")), datetime.now(UTC))
            if turn:
                times.append((perf_counter() - started) * 1000)
    return statistics.median(times)


async def time_searches(
    state: ServiceState, settings: Settings, sets: Mapping[str, Rules], rounds: int
) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile by set of rules, in milliseconds; the first round is not counted."""
    pipelines = {
        name: SearchPipeline(state.pool, state.vocabulary, state.retrievers, settings, rules=held(rules))
        for name, rules in sets.items()
    }
    took: dict[str, list[float]] = {name: [] for name in sets}
    for turn in range(rounds + 1):
        for text in QUERIES:
            for name in random.sample(list(pipelines), len(pipelines)):
                started = perf_counter()
                await pipelines[name].search(SearchRequest(text))
                if turn:
                    took[name].append((perf_counter() - started) * 1000)
    return {
        name: {"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18]}
        for name, times in took.items()
    }


if __name__ == "__main__":
    main()
