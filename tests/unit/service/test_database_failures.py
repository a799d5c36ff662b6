"""A background task of the service outlives every way in which the database can fail."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from service.database_failures import DATABASE_FAILURES
from service.search.dictionary import Dictionary


class FailingPool:
    """A pool whose every connection fails; counts how often it was asked."""

    def __init__(self, failure: BaseException) -> None:
        self._failure = failure
        self.asked = 0

    def acquire(self) -> None:
        """Fail."""
        self.asked += 1
        raise self._failure


@pytest.mark.parametrize(
    "failure",
    [
        FileNotFoundError("the socket is gone"),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_the_dictionary_is_asked_for_again_after_a_failure(failure: Exception) -> None:
    assert isinstance(failure, DATABASE_FAILURES)
    pool = FailingPool(failure)
    task = asyncio.create_task(Dictionary(pool).keep_fresh(0.001))  # type: ignore[arg-type] # only acquire is called
    for _ in range(1_000):
        if pool.asked > 2 or task.done():
            break
        await asyncio.sleep(0.002)
    assert pool.asked > 2
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
