"""Presets of ranking weights on a real catalogue."""

import re

import pytest

from cordsearch.ranking import RankingPreset
from service.search.candidate import Ranked
from service.search.pipeline import SearchPipeline, SearchRequest
from tests.service import RunningApplication

WORDS = ("колодки", "фильтр", "амортизатор", "тяга", "klocki hamulcowe", "датчик")


async def first(application: RunningApplication, preset: RankingPreset, q: str, limit: int = 10) -> list[Ranked]:
    state = application.state
    settings = state.settings.model_copy(update={"search_ranking": preset})
    pipeline = SearchPipeline(state.pool, state.vocabulary, state.retrievers, settings)
    return [hit.ranked for hit in (await pipeline.search(SearchRequest(q, limit=limit))).hits]


async def test_in_stock_first_brings_more_products_in_stock_to_the_first_page(application: RunningApplication) -> None:
    presets: tuple[RankingPreset, ...] = ("relevance_only", "balanced", "in_stock_first")
    counts = [
        sum([item.fused.signals.available for q in WORDS for item in await first(application, preset, q)])
        for preset in presets
    ]
    assert counts == sorted(set(counts))


async def test_popular_first_brings_more_popular_products_to_the_first_page(application: RunningApplication) -> None:
    presets: tuple[RankingPreset, ...] = ("relevance_only", "popular_first")
    sums = [
        sum([item.fused.signals.popularity for q in WORDS for item in await first(application, preset, q)])
        for preset in presets
    ]
    assert sums == sorted(set(sums))


@pytest.mark.parametrize("preset", ["balanced", "in_stock_first", "popular_first", "relevance_only"])
async def test_a_part_number_typed_in_full_stays_first(application: RunningApplication, preset: RankingPreset) -> None:
    async with application.state.pool.acquire() as connection:
        codes = await connection.fetch(
            "select code_normalised as code from staging_marts.product_code where length(code_normalised) > 5"
            " order by md5(code_normalised) limit 20"
        )
    for code in (row["code"] for row in codes):
        found = await first(application, preset, code)
        exact = [any(evidence.score >= 1 for evidence in item.fused.evidence) for item in found]
        assert exact[0]
        assert exact == sorted(exact, reverse=True)


async def test_a_part_for_another_model_of_the_make_is_told_from_one_for_any(application: RunningApplication) -> None:
    state = application.state
    models = state.vocabulary().models_of("daf")
    assert {"xf105", "cf85"} <= set(models)
    answers = [await state.search.search(SearchRequest(f"{part} daf xf105")) for part in ("фара", "датчик", "тяга")]
    fused = [item.fused for answer in answers for item in answer.ranked]
    closeness = {each.product_id: each.closeness for each in fused if each.closeness is not None}
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select product_id, concat_ws(' ', name_ru, name_uk, name_pl) as names"
            " from staging_marts.dim_product_search where product_id = any($1::bigint[]) and car_brand_names = '{DAF}'",
            list(closeness),
        )
    says: dict[str, set[bool]] = {"asked": set(), "another": set(), "none": set(), "unclear": set()}
    for row in rows:
        named = set(re.findall(r"(?:xf|cf|lf)\d+", row["names"].lower()))
        mentioned = named or re.search(r"XF|CF|LF|XG", row["names"])
        silent = "unclear" if mentioned else "none"  # "LF 45" and models too rare to be known
        kind = "asked" if "xf105" in named else "another" if named & set(models) else silent
        says[kind].add(closeness[row["product_id"]].other_vehicle)
    assert (says["asked"], says["another"], says["none"]) == ({False}, {True}, {False})


async def test_a_make_beside_a_number_that_several_makes_have_says_which_is_meant(
    application: RunningApplication,
) -> None:
    async with application.state.pool.acquire() as connection:
        shared = await connection.fetch(
            "select code_normalised as code, array_agg(product_id) as products,"
            " array_agg(lower(car_brand_names[1])) as makes"
            " from staging_marts.product_code join staging_marts.dim_product_search using (product_id)"
            " where cardinality(car_brand_names) = 1 and car_brand_names[1] !~ '\\W'"
            " group by 1 having count(distinct car_brand_names) > 1 order by 1 limit 5"
        )
    assert shared
    for number in shared:
        makes = dict(zip(number["products"], number["makes"], strict=True))
        for make in set(makes.values()):
            found = [item.fused.product_id for item in await first(application, "balanced", f"{number['code']} {make}")]
            carriers = [makes[product] == make for product in found if product in makes]
            assert found[0] in makes
            assert carriers[0]
            assert carriers == sorted(carriers, reverse=True)
