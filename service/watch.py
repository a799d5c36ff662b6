"""Two probes of the service itself: how late the event loop comes to its work, how long a connection is waited for.

Stage: service. Reads and writes nothing. Probes instead of a clock around every acquisition: they cost searches
nothing, and under load they wait as long as a request would.
"""

import asyncio
from time import perf_counter

import asyncpg

from service.database_failures import DATABASE_FAILURES
from service.telemetry import Telemetry

_EVERY_SECONDS = 0.5


async def watch(pool: asyncpg.Pool, telemetry: Telemetry) -> None:
    """Probe for ever; without a database only the event loop."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        telemetry.loop_lag(max(0.0, clock() - due))
        started = perf_counter()
        try:
            async with pool.acquire():
                telemetry.pool_wait(perf_counter() - started)
        except DATABASE_FAILURES:
            continue  # who needs the connection says so
