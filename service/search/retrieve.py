"""Retrieval: the retrievers that a query concerns, all at once, until a common deadline.

Stage: service, after understanding. Reads through the retrievers; writes nothing. A retriever that is slow, fails or is
off costs the answer its part and no more: the run says so, the log names it, the response is marked degraded. When
none has answered by the deadline (the database was just started and its pages are cold), the first that does within
the longer ``patience`` is the answer: late and partial is worth more than nothing.

A retriever that the others may spare its work (:class:`SparedRetriever`) gives them a head start where they are likely
to: docs/adr/0032.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Protocol, TypeAlias, TypeGuard

from cordsearch.errors import CordSearchError
from service.search.candidate import NOTHING, Retrieved, RetrieverRun, Status
from service.search.query import Query
from service.search.rows import Connection

logger = logging.getLogger(__name__)

# Share of the deadline. Long enough for a busy server, where both at once would be the wrong answer; a retriever that
# begins when it is over still has most of the time.
_HEAD_START = 0.2


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


class SparedRetriever(Retriever, Protocol):
    """One whose list can follow from what the others found."""

    def follows_from(self, query: Query, runs: Sequence[RetrieverRun], limit: int) -> Retrieved | None:
        """Return at most ``limit`` candidates without looking for them, or None when they have to be looked for."""


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
    sparing: bool = False,
) -> tuple[list[RetrieverRun], list[Exception]]:
    """Run the ``retrievers`` that want ``query`` concurrently; return every run, in order, and what went wrong.

    Those named in ``off`` are left out and counted among what went wrong. With ``sparing`` those that may be spared
    wait for the others first, a fifth of the deadline at most.
    """
    every = list(retrievers)
    running = [retriever for retriever in every if retriever.name not in off and retriever.wants(query)]
    patient = [retriever for retriever in running if _may_be_spared(retriever)] if sparing else []
    started = perf_counter()
    tasks = {
        retriever.name: asyncio.create_task(_run(pool, retriever, query, limit, started))
        for retriever in running
        if retriever not in patient
    }
    spared: dict[str, Retrieved] = {}
    if patient and tasks:
        spared = await _spare(patient, tasks.values(), query, limit, _HEAD_START * deadline_ms / 1000)
    for waited in patient:
        if waited.name not in spared:
            tasks[waited.name] = asyncio.create_task(_run(pool, waited, query, limit, started))
    spent = perf_counter() - started
    await _wait(tasks.values(), deadline_ms / 1000 - spent, patience_ms / 1000 - spent)
    outcomes: list[Outcome] = []
    for retriever in every:
        if retriever.name in tasks:
            outcomes.append(tasks[retriever.name].result())
        elif retriever.name in spared:
            outcomes.append((RetrieverRun(retriever.name, "spared", 0.0, spared[retriever.name]), None))
        else:
            outcomes.append(_not_run(retriever, query))
    return [run for run, _ in outcomes], [failure for _, failure in outcomes if failure is not None]


def _may_be_spared(retriever: Retriever) -> TypeGuard[SparedRetriever]:
    return hasattr(retriever, "follows_from")  # isinstance with the protocol takes ten microseconds


async def _spare(
    patient: Iterable[SparedRetriever],
    others: Collection[asyncio.Task[Outcome]],
    query: Query,
    limit: int,
    head_start: float,
) -> dict[str, Retrieved]:
    """Wait for the ``others``, ``head_start`` seconds at most; return by name what follows from their answers.

    Cancelled while it waits, it leaves none of them running.
    """
    try:
        _, late = await asyncio.wait(others, timeout=head_start)
    except asyncio.CancelledError:
        await _stop(others)
        raise
    if late:
        return {}
    runs = [task.result()[0] for task in others]
    found = {retriever.name: retriever.follows_from(query, runs, limit) for retriever in patient}
    return {name: retrieved for name, retrieved in found.items() if retrieved is not None}


async def _run(pool: Pool, retriever: Retriever, query: Query, limit: int, first_began: float) -> Outcome:
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
    return RetrieverRun(name, status, took_ms, retrieved, (started - first_began) * 1000), failure


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
        await _stop(tasks)


async def _stop(tasks: Collection[asyncio.Task[Outcome]]) -> None:
    late = [task for task in tasks if not task.done()]
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)


def _has_answered(task: asyncio.Task[Outcome]) -> bool:
    return task.result()[0].status == "ok"
