"""Reports for merchandisers: what is searched for most, and what finds nothing.

Stage: service, on request of staff. Reads ``events.query_day``; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from cordsearch.sql import load_query
from service.search.rows import Row


@dataclass(frozen=True, slots=True)
class Period:
    """The last ``days`` days, today among them; searches in ``language`` only, if one is given."""

    days: int
    language: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Report:
    """The queries of a period since the beginning of ``since`` (UTC), and how many searches there were in all."""

    since: date
    searches: int
    queries: Sequence[Row]


async def read_top_queries(pool: asyncpg.Pool, period: Period, smallest_count: int) -> Report:
    """Return the most searched queries, of those searched ``smallest_count`` times. Raises asyncpg and OS errors."""
    return await _read(pool, "sql/top_queries.sql", period, smallest_count)


async def read_zero_results(pool: asyncpg.Pool, period: Period, smallest_count: int) -> Report:
    """Return the queries that most often found nothing, or only what is near in meaning. Raises as the other."""
    return await _read(pool, "sql/zero_results.sql", period, smallest_count)


async def _read(pool: asyncpg.Pool, name: str, period: Period, smallest_count: int) -> Report:
    async with pool.acquire() as connection:
        total = (await connection.fetch(load_query(__file__, "sql/period.sql"), period.days, period.language))[0]
        rows = await connection.fetch(
            load_query(__file__, name), total["since"], period.language, smallest_count, period.limit
        )
    return Report(total["since"], total["searches"], rows)
