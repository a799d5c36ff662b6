"""Retrieval: the retrievers that a query concerns, all at once, each with its own deadline.

Stage: service, after understanding. Reads through the retrievers; writes nothing. A retriever that is slow or fails
costs the answer its part and no more: the run says so, the log names it, the response is marked degraded.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Protocol

from service.search.candidate import NOTHING, Retrieved, RetrieverRun, Status
from service.search.query import Query
from service.search.rows import Connection

logger = logging.getLogger(__name__)


class Retriever(Protocol):
    """Returns ranked candidates for a query. Holds no state of a request; safe to call concurrently."""

    name: str

    def wants(self, query: Query) -> bool:
        """Tell whether ``query`` holds anything for this retriever."""

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` candidates, best first, each product once, ties in a fixed order."""


class Pool(Protocol):
    """The one thing retrieval needs of a connection pool."""

    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection for the length of the block."""


async def run_retrievers(
    pool: Pool, retrievers: Iterable[Retriever], query: Query, *, limit: int, deadline_ms: float
) -> tuple[list[RetrieverRun], list[Exception]]:
    """Run the ``retrievers`` that want ``query`` concurrently; return every run, in order, and what went wrong."""
    failures: list[Exception] = []
    runs = await asyncio.gather(
        *(_run(pool, retriever, query, limit, deadline_ms, failures) for retriever in retrievers)
    )
    return list(runs), failures


async def _run(
    pool: Pool, retriever: Retriever, query: Query, limit: int, deadline_ms: float, failures: list[Exception]
) -> RetrieverRun:
    if not retriever.wants(query):
        return RetrieverRun(retriever.name, "skipped", 0.0, NOTHING)
    started = perf_counter()
    status: Status = "ok"
    retrieved = NOTHING
    try:
        async with asyncio.timeout(deadline_ms / 1000), pool.acquire() as connection:
            retrieved = await retriever.retrieve(connection, query, limit)
    except TimeoutError as error:
        status = "timeout"
        failures.append(error)
        logger.warning("retriever %s missed its deadline of %.0f ms", retriever.name, deadline_ms)
    except Exception as error:  # noqa: BLE001 - one retriever must not take the answer of the others with it
        status = "failed"
        failures.append(error)
        logger.warning("retriever %s failed: %s: %s", retriever.name, type(error).__name__, error)
    return RetrieverRun(retriever.name, status, (perf_counter() - started) * 1000, retrieved)
