"""The state of the machinery, as the database knows it.

Stage: service, on request of staff. Reads what workers and jobs wrote down; writes nothing. A part that was never used
here (no worker ran, no model was trained) has no tables: it is shown as empty.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from cordsearch.sql import load_query
from service.search.rows import Row

PUBLICATIONS_SHOWN = 30
_DEADLINE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Overview:
    """The columns are those of the ``.sql`` files of this package."""

    publications: Sequence[Row]
    duties: Sequence[Row]
    jobs: Sequence[Row]
    table_problems: Sequence[Row]
    models: Sequence[Row]


async def read_overview(pool: asyncpg.Pool) -> Overview:
    """Return what is known now. Raises asyncpg and OS errors, and TimeoutError after two seconds."""
    async with asyncio.timeout(_DEADLINE_SECONDS), pool.acquire() as connection:
        return Overview(
            publications=await _rows(connection, "publications", PUBLICATIONS_SHOWN),
            duties=await _rows(connection, "duties"),
            jobs=await _rows(connection, "jobs"),
            table_problems=await _rows(connection, "table_problems"),
            models=await _rows(connection, "models"),
        )


async def _rows(connection: asyncpg.Connection, name: str, *arguments: object) -> Sequence[Row]:
    try:
        rows: Sequence[Row] = await connection.fetch(load_query(__file__, f"sql/{name}.sql"), *arguments)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return ()
    return rows
