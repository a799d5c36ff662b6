"""One search request from text to answer: understand -> retrieve -> fuse -> rank -> hydrate.

Stage: service. Reads the marts through its parts; writes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple, Protocol
from uuid import uuid4

import asyncpg

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.settings import Settings
from service.database_failures import DATABASE_FAILURES
from service.merchandising.apply import apply_rules, contributions_of
from service.merchandising.rules import NO_RULES, Decision, Rules
from service.search.analogues import (
    Analogue,
    AnalogueHit,
    choose_replacements,
    load_analogues,
    load_carriers,
    typed_in_full,
    whole_codes,
)
from service.search.candidate import Ranked, RetrieverRun
from service.search.choices import AT_THE_BEGINNING, FacetName, Progress, SortOrder
from service.search.facets import Facet, FacetCounter
from service.search.filters import NO_FILTERS, Filters
from service.search.fusion import fuse
from service.search.hydrate import load_products
from service.search.paging import Page, Pager, Wanted
from service.search.query import Query, correct_spelling, understand
from service.search.rank import LinearRanker, Ranker
from service.search.reading import DoubtingVocabulary, Match, Relaxed, did_you_mean, match_of, relaxed
from service.search.retrieve import Pool, Retriever, RetrieverOffError, run_retrievers
from service.search.retrievers.vector import VectorRetriever
from service.search.rows import Row
from service.search.shared_numbers import keep_makes_together
from service.search.spelling import SpellingVocabulary, look_up_neighbours, with_words_in_memory
from service.search.term import Term
from service.search.vehicle import other_models
from service.search.wording import AppliedRule, Vocabulary, Wording

logger = logging.getLogger(__name__)

_REPLACED = 5  # products typed in full whose analogues are looked up
_REPLACEMENTS = 10
_LONGER_UNCOMPARED = 5 / 3
_FEW_PASS = 40  # one product in so many: a supplier


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What was asked, already validated: ``text`` not blank, ``limit`` 1..100, ``offset`` 0..1000.

    ``correct`` False takes every word as typed. ``facet_values``: at most so many for each of the ``facets``.
    ``facets_as_filtered``: those that are filtered by are counted with their own filter too.
    ``after``: the pages before, by the cursor. ``grouped``: what is the same part comes as one. ``explain``: the hits
    say what each signal added.
    """

    text: str
    limit: int = 20
    offset: int = 0
    filters: Filters = NO_FILTERS
    correct: bool = True
    language: str | None = None
    facets: tuple[FacetName, ...] = ()
    facet_values: int = 50
    facets_as_filtered: bool = False
    sort: SortOrder = "relevance"
    after: Progress = AT_THE_BEGINNING
    grouped: bool = False
    explain: bool = False


class Hit(NamedTuple):
    """One result: its place in the ranking, its display fields, by what it was found, what each signal added if asked.

    ``group``: the products it stands for, itself first; None when nothing was grouped.
    """

    ranked: Ranked
    product: Row
    match: Match
    contributions: dict[str, float]
    boosts: Sequence[tuple[int, float]] = ()
    group: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer to one request; times in milliseconds. ``ranked``: all candidates, in order.

    ``progress``: this page and those before, None when there is no further one.
    """

    query: Query
    hits: Sequence[Hit]
    analogues: Sequence[AnalogueHit]
    total: int
    total_is_exact: bool
    degraded: bool
    runs: Sequence[RetrieverRun]
    ranked: Sequence[Ranked]
    did_you_mean: str | None
    relaxed: Relaxed | None
    timings_ms: dict[str, float]
    took_ms: float
    search_id: str
    rules: Sequence[AppliedRule] = ()
    facets: Sequence[Facet] | None = None
    sort: SortOrder = "relevance"
    progress: Progress | None = None


class SearchVocabulary(Vocabulary, DoubtingVocabulary, SpellingVocabulary, Protocol):
    """What a search needs of the catalogue's words."""

    def models_of(self, make: str) -> Collection[str]:
        """Return lexemes of the models of a folded ``make``; nothing for what is no make."""

    def likely_matches(self, terms: Iterable[Term]) -> float:
        """Return how many products are likely to have all ``terms``; 0 when one of them is no word."""


class SearchPipeline:
    """Answers search requests; safe for any number at once."""

    def __init__(
        self,
        pool: Pool,
        vocabulary: Callable[[], SearchVocabulary],
        retrievers: Iterable[Retriever],
        settings: Settings,
        ranker: Ranker | None = None,
        demand: Callable[[], Mapping[int, float]] = dict,
        observe: Callable[[SearchAnswer], None] | None = None,
        rules: Callable[[], Rules] = lambda: NO_RULES,
    ) -> None:
        """``vocabulary`` returns the words, ``demand`` 0 to 1; ``retrievers`` is gone through once per request.

        ``observe`` is called with every answer: it counts, it traces. ``rules`` returns what staff decided.
        """
        self._pool = pool
        self._vocabulary = vocabulary
        self._retrievers = retrievers
        self._settings = settings
        self.facets = FacetCounter(pool, retrievers, settings)
        self._pager = Pager(pool, retrievers, settings)
        self._ranker = ranker or LinearRanker(settings.ranking_weights)
        self._demand = demand
        self._observe = observe
        self._rules = rules

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer ``request``. What may replace a product whose number was typed in full comes beside the hits.

        Raises:
            DatabaseUnavailableError: not one retriever could answer, or the page could not be loaded.
        """
        clock = _Clock()
        rules = self._rules()
        query, misspelled = await self._understand(request, rules.wording(request.language))
        decision = rules.decide(query, datetime.now(UTC), pins=request.sort == "relevance")
        query = decision.query
        retrievers = tuple(self._retrievers)  # one model from here to the ranking
        query, unmeant = await self._compare(query, retrievers)
        clock.stage("understand")

        wanted = self._wanted(request)
        proposed = self._settings.search_candidates
        if query.comparison is None:  # nothing puts the lists right afterwards, so they have to be longer
            proposed = round(proposed * _LONGER_UNCOMPARED)
        depth = max(proposed, wanted.reach + len(decision.pins))
        deadline = self._settings.search_deadline_ms
        runs, failures = await run_retrievers(
            self._pool,
            retrievers,
            query,
            limit=depth,
            deadline_ms=deadline,
            patience_ms=self._settings.search_patience_ms,
            off=self._settings.search_retrievers_off,
            sparing=self._is_sparing(query, depth),
        )
        problems = [*misspelled, *unmeant, *failures]
        faults = [problem for problem in problems if not isinstance(problem, RetrieverOffError)]
        if faults and not any(run.status == "ok" for run in runs):
            raise unavailable(faults[0]) from faults[0]
        clock.stage("retrieve")

        chosen = self._settings
        # Who typed a part number means that part, however near others are.
        found_by_code = any(run.name == "code" and run.retrieved.candidates for run in runs)
        fused = fuse(
            runs,
            chosen.search_retriever_weights,
            chosen.search_rrf_constant,
            chosen.search_fusion,
            self._demand(),
            compared=not found_by_code,
        )
        clock.stage("fuse")

        ranked = self._ranker.rank(fused)
        ranked = keep_makes_together(ranked, runs)
        ranked, pinned, unpinned = await apply_rules(self._pool, decision, self._ranker, ranked, deadline)
        problems += unpinned
        clock.stage("rank")

        page, unpaged = await self._pager.choose(wanted, query, runs, ranked)
        problems += unpaged
        clock.stage("page")

        replacements, unreplaced = await self._replace(request, query, runs, ranked)
        problems += unreplaced
        clock.stage("analogues")

        hits, analogues = await self._hydrate(decision, page, replacements, explain=request.explain)
        clock.stage("hydrate")

        facets: list[Facet] | None = None
        if request.facets:
            facets, uncounted = await self.facets.count(
                query, request.facets, request.facet_values, runs, as_filtered=request.facets_as_filtered
            )
            problems += uncounted
            clock.stage("facets")

        total = page.total if page.total is not None else max([len(ranked), *(run.retrieved.total for run in runs)])
        # A pinned product that is not among the candidates may be among the other matches.
        counted_twice = pinned > 0 and total > len(ranked)
        answer = SearchAnswer(
            query=query,
            hits=hits,
            analogues=analogues,
            total=total,
            total_is_exact=not (problems or counted_twice or page.is_bounded or _is_bounded(runs, page)),
            degraded=bool(problems),
            runs=runs,
            ranked=ranked,
            did_you_mean=did_you_mean(query, self._vocabulary()) if request.correct else None,
            relaxed=relaxed(query, ranked),
            timings_ms=clock.stages,
            took_ms=clock.total(),
            search_id=uuid4().hex,
            rules=(*query.rules, *decision.applied),
            facets=facets,
            sort=page.order,
            progress=page.progress,
        )
        if self._observe is not None:
            self._observe(answer)
        return answer

    def _is_sparing(self, query: Query, depth: int) -> bool:
        """Tell whether the words alone are likely to fill the list, so that waiting for them is seldom in vain."""
        if self._settings.search_vectors == "always":
            return False
        wanted = depth if query.filters == NO_FILTERS else depth * _FEW_PASS
        return self._vocabulary().likely_matches(query.terms) >= wanted

    def _wanted(self, request: SearchRequest) -> Wanted:
        language = request.language or self._settings.search_default_language
        return Wanted(request.limit, request.offset, request.after, request.sort, request.grouped, language)

    async def _understand(self, request: SearchRequest, wording: Wording) -> tuple[Query, list[Exception]]:
        """Return the query, and what went wrong if its spelling could not be checked."""
        vocabulary = self._vocabulary()
        query = understand(request.text, vocabulary, request.filters, repair=request.correct, wording=wording)
        if not query.unknown:
            return query, []
        try:
            async with self._pool.acquire() as connection:
                near = await look_up_neighbours(connection, query, vocabulary.languages)
            return correct_spelling(query, with_words_in_memory(near, vocabulary), wording=wording), []
        except DATABASE_FAILURES as error:
            logger.warning("spelling could not be checked: %s: %s", type(error).__name__, error)
            return query, [error]

    async def _compare(self, query: Query, retrievers: Sequence[Retriever]) -> tuple[Query, list[Exception]]:
        """Return the query with what products are compared with, and what went wrong if it cannot be known."""
        off = self._settings.search_retrievers_off
        comparing = next(
            (each for each in retrievers if isinstance(each, VectorRetriever) and each.name not in off), None
        )
        if comparing is None:
            return query, []
        try:
            async with asyncio.timeout(self._settings.search_deadline_ms / 1000):
                comparison = await comparing.compare(query, other_models(query.terms, self._vocabulary().models_of))
        except TimeoutError as error:
            logger.warning("the query could not be encoded within the deadline")
            return query, [error]
        return replace(query, comparison=comparison), []

    async def _replace(
        self, request: SearchRequest, query: Query, runs: Sequence[RetrieverRun], ranked: Sequence[Ranked]
    ) -> tuple[list[Analogue], list[Exception]]:
        """Return what may replace the first products that were typed in full, and what went wrong; on page one only.

        A product that the filters hide (it is out of stock) is replaced too: then most of all.
        """
        exact = typed_in_full(query, runs)
        hidden = not exact and query.filters != NO_FILTERS
        if request.offset or request.after.shown or not whole_codes(query) or not (exact or hidden):
            return [], []
        asked = [item.fused.product_id for item in ranked if item.fused.product_id in exact][:_REPLACED]
        try:
            async with asyncio.timeout(self._settings.search_deadline_ms / 1000), self._pool.acquire() as connection:
                if hidden:
                    asked = (await load_carriers(connection, whole_codes(query)))[:_REPLACED]
                if not asked:
                    return [], []
                found = await load_analogues(connection, asked, query.filters, _REPLACEMENTS, leave_out=sorted(exact))
        except DATABASE_FAILURES as error:
            logger.warning("analogues could not be looked up: %s: %s", type(error).__name__, error)
            return [], [error]
        return choose_replacements(asked, found, _REPLACEMENTS), []

    async def _hydrate(
        self, decision: Decision, page: Page, replacements: Sequence[Analogue], *, explain: bool
    ) -> tuple[list[Hit], list[AnalogueHit]]:
        wanted = [*(item.fused.product_id for item in page.ranked), *(each.product_id for each in replacements)]
        if not wanted:
            return [], []
        try:
            async with self._pool.acquire() as connection:
                products = await load_products(connection, wanted)
        except DATABASE_FAILURES as error:
            raise unavailable(error) from error
        # A product deleted between the two statements is simply no longer there.
        hits = [
            Hit(
                item,
                products[item.fused.product_id],
                match_of(item.fused, decision.query),
                contributions_of(self._ranker, item) if explain else {},
                decision.boosts.reasons(item.fused.product_id, decision.now) if item.boost else (),
                page.behind.get(item.fused.product_id),
            )
            for item in page.ranked
            if item.fused.product_id in products
        ]
        return hits, [
            AnalogueHit(products[each.product_id], each) for each in replacements if each.product_id in products
        ]


def _is_bounded(runs: Sequence[RetrieverRun], page: Page) -> bool:
    """Tell whether a retriever stopped counting, where it is the retrievers' count that is told."""
    return page.total is None and any(run.retrieved.bounded for run in runs)


def unavailable(error: Exception) -> DatabaseUnavailableError:
    """Return what to tell a caller when the database failed: the cause and what to do, no internals."""
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError):
        return DatabaseUnavailableError("The catalogue has not been built yet. Build it with: cordsearch demo")
    return DatabaseUnavailableError(f"The database did not answer ({type(error).__name__}). Try again shortly.")


class _Clock:
    """Times the stages of one request in milliseconds."""

    def __init__(self) -> None:
        self._started = self._last = perf_counter()
        self.stages: dict[str, float] = {}

    def stage(self, name: str) -> None:
        now = perf_counter()
        self.stages[name] = (now - self._last) * 1000
        self._last = now

    def total(self) -> float:
        return (perf_counter() - self._started) * 1000
