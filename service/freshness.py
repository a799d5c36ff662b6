"""How fresh the data is: read from schema ``freshness``, judged by the limits in the settings.

Stage: service. Reads what the worker observed; writes nothing. Ages are counted when read, so a dead worker shows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from cordsearch.progress import format_duration
from cordsearch.sql import load_query
from cordsearch.staleness import past, table_is_stale
from service.search.retrieve import Pool
from service.search.rows import Row

WINDOW_SECONDS = 3_600.0  # the publications whose delays are shown
_DEADLINE_SECONDS = 1.0
SEARCH = "search"  # the name of the limit for products that wait for their document and vector

Limit = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Freshness:
    """One moment; empty before the first observation. The columns are those of the ``.sql`` files beside this one."""

    tables: Sequence[Row] = ()
    pipeline: Row | None = None
    publications: Row | None = None


NEVER_OBSERVED = Freshness()


async def read_freshness(pool: Pool) -> Freshness:
    """Return what is known now. Raises asyncpg and OS errors, and TimeoutError after a second."""
    async with asyncio.timeout(_DEADLINE_SECONDS), pool.acquire() as connection:
        try:
            return Freshness(
                tables=await connection.fetch(load_query(__file__, "freshness.sql")),
                pipeline=next(iter(await connection.fetch(load_query(__file__, "freshness_pipeline.sql"))), None),
                publications=(
                    await connection.fetch(load_query(__file__, "freshness_publications.sql"), WINDOW_SECONDS)
                )[0],
            )
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            return NEVER_OBSERVED


async def read_worker(pool: Pool) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the worker's jobs by task and status, and the failures of its duties; none before a worker ever ran.

    Raises as read_freshness.
    """
    async with asyncio.timeout(_DEADLINE_SECONDS), pool.acquire() as connection:
        try:
            return (
                await connection.fetch(load_query(__file__, "worker_jobs.sql")),
                await connection.fetch(load_query(__file__, "worker_duties.sql")),
            )
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            return (), ()


def table_row_is_stale(table: Row, limit: float) -> bool:
    """Whether one row of ``freshness.sql`` is stale by :func:`cordsearch.staleness.table_is_stale`."""
    return table_is_stale(table["look_age_seconds"], table["unpublished_age_seconds"], limit)


def search_is_stale(freshness: Freshness, limit: float) -> bool:
    """Whether products wait for their document and vector for longer than ``limit`` seconds."""
    return freshness.pipeline is not None and past(freshness.pipeline["waiting_age_seconds"], limit)


def stale_reasons(freshness: Freshness, limit_of: Limit) -> list[str]:
    """Return one sentence per thing that is past its limit; empty when nothing is."""
    return list(_reasons(freshness, limit_of))


def _reasons(freshness: Freshness, limit_of: Limit) -> Iterator[str]:
    for table in freshness.tables:
        name = table["table_name"]
        limit = limit_of(name)
        if past(table["look_age_seconds"], limit):
            age = format_duration(table["look_age_seconds"])
            yield f"{name}: last looked at {age} ago, the limit is {format_duration(limit)}"
        if past(table["unpublished_age_seconds"], limit):
            age = format_duration(table["unpublished_age_seconds"])
            yield f"{name}: changes wait for their publication for {age}, the limit is {format_duration(limit)}"
    limit = limit_of(SEARCH)
    if freshness.pipeline is not None and search_is_stale(freshness, limit):
        waiting, age = freshness.pipeline["waiting"], format_duration(freshness.pipeline["waiting_age_seconds"])
        yield f"search: {waiting:,} products wait for their vector for {age}, the limit is {format_duration(limit)}"
