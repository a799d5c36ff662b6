"""What products belong to, by name: shops show and send names, the search knows ids.

Stage: service, in the background. Reads ``dim_product_search``, a part at a time; writes nothing. Held in memory: some
hundred names.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast

import asyncpg

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES

logger = logging.getLogger(__name__)

Kind = Literal["category", "group", "car_brand"]
KINDS: Final[tuple[Kind, ...]] = ("category", "group", "car_brand")

_PART: Final = 10_000  # pages of 8 kB in one statement: a tenth of a full catalogue
_PAGES: Final = "select pg_relation_size('staging_marts.dim_product_search') / 8192 as pages"
_REFRESH_SECONDS: Final = 900.0
_RETRY_SECONDS: Final = 5.0


class LiveKindNames:
    """The names of the moment."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._ids: Mapping[tuple[Kind, str], tuple[int, ...]] | None = None

    def ids(self, kind: Kind, name: str) -> Sequence[int]:
        """Return the ids of the categories, groups or car brands of this name, in any case.

        Raises:
            DatabaseUnavailableError: the names were never read: a filter that finds nothing would be a lie.
        """
        if self._ids is None:
            raise DatabaseUnavailableError("The names of categories and makes could not be read. Try again shortly.")
        return self._ids.get((kind, name.casefold()), ())

    async def refresh(self) -> None:
        """Read all names anew. Raises asyncpg and OS errors."""
        names: dict[tuple[Kind, int], str] = {}
        async with self._pool.acquire() as connection:
            pages = await connection.fetchval(_PAGES)
            for first in range(0, pages, _PART):
                rows = await connection.fetch(load_query(__file__, "kind_names.sql"), first, first + _PART)
                names |= {(cast("Kind", row["kind"]), row["id"]): row["name"] for row in rows}
        ids: dict[tuple[Kind, str], tuple[int, ...]] = {}
        for (kind, identifier), name in names.items():
            folded = (kind, name.casefold())
            ids[folded] = (*ids.get(folded, ()), identifier)
        self._ids = ids

    async def try_refresh(self) -> None:
        """Read all names anew; a failure is logged, and the names stay as they were."""
        try:
            await self.refresh()
        except DATABASE_FAILURES as error:
            logger.warning("names of facets could not be read: %s: %s", type(error).__name__, error)

    async def keep_fresh(self) -> None:
        """Refresh for ever; soon again while there are no names."""
        while True:
            await asyncio.sleep(_RETRY_SECONDS if self._ids is None else _REFRESH_SECONDS)
            await self.try_refresh()
