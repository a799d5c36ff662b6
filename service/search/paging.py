"""Pages: which of the products found are shown now, in which order, and what is left.

Stage: service, after ranking. Reads other orders and kinships where they are asked for; writes nothing. By relevance
and without groups, which is most searches, it makes no round trip.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cordsearch.settings import Settings
from service.database_failures import DATABASE_FAILURES
from service.search.candidate import Ranked, RetrieverRun
from service.search.choices import Progress, SortOrder
from service.search.grouping import group, load_kinships
from service.search.numbers import found_by_number
from service.search.query import Query
from service.search.retrieve import Pool, Retriever
from service.search.sorting import Sorted, SortWanted, load_sorted

logger = logging.getLogger(__name__)

MOST_SHOWN = 1_000
_READ_FOR_GROUPS = 4  # products read in another order, for each group a page needs


class Wanted(NamedTuple):
    """Which page is asked for; ``after`` tells of the pages before."""

    limit: int
    offset: int
    after: Progress
    order: SortOrder
    is_grouped: bool
    language: str

    @property
    def reach(self) -> int:
        """How many products come before the end of the page."""
        return self.after.reach + self.offset + self.limit


class Page(NamedTuple):
    """The products of a page, best first; ``behind`` holds for each leader of a group all of its products.

    ``progress``: this page and those before, None on the last one. ``total`` and ``is_bounded``: of another order than
    by relevance, None where the ranking knows. ``order`` is what became of the one asked for.
    """

    ranked: Sequence[Ranked]
    behind: dict[int, tuple[int, ...]]
    progress: Progress | None
    order: SortOrder
    total: int | None = None
    is_bounded: bool = False


class Pager:
    """Chooses the page of one request at a time; safe for any number at once."""

    def __init__(self, pool: Pool, retrievers: Iterable[Retriever], settings: Settings) -> None:
        """``retrievers`` is gone through where all products with a number are sorted."""
        self._pool = pool
        self._retrievers = retrievers
        self._settings = settings

    async def choose(
        self, wanted: Wanted, query: Query, runs: Sequence[RetrieverRun], ranked: Sequence[Ranked]
    ) -> tuple[Page, list[Exception]]:
        """Return the page out of ``ranked``, and what went wrong: then in order of relevance, or without groups."""
        ordered: Sequence[Ranked] = ranked
        other: Sorted | None = None
        behind: dict[int, tuple[int, ...]] = {}
        problems: list[Exception] = []
        if wanted.order != "relevance":
            other, problems = await self._sorted(wanted, query, runs, ranked)
            ordered = ranked if other is None else other.ranked
        if wanted.after.shown:
            ordered = [item for item in ordered if item.fused.product_id not in wanted.after.shown]
        read = len(ordered)
        if wanted.is_grouped:
            behind, ungrouped = await self._grouped(wanted, ordered)
            problems += ungrouped
            if not ungrouped:
                new = behind.keys() - wanted.after.shown
                ordered = [item for item in ordered if item.fused.product_id in new]
        end = wanted.offset + wanted.limit
        more = len(ordered) > end or _has_more(wanted, runs, other, read)
        page = Page(
            ordered[wanted.offset : end],
            behind,
            _progress(wanted, ordered[:end], behind) if more else None,
            "relevance" if other is None else wanted.order,
            None if other is None else other.total,
            other is not None and other.is_bounded,
        )
        return page, problems

    async def _sorted(
        self, wanted: Wanted, query: Query, runs: Sequence[RetrieverRun], ranked: Sequence[Ranked]
    ) -> tuple[Sorted | None, list[Exception]]:
        by_number, problems = await found_by_number(self._pool, self._retrievers, self._settings, query, runs)
        asked = SortWanted(
            wanted.order,
            wanted.language,
            shown=sorted(wanted.after.shown),
            most_read=self._settings.search_sorted_matches,
            limit=_most_to_sort(wanted),
        )
        candidates = {item.fused.product_id: item for item in ranked}
        try:
            async with asyncio.timeout(self._settings.search_deadline_ms / 1000), self._pool.acquire() as connection:
                found = await load_sorted(connection, query, asked, sorted(by_number), candidates)
        except DATABASE_FAILURES as error:
            logger.warning("products could not be sorted: %s: %s", type(error).__name__, error)
            return None, [*problems, error]
        return found, problems

    async def _grouped(
        self, wanted: Wanted, ordered: Sequence[Ranked]
    ) -> tuple[dict[int, tuple[int, ...]], list[Exception]]:
        """Return the groups, first those of earlier pages: what belongs behind one of them is not shown again."""
        ids = [*sorted(wanted.after.shown), *(item.fused.product_id for item in ordered)]
        try:
            async with asyncio.timeout(self._settings.search_deadline_ms / 1000), self._pool.acquire() as connection:
                return group(ids, await load_kinships(connection, ids)), []
        except DATABASE_FAILURES as error:
            logger.warning("products could not be grouped: %s: %s", type(error).__name__, error)
            return {}, [error]


def _has_more(wanted: Wanted, runs: Sequence[RetrieverRun], other: Sorted | None, read: int) -> bool:
    """Tell whether there are products beyond those ``read``, where these do not fill the page."""
    if not read:
        return False
    if other is not None:
        return other.total > len(wanted.after.shown) + read
    return any(run.retrieved.total > len(run.retrieved.candidates) for run in runs)


def _most_to_sort(wanted: Wanted) -> int:
    """Return how many products to read, not counting those shown: those behind them may come first again."""
    if not wanted.is_grouped:
        return wanted.offset + wanted.limit
    behind = wanted.after.reach - len(wanted.after.shown)
    return behind + (wanted.offset + wanted.limit) * _READ_FOR_GROUPS


def _progress(wanted: Wanted, until_here: Sequence[Ranked], behind: Mapping[int, Sequence[int]]) -> Progress | None:
    """Return how far the reader is after this page; None when that is as far as pages go."""
    shown = wanted.after.shown.union(item.fused.product_id for item in until_here)
    reach = len(shown) if not behind else sum(len(behind.get(leader, (leader,))) for leader in shown)
    reach = max(reach, wanted.after.reach)
    return None if reach >= MOST_SHOWN else Progress(shown, reach)
