"""Rules applied to one search: boosts and pins after ranking.

Stage: service, after ranking. Reads signals of pinned products that no retriever found; writes nothing. A search that
no rule is for makes no round trip here.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.merchandising.placement import boost, place
from service.merchandising.rules import Decision
from service.search.candidate import Fused, Ranked
from service.search.filter_clause import apply_filters
from service.search.filters import Filters
from service.search.rank import Ranker
from service.search.retrieve import Pool
from service.search.rows import Connection, signals

logger = logging.getLogger(__name__)


class Applied(NamedTuple):
    """The products in their final order, how many of them no retriever found, and what went wrong."""

    ranked: list[Ranked]
    added: int
    problems: list[Exception]


async def apply_rules(
    pool: Pool, decision: Decision, ranker: Ranker, ranked: list[Ranked], deadline_ms: float
) -> Applied:
    """Return ``ranked`` as staff decided; a pin that does not pass the filters of the query is left out."""
    raised = boost(ranked, decision.boosts, decision.now)
    if not decision.pins:
        return Applied(raised, 0, [])
    known = {item.fused.product_id: item for item in raised}
    missing = [pin.product_id for pin in decision.pins if pin.product_id not in known]
    found, problems = await _load(pool, missing, decision.query.filters, deadline_ms)
    for item in boost(ranker.rank(found), decision.boosts, decision.now):
        known[item.fused.product_id] = item
    return Applied(place(raised, decision.pins, known), len(found), problems)


def contributions_of(ranker: Ranker, item: Ranked) -> dict[str, float]:
    """Return what each signal, and staff, added to the score of ``item``."""
    contributions = ranker.contributions(item)
    return contributions | {"boost": item.boost} if item.boost else contributions


async def _load(
    pool: Pool, product_ids: Sequence[int], filters: Filters, deadline_ms: float
) -> tuple[list[Fused], list[Exception]]:
    if not product_ids:
        return [], []
    try:
        async with asyncio.timeout(deadline_ms / 1000), pool.acquire() as connection:
            return await load_pinned(connection, product_ids, filters), []
    except DATABASE_FAILURES as error:
        logger.warning("pinned products could not be loaded: %s: %s", type(error).__name__, error)
        return [], [error]


async def load_pinned(connection: Connection, product_ids: Sequence[int], filters: Filters) -> list[Fused]:
    """Return those of the products that exist and pass the ``filters``, found by nothing."""
    statement, values = apply_filters(load_query(__file__, "sql/pinned.sql"), filters, own_values=1)
    rows = await connection.fetch(statement, product_ids, *values)
    return [Fused(row["product_id"], 0.0, 0.0, (), signals(row)) for row in rows]
