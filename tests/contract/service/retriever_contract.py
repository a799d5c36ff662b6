"""What every retriever must do. Inherit :class:`RetrieverContract`, name the retriever and queries for it."""

from collections.abc import Sequence

import pytest

from service.search.candidate import Retrieved
from service.search.query import Filters, Query, correct_spelling, understand
from service.search.retrieve import Retriever
from service.search.retrievers import build_retrievers
from service.search.rows import Row
from service.search.spelling import look_up_neighbours
from service.search.term import Term
from tests.service import RunningApplication

VENDOR_CODES = """
select product_id, vendor_code_normalised, coalesce(available_quantity, 0) > 0 as available
from staging_marts.dim_product_search where product_id = any($1::bigint[])
"""
HOSTILE = (
    "'",
    "\\",
    "a' & 'b",
    "'; drop table staging_marts.search_term; --",
    "%",
    "_",
    "\u0301",
    "🚚",
    "<->",
    "a" * 200,
)


class RetrieverContract:
    """The suite; a subclass says which retriever and gives a query it answers and one it has no business with."""

    name: str
    answered: str
    """A query that finds more than one product."""
    not_wanted: str
    """A query that holds nothing for this retriever."""
    limit = 50

    @pytest.fixture
    def retriever(self, application: RunningApplication) -> Retriever:
        retrievers = build_retrievers(application.state.encoder, smallest_similarity=-1.0)
        return next(retriever for retriever in retrievers if retriever.name == self.name)

    async def understand(self, application: RunningApplication, text: str, filters: Filters | None = None) -> Query:
        query = understand(text, application.state.vocabulary(), filters)
        if not query.unknown:
            return query
        async with application.state.pool.acquire() as connection:
            return correct_spelling(query, await look_up_neighbours(connection, query))

    async def run(
        self,
        application: RunningApplication,
        retriever: Retriever,
        text: str,
        filters: Filters | None = None,
        limit: int | None = None,
    ) -> Retrieved:
        query = await self.understand(application, text, filters)
        assert retriever.wants(query)
        async with application.state.pool.acquire() as connection:
            return await retriever.retrieve(connection, query, limit or self.limit)

    async def test_wants_only_what_it_can_answer(self, application: RunningApplication, retriever: Retriever) -> None:
        assert retriever.wants(await self.understand(application, self.answered))
        assert not retriever.wants(await self.understand(application, self.not_wanted))

    async def test_finds_distinct_products_best_first(
        self, application: RunningApplication, retriever: Retriever
    ) -> None:
        found = await self.run(application, retriever, self.answered)
        ids = [candidate.product_id for candidate in found.candidates]
        assert len(ids) > 1
        assert len(ids) == len(set(ids)) <= self.limit
        order = [(-candidate.coverage, -candidate.score) for candidate in found.candidates]
        assert order == sorted(order)
        assert found.total >= len(ids)

    async def test_candidates_say_why_and_carry_signals(
        self, application: RunningApplication, retriever: Retriever
    ) -> None:
        for candidate in (await self.run(application, retriever, self.answered)).candidates:
            assert candidate.matched
            assert 0 <= candidate.coverage <= 1
            signals = candidate.signals
            for share in (signals.popularity, signals.freshness, signals.data_quality, signals.static_quality):
                assert 0 <= share <= 1

    async def test_the_same_query_gives_the_same_answer(
        self, application: RunningApplication, retriever: Retriever
    ) -> None:
        first = await self.run(application, retriever, self.answered)
        assert await self.run(application, retriever, self.answered) == first

    async def test_the_limit_is_respected(self, application: RunningApplication, retriever: Retriever) -> None:
        assert len((await self.run(application, retriever, self.answered, limit=1)).candidates) == 1

    async def test_the_supplier_is_respected(self, application: RunningApplication, retriever: Retriever) -> None:
        rows = await self._rows(application, await self.run(application, retriever, self.answered))
        supplier = rows[0]["vendor_code_normalised"][:3]
        found = await self.run(application, retriever, self.answered, Filters(supplier=supplier))
        rows = await self._rows(application, found)
        assert rows
        assert all(row["vendor_code_normalised"].startswith(supplier) for row in rows)

    @pytest.mark.parametrize("available", [True, False])
    async def test_stock_is_respected(
        self,
        application: RunningApplication,
        retriever: Retriever,
        available: bool,  # noqa: FBT001
    ) -> None:
        found = await self.run(application, retriever, self.answered, Filters(available=available))
        assert all(row["available"] is available for row in await self._rows(application, found))
        assert all(candidate.signals.available is available for candidate in found.candidates)

    async def test_a_filter_nothing_passes_gives_nothing(
        self, application: RunningApplication, retriever: Retriever
    ) -> None:
        found = await self.run(application, retriever, self.answered, Filters(supplier="NOSUCHSUPPLIER"))
        assert (list(found.candidates), found.total) == ([], 0)

    @pytest.mark.parametrize("text", HOSTILE)
    async def test_hostile_text_is_only_text(
        self, application: RunningApplication, retriever: Retriever, text: str
    ) -> None:
        query = Query(text, text, (Term(text, "spelling", ((text,),)),), (text,))
        async with application.state.pool.acquire() as connection:
            found = await retriever.retrieve(connection, query, 5)
        assert len(found.candidates) <= 5

    async def _rows(self, application: RunningApplication, found: Retrieved) -> Sequence[Row]:
        async with application.state.pool.acquire() as connection:
            rows = await connection.fetch(VENDOR_CODES, [candidate.product_id for candidate in found.candidates])
        by_id = {row["product_id"]: row for row in rows}
        return [by_id[candidate.product_id] for candidate in found.candidates]
