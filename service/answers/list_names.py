"""What price lists and storages are called: a few dozen names that hardly ever change, kept in memory.

Stage: service. Reads the staging views, which the role of searches may not: so through the pool of staff requests, at
most once a minute. Writes nothing.
"""

import logging
from asyncio import Lock
from collections.abc import Mapping
from time import monotonic
from typing import Final, Literal

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search.retrieve import Pool

logger = logging.getLogger(__name__)

Kind = Literal["price_list", "storage"]
KEPT_SECONDS: Final = 60.0


class ListNames:
    """Names by id, in the order to show them; what cannot be read has no name."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._names: dict[str, dict[int, str | None]] = {}
        self._read_at: float | None = None
        self._reading = Lock()

    async def of(self, kind: Kind) -> Mapping[int, str | None]:
        """Return the names of price lists or storages, at most :data:`KEPT_SECONDS` old."""
        async with self._reading:
            if self._read_at is None or monotonic() - self._read_at > KEPT_SECONDS:
                await self._refresh()
                self._read_at = monotonic()
        return self._names.get(kind, {})

    async def _refresh(self) -> None:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(load_query(__file__, "sql/list_names.sql"))
        except DATABASE_FAILURES as error:
            logger.warning("names of price lists and storages: %s: %s", type(error).__name__, error)
            return
        names: dict[str, dict[int, str | None]] = {}
        for row in rows:
            names.setdefault(row["kind"], {})[row["id"]] = row["name"]
        self._names = names
