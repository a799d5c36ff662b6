"""Whether searches are fast here: at the start, and again after the database lost the service's connections.

Stage: service. Reads the marts through what it is given; writes nothing. A new connection plans each statement, a new
database server has read no page. Both are done before anybody waits for them where that is possible: the service is not
ready before, and when every connection was lost at once (the server was restarted) it is not ready until they are back.
Requests that come nevertheless are answered, only slower.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg

from service.database_failures import DATABASE_FAILURES
from service.search.rows import Connection

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 0.2  # a database that is away is asked for a connection this often
_BUSY_SECONDS = 0.1  # so long do requests wait at most while a cold connection is looked for among warm ones
_SEARCHES_FOR_COLD = 25  # under constant load; by then the requests themselves have warmed what is left


class Warmth:
    """Follows the connections of one pool: which are warm, and whether that is enough to be ready."""

    def __init__(self, count_lost: Callable[[], None]) -> None:
        """``count_lost`` is called for every connection that ends while it is followed."""
        self._count_lost = count_lost
        self._warm: set[int] = set()  # process ids of the server's backends
        self._something_lost = asyncio.Event()
        self._is_following = True
        self.is_ready = False

    async def connected(self, connection: asyncpg.Connection) -> None:
        """Follow a connection that the pool has just made: the ``init`` of the pool."""
        backend = connection.get_server_pid()
        connection.add_termination_listener(lambda _connection: self._lost(backend))

    def _lost(self, backend: int) -> None:
        if not self._is_following:
            return
        self._count_lost()
        self._warm.discard(backend)
        if not self._warm:
            self.is_ready = False
        self._something_lost.set()

    async def start(
        self,
        pool: asyncpg.Pool,
        prepare: Callable[[Connection], Awaitable[None]],
        read_pages: Callable[[], Awaitable[None]],
    ) -> None:
        """Warm every connection at once by ``prepare``, while nobody else wants one, then the database."""
        self._prepare, self._read_pages = prepare, read_pages
        connections = [await pool.acquire() for _ in range(pool.get_max_size())]
        try:
            await asyncio.gather(*(self._warm_up(connection) for connection in connections))
        finally:
            for connection in connections:
                await pool.release(connection)
        await self._read_pages()
        self.is_ready = True

    async def keep(self, pool: asyncpg.Pool) -> None:
        """For ever: warm what was lost as soon as the database lets it."""
        try:
            while True:
                await self._something_lost.wait()
                self._something_lost.clear()
                await self._restore(pool)
        finally:
            self._is_following = False

    async def _restore(self, pool: asyncpg.Pool) -> None:
        was_ready, searches = self.is_ready, 0
        while searches < _SEARCHES_FOR_COLD:
            try:
                if not await self._warm_a_cold_one(pool):
                    break
            except TimeoutError:
                searches += 1  # everybody is busy
            except DATABASE_FAILURES as error:
                logger.warning("no connection to the database yet: %s: %s", type(error).__name__, error)
            else:
                continue
            await asyncio.sleep(_AGAIN_SECONDS)
        if not was_ready:
            await self._read_pages()
            self.is_ready = True
            logger.info("the database is back; %d connections are warm", len(self._warm))

    async def _warm_a_cold_one(self, pool: asyncpg.Pool) -> bool:
        """Find a cold connection, holding the warm ones that the pool lends first, and warm it; False: all are warm.

        Raises TimeoutError when the others are in use, and what the driver raises when the database is away.
        """
        held: list[asyncpg.pool.PoolConnectionProxy] = []
        cold: asyncpg.pool.PoolConnectionProxy | None = None
        try:
            async with asyncio.timeout(_BUSY_SECONDS):
                while cold is None and len(held) < pool.get_max_size():
                    connection = await pool.acquire()
                    held.append(connection)
                    if connection.get_server_pid() not in self._warm:
                        cold = held.pop()
        finally:
            for connection in held:
                await pool.release(connection)
        if cold is None:
            return False
        try:
            await self._warm_up(cold)
        finally:
            with suppress(*DATABASE_FAILURES):
                await pool.release(cold)
        return True

    async def _warm_up(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        backend = connection.get_server_pid()
        await self._prepare(connection)
        if not connection.is_closed():
            self._warm.add(backend)
