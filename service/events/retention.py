"""Forgetting: what is older than the settings allow is deleted.

Stage: service, in the background, and by one process at a time. Writes schema ``events``, a bounded number of rows per
transaction, so that nothing else waits for it.
"""

import asyncio
import logging
from datetime import timedelta

import asyncpg

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.events.demand import REMEMBERED_DAYS

logger = logging.getLogger(__name__)

_ROWS = 5_000
_PAUSE_SECONDS = 0.2  # between two transactions


async def forget(pool: asyncpg.Pool, query_days: int, event_days: int) -> int:
    """Delete everything past its time, and return how many searches and events that were; 0 while another does it.

    ``query_days`` 0 forgets every query. Raises asyncpg and OS errors.
    """
    await _delete(pool, "sql/expire_counts.sql", query_days, REMEMBERED_DAYS)
    forgotten = 0
    for name, days in (("sql/expire_searches.sql", query_days), ("sql/expire_events.sql", event_days)):
        while deleted := await _delete(pool, name, timedelta(days=days), _ROWS):
            forgotten += deleted
            await asyncio.sleep(_PAUSE_SECONDS if deleted == _ROWS else 0)
    return forgotten


async def _delete(pool: asyncpg.Pool, name: str, *arguments: object) -> int:
    async with pool.acquire() as connection, connection.transaction():
        if not (await connection.fetch(load_query(__file__, "sql/only_one_expires.sql")))[0]["is_mine"]:
            return 0
        return len(await connection.fetch(load_query(__file__, name), *arguments))


async def keep_forgetting(pool: asyncpg.Pool, query_days: int, event_days: int, every_seconds: float) -> None:
    """Forget for ever, from now on; a failure is logged and tried again next time."""
    while True:
        try:
            forgotten = await forget(pool, query_days, event_days)
            if forgotten:
                logger.info("forgot %d searches and events past their time", forgotten)
        except DATABASE_FAILURES as error:
            logger.warning("old searches and events are still kept: %s: %s", type(error).__name__, error)
        await asyncio.sleep(every_seconds)
