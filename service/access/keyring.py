"""The API keys in memory: looked up by every request, followed from PostgreSQL once a second.

Stage: service. Reads ``access.api_key``; writes ``last_used``. A revoked key stops within the refresh interval on every
worker. While the database is away the last known keys stay valid: without a database there is nothing to protect.
"""

import asyncio
import logging
from datetime import UTC, datetime
from time import monotonic

import asyncpg

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.sql import load_query
from service.access.key import Key, read_key
from service.database_failures import DATABASE_FAILURES

logger = logging.getLogger(__name__)

_UNKNOWN = "This API key is not known."
_DEADLINE_SECONDS = 5
_NOTE_USE_EVERY_SECONDS = 60.0


class KeyRing:
    """All keys of the service, by id."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._keys: dict[str, Key] = {}
        self._used: set[str] = set()
        self._noted = monotonic()

    @property
    def is_in_use(self) -> bool:
        """Whether a key was ever made, be it revoked or expired by now."""
        return bool(self._keys)

    def find(self, text: str) -> Key | str:
        """Return the key that ``text`` opens, or why it opens nothing. Takes no statement."""
        presented = read_key(text)
        key = None if presented is None else self._keys.get(presented.key_id)
        if presented is None or key is None:
            return _UNKNOWN
        refusal = key.refusal(presented.secret, datetime.now(UTC))
        if refusal is not None:
            return refusal
        self._used.add(key.key_id)
        return key

    async def start(self) -> None:
        """Read the keys for the first time. Raises DatabaseUnavailableError: without them nobody may be let in."""
        try:
            await self.refresh()
        except DATABASE_FAILURES as error:
            raise DatabaseUnavailableError(f"The API keys cannot be read: {error or type(error).__name__}.") from error

    async def refresh(self) -> None:
        """Read all keys anew. Raises what the driver raises (``DATABASE_FAILURES``)."""
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                rows = await self._pool.fetch(load_query(__file__, "sql/read_keys.sql"))
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            rows = []  # nobody ever made a key here
        self._keys = {row["key_id"]: Key(**(dict(row) | {"scopes": frozenset(row["scopes"])})) for row in rows}

    async def note_use(self) -> None:
        """Write which keys were used since the last time. Raises what the driver raises."""
        used, self._used = self._used, set()
        self._noted = monotonic()
        if used:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                await self._pool.execute(load_query(__file__, "sql/note_use.sql"), sorted(used))

    async def keep_fresh(self, seconds: float) -> None:
        """Refresh every ``seconds`` until cancelled; a database that is away is waited for and logged once."""
        is_failing = False
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
                if monotonic() - self._noted >= _NOTE_USE_EVERY_SECONDS:
                    await self.note_use()
            except DATABASE_FAILURES as error:
                if not is_failing:
                    logger.warning("API keys cannot be refreshed, the last known stay: %s", type(error).__name__)
                is_failing = True
            else:
                is_failing = False
