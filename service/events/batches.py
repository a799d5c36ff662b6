"""Rows that wait in memory until a background task has written them, many at once.

Stage: service. Reads nothing; writes what it is given through the function it is given. Whoever hands rows over waits
for nothing: :meth:`BatchWriter.offer` takes all of them or none.

A row leaves the queue only when it is written. A database that is away is tried again, at longer and longer intervals,
for as long as the process lives; rows the database refuses for what they hold are found and given up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from time import perf_counter
from typing import Generic, Literal, Self, TypeVar

import asyncpg

from service.database_failures import DATABASE_FAILURES

logger = logging.getLogger(__name__)

Row = TypeVar("Row")
Outcome = Literal["accepted", "turned_away", "written", "refused", "lost"]
OUTCOMES: tuple[Outcome, ...] = ("accepted", "turned_away", "written", "refused", "lost")
# Small batches, with a rest after each: 333 rows at once keep a processor busy for longer than a search takes.
_ROWS = 500
_LINGER_SECONDS = 0.25
_REST = 1.0  # after a batch, in multiples of the time it took
_LONGEST_REST_SECONDS = 1.0
_SHORTEST_PAUSE_SECONDS = 0.1
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_LAST_SECONDS = 5.0  # for what is left when the service stops
# The row is at fault, and would be the next time too.
# ValueError: what asyncpg says of a value that it cannot encode.
_FAULTY = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)


class BatchWriter(Generic[Row]):
    """A bounded queue and the task that empties it. One event loop only."""

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[Row]], Awaitable[None]],
        capacity: int,
        count: Callable[[Outcome, int], None],
    ) -> None:
        """``write`` writes rows and may be called again with the same ones; ``count`` hears what became of them."""
        self._name, self._write, self._capacity, self._count = name, write, capacity, count
        self._rows: deque[Row] = deque()
        self._arrived, self._full, self._emptied = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._closing = asyncio.Event()

    def __len__(self) -> int:
        return len(self._rows)

    def offer(self, rows: Sequence[Row]) -> bool:
        """Queue ``rows``, or none of them if there is no room for all; return whether they were queued."""
        if len(self._rows) + len(rows) > self._capacity:
            self._count("turned_away", len(rows))
            return False
        self._rows.extend(rows)
        self._count("accepted", len(rows))
        self._arrived.set()
        if len(self._rows) >= _ROWS:
            self._full.set()
        return True

    async def flush(self) -> None:
        """Wait until nothing is left to write; for ever while the database is away."""
        while self._rows:
            self._emptied.clear()
            self._full.set()
            await self._emptied.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Yield this, writing in the background; at the end write what is left, for five seconds at most."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            self._closing.set()
            self._arrived.set()
            try:
                await asyncio.wait_for(task, _LAST_SECONDS)
            except TimeoutError:
                self._count("lost", len(self._rows))
                logger.error("%s: %d rows are lost: the database did not take them in time", self._name, len(self))  # noqa: TRY400

    async def _run(self) -> None:
        while self._rows or not self._closing.is_set():
            await self._arrived.wait()
            if len(self._rows) < _ROWS:
                await self._wait(self._full, _LINGER_SECONDS)  # for more rows
            self._full.clear()
            started = perf_counter()
            await self._write_or_wait(list(islice(self._rows, _ROWS)))
            took = perf_counter() - started
            if not self._rows:
                self._emptied.set()
                self._arrived.clear()
            await self._wait(self._closing, min(_REST * took, _LONGEST_REST_SECONDS))

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for ``event``, ``seconds`` at most; not at all when the service stops."""
        if not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)

    async def _write_or_wait(self, batch: Sequence[Row]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while batch:
            try:
                refused = await self._write_good_ones(batch)
            except DATABASE_FAILURES as error:
                logger.warning(
                    "%s: %d rows wait, the database does not take them: %s: %s",
                    self._name, len(self._rows), type(error).__name__, error,
                )  # fmt: skip
                await self._wait(self._closing, pause)
                await asyncio.sleep(_SHORTEST_PAUSE_SECONDS)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                for _ in batch:
                    self._rows.popleft()
                self._count("refused", refused)
                self._count("written", len(batch) - refused)
                return

    async def _write_good_ones(self, batch: Sequence[Row]) -> int:
        """Write ``batch`` without the rows that are at fault themselves; return how many those were."""
        try:
            await self._write(batch)
        except _FAULTY as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                return await self._write_good_ones(batch[:middle]) + await self._write_good_ones(batch[middle:])
            logger.error("%s: a row was refused and is given up: %s", self._name, type(error).__name__)  # noqa: TRY400
            return 1
        return 0
