"""Whether the service can answer searches.

Stage: service. Reads one row of the marts; writes nothing.
"""

import asyncio

from cordsearch.sql import load_query
from service.search.pipeline import DATABASE_FAILURES
from service.state import ServiceState

_DEADLINE_SECONDS = 2


async def check_readiness(state: ServiceState) -> dict[str, str]:
    """Return the outcome of each check: ``ok``, or what is missing and how to get it."""
    encoder = "ok" if state.encoder is not None else "no encoder is active; train one with: cordsearch embed train"
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS), state.pool.acquire() as connection:
            is_built = (await connection.fetch(load_query(__file__, "readiness.sql")))[0]["is_built"]
    except DATABASE_FAILURES as error:
        return {"database": f"no answer ({type(error).__name__})", "catalogue": "unknown", "encoder": encoder}
    catalogue = "ok" if is_built else "not built yet; build it with: cordsearch demo"
    return {"database": "ok", "catalogue": catalogue, "encoder": encoder}
