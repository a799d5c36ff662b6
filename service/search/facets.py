"""Facets: how many of the products found have each value of a property.

Stage: service, after retrieval, only when asked for. Reads ``dim_product_search`` and, for a facet that is filtered by,
what the retrievers find without that filter; writes nothing. A facet that is slow or fails costs the answer that facet.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from cordsearch.settings import Settings
from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search import tsquery
from service.search.candidate import RetrieverRun
from service.search.choices import FacetName
from service.search.filter_clause import apply_filters
from service.search.numbers import found_by_number
from service.search.query import Query
from service.search.retrieve import Pool, Retriever, run_retrievers
from service.search.rows import Connection, Row

logger = logging.getLogger(__name__)


class FacetValue(NamedTuple):
    """One value and the products found that have it.

    ``value`` is what the filter takes: an id, ``true`` or ``false``, the letters of vendor codes. Of a range of prices
    it is the place among the ranges, ``lowest`` (included) and ``highest`` (excluded) are its ends, None where open.
    """

    value: str
    label: str | None
    products: int
    lowest: float | None = None
    highest: float | None = None


class Facet(NamedTuple):
    """The values of a property, those of most products first; ranges of prices ascending.

    ``is_estimated``: more products have all the words than are counted; the best of them stand for all.
    ``lowest`` and ``highest`` price among the products counted; None for other facets.
    """

    name: FacetName
    values: Sequence[FacetValue]
    is_estimated: bool
    lowest: float | None = None
    highest: float | None = None


class FacetCounter:
    """Counts the facets of one request at a time; safe for any number at once."""

    def __init__(self, pool: Pool, retrievers: Iterable[Retriever], settings: Settings) -> None:
        """``retrievers`` is gone through once per set of filters."""
        self._pool = pool
        self._retrievers = retrievers
        self._settings = settings

    async def count(
        self,
        query: Query,
        names: Sequence[FacetName],
        most_values: int,
        runs: Sequence[RetrieverRun],
        *,
        as_filtered: bool = False,
    ) -> tuple[list[Facet], list[Exception]]:
        """Return the facets ``names`` in that order, without those that failed, and what went wrong.

        ``runs`` is what was retrieved with all filters. A facet that is filtered by is counted as if it were not: the
        shop goes on showing what else can be chosen; with ``as_filtered`` it is counted like the others.
        """
        own = [name for name in names if query.filters.has(name) and not as_filtered]
        shared = [name for name in names if name not in own]
        parts = [self._part(query, [name], most_values, None) for name in own]
        if shared:
            parts.append(self._part(query, shared, most_values, runs))
        found: dict[FacetName, Facet] = {}
        problems: list[Exception] = []
        for facets, wrong in await asyncio.gather(*parts):
            found |= {facet.name: facet for facet in facets}
            problems += wrong
        return [found[name] for name in names if name in found], problems

    async def count_products(
        self, product_ids: Sequence[int], names: Sequence[FacetName], most_values: int
    ) -> list[Facet]:
        """Return the facets ``names`` of these products. Raises what the driver raises (``DATABASE_FAILURES``)."""
        nothing_typed = Query(text="", repaired="", terms=(), codes=())
        async with asyncio.timeout(self._settings.search_deadline_ms / 1000), self._pool.acquire() as connection:
            return await self._load(connection, nothing_typed, names, most_values, product_ids)

    async def _part(
        self, query: Query, names: list[FacetName], most_values: int, runs: Sequence[RetrieverRun] | None
    ) -> tuple[list[Facet], list[Exception]]:
        """Count facets over one set of products; without ``runs`` it is retrieved without their filter."""
        if runs is None:
            query = replace(query, filters=query.filters.without(names[0]))
            runs, problems = await self._retrieve(query)
        else:
            problems = []
        ids, failures = await found_by_number(self._pool, self._retrievers, self._settings, query, runs)
        problems += failures
        ids |= {candidate.product_id for run in runs for candidate in run.retrieved.candidates}
        try:
            async with asyncio.timeout(self._settings.search_deadline_ms / 1000), self._pool.acquire() as connection:
                return await self._load(connection, query, names, most_values, sorted(ids)), problems
        except DATABASE_FAILURES as error:
            logger.warning("facets %s could not be counted: %s: %s", ", ".join(names), type(error).__name__, error)
            return [], [*problems, error]

    async def _retrieve(self, query: Query) -> tuple[list[RetrieverRun], list[Exception]]:
        settings = self._settings
        return await run_retrievers(
            self._pool,
            self._retrievers,
            query,
            limit=settings.search_candidates,
            deadline_ms=settings.search_deadline_ms,
            patience_ms=settings.search_patience_ms,
            off=settings.search_retrievers_off,
        )

    async def _load(
        self, connection: Connection, query: Query, names: Sequence[FacetName], most_values: int, ids: Sequence[int]
    ) -> list[Facet]:
        bounds = self._settings.search_facet_price_bounds
        statement, values = apply_filters(load_query(__file__, "facets.sql"), query.filters, own_values=6)
        rows = await connection.fetch(
            statement,
            tsquery.all_of(query.terms) or None,
            ids,
            names,
            self._settings.search_facet_matches,
            most_values,
            bounds,
            *values,
        )
        return read_facets(rows, names, bounds)


def read_facets(rows: Sequence[Row], names: Sequence[FacetName], bounds: Sequence[float]) -> list[Facet]:
    """Return the facets of the rows of facets.sql, in the order of ``names``."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row["facet"], []).append(row)
    is_estimated = bool(rows) and rows[0]["is_estimated"]
    return [_facet(name, by_name.get(name, ()), bounds, is_estimated=is_estimated) for name in names]


def _facet(name: FacetName, rows: Sequence[Row], bounds: Sequence[float], *, is_estimated: bool) -> Facet:
    if name != "price":
        ordered = sorted(rows, key=lambda row: (-row["products"], row["label"] or "", row["value"]))
        return Facet(name, [FacetValue(row["value"], row["label"], row["products"]) for row in ordered], is_estimated)
    ends = (None, *bounds, None)
    ranges = sorted(((int(row["value"]), row["products"]) for row in rows), key=lambda found: found[0])
    values = [FacetValue(str(place), None, count, ends[place], ends[place + 1]) for place, count in ranges]
    lowest = min((row["lowest"] for row in rows), default=None)
    highest = max((row["highest"] for row in rows), default=None)
    return Facet(name, values, is_estimated, lowest, highest)
