"""What every retriever must do. Inherit :class:`RetrieverContract`, name the retriever and queries for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from service.search.candidate import Retrieved
from service.search.filters import NO_FILTERS, FilterName, Filters
from service.search.query import Query, correct_spelling, understand
from service.search.retrieve import Retriever
from service.search.retrievers import build_retrievers
from service.search.rows import Row
from service.search.spelling import look_up_neighbours
from service.search.term import Term
from tests.service import RunningApplication

PRODUCTS = """
select
    product_id, vendor_code_normalised, available_quantity > 0 as available, category_ids, group_ids, car_brand_ids,
    price::double precision as price, weight, has_image, is_for_web
from staging_marts.dim_product_search where product_id = any($1::bigint[])
"""
EVERY_FILTER: tuple[FilterName, ...] = get_args(FilterName)
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


def filters_of(row: Row, *names: FilterName) -> Filters:
    """Return filters that the product of ``row`` passes."""
    price, weight = row["price"] or 0.0, row["weight"] or 0.0
    chosen: dict[FilterName, dict[str, Any]] = {
        "supplier": {"supplier": row["vendor_code_normalised"][:3]},
        "category": {"category_ids": tuple(row["category_ids"] or ())},
        "group": {"group_ids": tuple(row["group_ids"] or ())[:1]},
        "car_brand": {"car_brand_ids": (*(row["car_brand_ids"] or ()), 1)},
        "available": {"available": row["available"]},
        "price": {"price_min": price / 2, "price_max": price},
        "weight": {"weight_min": weight},
        "has_image": {"has_image": row["has_image"]},
        "for_web": {"for_web": row["is_for_web"]},
        "not_category": {"not_category_ids": not_of(row["category_ids"])},
        "not_group": {"not_group_ids": not_of(row["group_ids"])},
        "not_car_brand": {"not_car_brand_ids": not_of(row["car_brand_ids"])},
        "hidden": {"hidden_ids": (row["product_id"] + 1, row["product_id"] + 2)},
    }
    return replace(NO_FILTERS, **{field: value for name in names for field, value in chosen[name].items()})


def not_of(ids: Sequence[int] | None) -> tuple[int, ...]:
    """Ids that a product has not: so many that other products have one of them."""
    return tuple(other for other in range(1, 40) if other not in (ids or ()))


def is_complete(row: Row) -> bool:
    return all(
        row[column]
        for column in ("vendor_code_normalised", "price", "weight", "category_ids", "group_ids", "car_brand_ids")
    )


def passes(row: Row, filters: Filters) -> bool:
    """The filters in Python, as the retrievers must have them."""

    def has_one(column: str, ids: tuple[int, ...]) -> bool:
        return not ids or bool({*(row[column] or ())} & {*ids})

    def has_none(column: str, ids: tuple[int, ...]) -> bool:
        return not {*(row[column] or ())} & {*ids}

    def is_between(value: float | None, lowest: float | None, highest: float | None) -> bool:
        if lowest is None and highest is None:
            return True
        return value is not None and (lowest or 0) <= value <= (float("inf") if highest is None else highest)

    return (
        (row["vendor_code_normalised"] or "").startswith(filters.supplier or "")
        and filters.available in (None, row["available"])
        and has_one("category_ids", filters.category_ids)
        and has_one("group_ids", filters.group_ids)
        and has_one("car_brand_ids", filters.car_brand_ids)
        and has_none("category_ids", filters.not_category_ids)
        and has_none("group_ids", filters.not_group_ids)
        and has_none("car_brand_ids", filters.not_car_brand_ids)
        and is_between(row["price"], filters.price_min, filters.price_max)
        and is_between(row["weight"], filters.weight_min, filters.weight_max)
        and filters.has_image in (None, row["has_image"])
        and filters.for_web in (None, row["is_for_web"])
        and row["product_id"] not in filters.hidden_ids
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
        for length in range(1, 8):  # the indexes of words know the first five characters
            supplier = rows[0]["vendor_code_normalised"][:length]
            found = await self.run(application, retriever, self.answered, Filters(supplier=supplier))
            codes = {row["product_id"]: row["vendor_code_normalised"] for row in await self._rows(application, found)}
            assert rows[0]["product_id"] in codes
            assert all(code.startswith(supplier) for code in codes.values())

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

    @pytest.mark.parametrize("name", EVERY_FILTER)
    async def test_every_filter_is_respected_and_hides_nothing_else(
        self, application: RunningApplication, retriever: Retriever, name: FilterName
    ) -> None:
        unfiltered = await self._rows(application, await self.run(application, retriever, self.answered))
        row = next(row for row in unfiltered if is_complete(row))
        filters = filters_of(row, name)
        rows = await self._rows(application, await self.run(application, retriever, self.answered, filters))
        assert row["product_id"] in {row["product_id"] for row in rows}
        assert all(passes(row, filters) for row in rows)
        if name in ("not_group", "not_car_brand"):  # all that is found may be of one category
            assert not all(passes(row, filters) for row in unfiltered), "it hides nothing here: a test of nothing"
        assert {row["product_id"] for row in unfiltered if passes(row, filters)} <= {row["product_id"] for row in rows}

    async def test_filters_hold_all_at_once(self, application: RunningApplication, retriever: Retriever) -> None:
        rows = await self._rows(application, await self.run(application, retriever, self.answered))
        row = next(row for row in rows if is_complete(row))
        filters = filters_of(row, *EVERY_FILTER)
        assert filters.names == EVERY_FILTER
        rows = await self._rows(application, await self.run(application, retriever, self.answered, filters))
        assert row["product_id"] in {row["product_id"] for row in rows}
        assert all(passes(row, filters) for row in rows)

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
            rows = await connection.fetch(PRODUCTS, [candidate.product_id for candidate in found.candidates])
        by_id = {row["product_id"]: row for row in rows}
        return [by_id[candidate.product_id] for candidate in found.candidates]
