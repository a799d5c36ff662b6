"""Facets: their counts, which filters narrow them, what happens to them when something fails."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast, get_args

import pytest

from service.schemas import SearchResponse
from service.search.choices import FacetName
from service.search.facets import Facet, FacetCounter
from service.search.filters import NO_FILTERS, Filters
from service.search.query import understand
from service.search.rows import Connection, Row
from service.search.tsquery import all_of
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

EVERY: tuple[FacetName, ...] = get_args(FacetName)
TEXT = "колодки"
MATCHES = """
select product_id, vendor_code_normalised, category_ids, group_ids, car_brand_ids, available_quantity > 0 as available,
    price::double precision as price, has_image, is_for_web
from staging_marts.dim_product_search where search_vector @@ $1::tsquery
"""


async def search(application: RunningApplication, **parameters: Any) -> SearchResponse:
    answer = await application.client.get("/search", params={"q": TEXT, **parameters})
    assert answer.status_code == 200, answer.text
    return SearchResponse.model_validate_json(answer.content, extra="forbid")


def counts(body: SearchResponse, name: FacetName) -> dict[str, int]:
    assert body.facets is not None
    return {value.value: value.count for value in body.facets[name].values}


async def counted(
    application: RunningApplication, filters: Filters = NO_FILTERS, **settings: float
) -> dict[FacetName, Facet]:
    """Count over what has the words alone: nothing was proposed for another reason."""
    counter = FacetCounter(application.state.pool, (), application.state.settings.model_copy(update=settings))
    query = understand(TEXT, application.state.vocabulary(), filters)
    facets, problems = await counter.count(query, EVERY, 200, ())
    assert not problems
    return {facet.name: facet for facet in facets}


async def matches(application: RunningApplication) -> Sequence[Row]:
    query = understand(TEXT, application.state.vocabulary())
    async with application.state.pool.acquire() as connection:
        return cast("Sequence[Row]", await connection.fetch(MATCHES, all_of(query.terms)))


def expected(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """The counts of every facet but prices, made in Python."""

    def letters(code: str | None) -> str:
        code = code or ""
        return code[: next((place for place, character in enumerate(code) if character.isdigit()), len(code))]

    def of(values: Sequence[Any]) -> dict[str, int]:
        return {
            str(value).lower() if isinstance(value, bool) else str(value): n for value, n in Counter(values).items()
        }

    return {
        "supplier": of(
            [letters(row["vendor_code_normalised"]) for row in rows if letters(row["vendor_code_normalised"])]
        ),
        "category": of([value for row in rows for value in row["category_ids"] or ()]),
        "group": of([value for row in rows for value in row["group_ids"] or ()]),
        "car_brand": of([value for row in rows for value in row["car_brand_ids"] or ()]),
        "available": of([row["available"] for row in rows]),
        "has_image": of([row["has_image"] for row in rows]),
        "for_web": of([row["is_for_web"] for row in rows]),
    }


async def test_every_product_that_matches_is_counted(application: RunningApplication) -> None:
    rows = await matches(application)
    assert len(rows) > 20
    facets = await counted(application)
    assert list(facets) == list(EVERY)
    assert not any(facet.is_estimated for facet in facets.values())
    for name, values in expected(rows).items():
        found = facets[cast("FacetName", name)].values
        assert {value.value: value.products for value in found} == values, name
        assert [value.products for value in found] == sorted((value.products for value in found), reverse=True)
        assert all(value.label for value in found) is (name in ("category", "group", "car_brand"))


async def test_ranges_of_prices_are_those_of_the_settings(application: RunningApplication) -> None:
    bounds = (5.0, 20.0, 100.0)
    prices = [row["price"] for row in await matches(application) if row["price"] is not None]
    facet = (await counted(application, search_facet_price_bounds=bounds))["price"]  # type: ignore[arg-type]
    found = [(value.lowest, value.highest, value.products) for value in facet.values]
    ranges = [(None, 5.0), (5.0, 20.0), (20.0, 100.0), (100.0, None)]
    counted_here = [
        (lowest, highest, sum((lowest or 0) <= price < (highest or 1e9) for price in prices))
        for lowest, highest in ranges
    ]
    assert found == [each for each in counted_here if each[2]]
    assert (facet.lowest, facet.highest) == (min(prices), max(prices))


@pytest.mark.parametrize("matches_read", [10, 15])
async def test_beyond_the_bound_counts_are_estimated_and_say_so(
    application: RunningApplication, matches_read: int
) -> None:
    rows = await matches(application)
    facets = await counted(application, search_facet_matches=matches_read)
    assert all(facet.is_estimated for facet in facets.values())
    estimate = sum(value.products for value in facets["available"].values)
    assert matches_read < estimate < 10 * len(rows)


async def test_filters_narrow_all_facets_but_their_own(application: RunningApplication) -> None:
    rows = await matches(application)
    brand, count = Counter(brand for row in rows for brand in row["car_brand_ids"] or ()).most_common(1)[0]
    facets = await counted(application, Filters(car_brand_ids=(brand,), available=True))
    passing = [row for row in rows if row["available"] and brand in (row["car_brand_ids"] or ())]
    assert 0 < len(passing) < count
    assert {value.value: value.products for value in facets["category"].values} == expected(passing)["category"]
    in_stock = [row for row in rows if row["available"]]
    assert {value.value: value.products for value in facets["car_brand"].values} == expected(in_stock)["car_brand"]
    of_brand = [row for row in rows if brand in (row["car_brand_ids"] or ())]
    assert {value.value: value.products for value in facets["available"].values} == expected(of_brand)["available"]


async def test_what_is_near_in_meaning_or_has_the_number_is_counted_too(application: RunningApplication) -> None:
    for text in ("81.4", "klotz bremse"):
        body = await search(application, q=text, limit=100, facets="available")
        assert body.hits
        shown = Counter(str(hit.available).lower() for hit in body.hits if hasattr(hit, "available"))
        found = counts(body, "available")
        assert all(found[value] >= shown[value] for value in shown)
        if body.total_is_exact and body.total <= 100:
            assert found == shown


async def test_a_chosen_value_leaves_the_other_values_of_its_facet_to_choose(application: RunningApplication) -> None:
    every = counts(await search(application, facets="car_brand"), "car_brand")
    chosen = next(iter(every))
    body = await search(application, facets="car_brand,category", car_brand_id=[chosen])
    assert set(counts(body, "car_brand")) == set(every)
    assert sum(counts(body, "category").values()) < sum(
        counts(await search(application, facets="category"), "category").values()
    )


async def test_only_what_is_asked_for_is_counted(application: RunningApplication) -> None:
    plain = await search(application)
    assert plain.facets is None
    assert "facets" not in plain.timings_ms
    body = await search(application, facets="available, category", facet_values=1)
    assert body.facets is not None
    assert list(body.facets) == ["available", "category"]
    assert len(body.facets["category"].values) == 1
    assert body.timings_ms["facets"] > 0


async def test_facets_that_fail_cost_the_answer_only_themselves(
    application: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(
        _self: FacetCounter, _connection: Connection, _query: object, names: Sequence[FacetName], *_rest: object
    ) -> list[Facet]:
        if "category" in names:
            raise OSError("the connection broke")
        return [Facet(name, (), is_estimated=False) for name in names]

    monkeypatch.setattr(FacetCounter, "_load", fail)
    body = await search(application, facets="available,category", available="true")
    assert body.degraded
    assert body.hits
    assert body.facets is not None
    assert list(body.facets) == ["available"]


@pytest.mark.parametrize("facets", ["", ",", "colour", "category,colour", "category;group"])
async def test_a_facet_that_is_not_there_is_named(application: RunningApplication, facets: str) -> None:
    answer = await application.client.get("/search", params={"q": TEXT, "facets": facets})
    assert answer.status_code == 422
    assert "facets" in answer.json()["detail"]


async def test_facets_without_an_encoder(catalogue: Catalogue) -> None:
    settings = service_settings(catalogue).model_copy(update={"search_retrievers_off": frozenset({"vector"})})
    async with running_application(settings, catalogue.warehouse_url) as running:
        body = await search(running, facets="available", available="true")
        assert body.degraded
        assert sum(counts(body, "available").values()) > 0
