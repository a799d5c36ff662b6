"""Whether the service can answer searches, and whether what they find is past its limit of freshness.

Stage: service. Reads the marts and what was observed of them; writes nothing.
"""

import asyncio
import logging

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.freshness import read_freshness, stale_reasons
from service.state import ServiceState

logger = logging.getLogger(__name__)

_DEADLINE_SECONDS = 2


async def check_readiness(state: ServiceState) -> dict[str, str]:
    """Return the outcome of each check: ``ok``, or what is missing and how to get it."""
    warm_up = "ok" if state.warmth.is_ready else "under way; the connections to the database were lost"
    encoder = "ok" if state.encoder is not None else "no encoder is active; train one with: cordsearch embed train"
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS), state.pool.acquire() as connection:
            is_built = (await connection.fetch(load_query(__file__, "readiness.sql")))[0]["is_built"]
    except DATABASE_FAILURES as error:
        return {
            "database": f"no answer ({type(error).__name__})",
            "catalogue": "unknown",
            "encoder": encoder,
            "warm_up": warm_up,
        }
    catalogue = "ok" if is_built else "not built yet; build it with: cordsearch demo"
    return {"database": "ok", "catalogue": catalogue, "encoder": encoder, "warm_up": warm_up}


async def find_stale(state: ServiceState) -> list[str]:
    """Return what is past its limit of freshness. Searches go on, so nothing that fails here is worth more."""
    try:
        return stale_reasons(await read_freshness(state.pool), state.settings.freshness_limit)
    except DATABASE_FAILURES as error:
        logger.warning("freshness cannot be read: %s: %s", type(error).__name__, error)
        return []
