"""Retrieval: the retrievers that a query concerns, all at once, until a common deadline.

Stage: service, after understanding. Reads through the retrievers; writes nothing. A retriever that is slow, fails or is
off costs the answer its part and no more: the run says so, the log names it, the response is marked degraded. When
none has answered by the deadline (the database was just started and its pages are cold), the first that does within
the longer ``patience`` is the answer: late and partial is worth more than nothing.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Protocol, TypeAlias

from cordsearch.errors import CordSearchError
from service.search.candidate import NOTHING, Retrieved, RetrieverRun, Status
from service.search.query import Query
from service.search.rows import Connection

logger = logging.getLogger(__name__)


class RetrieverOffError(CordSearchError):
    """The retriever was switched off, or what it needs was never there."""


Outcome: TypeAlias = tuple[RetrieverRun, Exception | None]


class Retriever(Protocol):
    """Returns ranked candidates for a query. Holds no state of a request; safe to call concurrently."""

    name: str

    def wants(self, query: Query) -> bool:
        """Tell whether ``query`` holds anything for this retriever."""

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` candidates, best first, each product once, ties in a fixed order.

        Raises RetrieverOffError when it cannot work here at all.
        """


class Pool(Protocol):
    """The one thing retrieval needs of a connection pool."""

    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection for the length of the block."""


async def run_retrievers(
    pool: Pool,
    retrievers: Iterable[Retriever],
    query: Query,
    *,
    limit: int,
    deadline_ms: float,
    patience_ms: float = 0,
    off: Collection[str] = (),
) -> tuple[list[RetrieverRun], list[Exception]]:
    """Run the ``retrievers`` that want ``query`` concurrently; return every run, in order, and what went wrong.

    Those named in ``off`` are left out and counted among what went wrong.
    """
    every = list(retrievers)
    tasks = {
        retriever.name: asyncio.create_task(_run(pool, retriever, query, limit))
        for retriever in every
        if retriever.name not in off and retriever.wants(query)
    }
    await _wait(tasks.values(), deadline_ms / 1000, patience_ms / 1000)
    outcomes = [
        tasks[retriever.name].result() if retriever.name in tasks else _not_run(retriever, query) for retriever in every
    ]
    return [run for run, _ in outcomes], [failure for _, failure in outcomes if failure is not None]


async def _run(pool: Pool, retriever: Retriever, query: Query, limit: int) -> Outcome:
    """Never raises. Whoever cancels it says that its time is over; waiting for a connection is part of its time."""
    name, started = retriever.name, perf_counter()
    status: Status = "ok"
    retrieved = NOTHING
    failure: Exception | None = None
    try:
        async with pool.acquire() as connection:
            retrieved = await retriever.retrieve(connection, query, limit)
    except (asyncio.CancelledError, TimeoutError):
        status, failure = "timeout", TimeoutError()
    except RetrieverOffError as error:
        status, failure = "off", error
    except Exception as error:  # noqa: BLE001 - one retriever must not take the answer of the others with it
        status, failure = "failed", error
        logger.warning("retriever %s failed: %s: %s", name, type(error).__name__, error)
    took_ms = (perf_counter() - started) * 1000
    if status == "timeout":
        logger.warning("retriever %s missed its deadline and was stopped after %.0f ms", name, took_ms)
    return RetrieverRun(name, status, took_ms, retrieved), failure


def _not_run(retriever: Retriever, query: Query) -> Outcome:
    if retriever.wants(query):
        return RetrieverRun(retriever.name, "off", 0.0, NOTHING), RetrieverOffError(
            f"The retriever {retriever.name} is switched off."
        )
    return RetrieverRun(retriever.name, "skipped", 0.0, NOTHING), None


async def _wait(tasks: Collection[asyncio.Task[Outcome]], deadline: float, patience: float) -> None:
    """Let the tasks run until the deadline, or with no answer by then until the first one; in seconds.

    Whatever happens, none is left running: each gives its connection back.
    """
    if not tasks:
        return
    clock = asyncio.get_running_loop().time
    patient_until = clock() + patience
    try:
        done, pending = await asyncio.wait(tasks, timeout=deadline)
        while pending and not any(_has_answered(task) for task in done) and patient_until > clock():
            done, pending = await asyncio.wait(
                pending, timeout=patient_until - clock(), return_when=asyncio.FIRST_COMPLETED
            )
    finally:
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


def _has_answered(task: asyncio.Task[Outcome]) -> bool:
    return task.result()[0].status == "ok"
