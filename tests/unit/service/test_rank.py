"""The linear ranker."""

from itertools import permutations

import pytest

from cordsearch.ranking import RANKING_PRESETS, SIGNALS, RankingPreset, ranking_weights
from cordsearch.settings import Settings
from service.search.candidate import Closeness, Fused
from service.search.rank import LinearRanker
from tests.unit.service.builders import fused


def test_relevance_is_a_share_of_the_best() -> None:
    ranked = LinearRanker({"relevance": 1.0}).rank([fused(1, 0.02), fused(2, 0.04)])
    assert [(item.fused.product_id, item.score) for item in ranked] == [(2, 1.0), (1, 0.5)]


def test_a_signal_lifts_an_equal_candidate() -> None:
    ranked = LinearRanker({"relevance": 1.0, "available": 0.1}).rank([fused(1, 1.0), fused(2, 1.0, available=True)])
    assert [item.fused.product_id for item in ranked] == [2, 1]


def test_ties_go_to_the_lower_id_whatever_the_input_order() -> None:
    ranker = LinearRanker({"relevance": 1.0})
    candidates = [fused(3, 1.0), fused(1, 1.0), fused(2, 1.0)]
    assert [item.fused.product_id for item in ranker.rank(candidates)] == [1, 2, 3]
    assert ranker.rank(candidates) == ranker.rank(candidates[::-1])


def test_the_contributions_add_up_to_the_score() -> None:
    ranker = LinearRanker({name: 0.1 * place for place, name in enumerate(SIGNALS, start=1)})
    item = ranker.rank([fused(1, 1.0, 0.5, available=True, popularity=0.3, freshness=0.2, has_price=True)])[0]
    parts = ranker.contributions(item)
    assert set(parts) == set(SIGNALS)
    assert sum(parts.values()) == pytest.approx(item.score)


@pytest.mark.parametrize("preset", RANKING_PRESETS)
def test_more_coverage_beats_every_catalogue_signal_in_every_preset(preset: RankingPreset) -> None:
    ranker = LinearRanker(ranking_weights(preset, {}))
    shining = fused(
        1, 1.0, 0.5, available=True, popularity=1.0, freshness=1.0, data_quality=1.0,
        has_image=True, has_price=True, for_web=True,
    )  # fmt: skip
    whole = fused(2, 1.01, 1.0)  # what is whole also comes first in the list of its retriever
    assert [item.fused.product_id for item in ranker.rank([shining, whole])] == [2, 1]


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("balanced", [1, 2, 3, 4]),
        ("in_stock_first", [2, 4, 1, 3]),
        ("popular_first", [1, 3, 2, 4]),
        ("relevance_only", [1, 2, 3, 4]),
    ],
)
def test_a_preset_orders_equal_matches_as_its_name_says(preset: RankingPreset, expected: list[int]) -> None:
    matches = [
        fused(1, 1.00, popularity=0.8),
        fused(2, 0.92, available=True),
        fused(3, 0.90, popularity=0.8),
        fused(4, 0.86, available=True),
    ]
    ranker = LinearRanker(ranking_weights(preset, {}))
    assert [item.fused.product_id for item in ranker.rank(matches)] == expected


@pytest.mark.parametrize("preset", RANKING_PRESETS)
def test_products_that_no_signal_tells_apart_come_in_one_order(preset: RankingPreset) -> None:
    ranker = LinearRanker(ranking_weights(preset, {}))
    equal = [fused(number, 0.5, available=True, popularity=0.1 + 0.2) for number in (30, 7, 19, 2)]
    orders = {tuple(item.fused.product_id for item in ranker.rank(list(given))) for given in permutations(equal)}
    assert orders == {(2, 7, 19, 30)}


def test_nothing_to_rank() -> None:
    assert LinearRanker({"relevance": 1.0}).rank([]) == []


def test_an_unknown_signal_is_refused() -> None:
    with pytest.raises(ValueError, match="no ranking signal beauty"):
        LinearRanker({"beauty": 1.0})


def near(product_id: int, similarity: float, vehicle: float = 0.0, *, other_vehicle: bool = False) -> Fused:
    return fused(product_id, 1.0)._replace(closeness=Closeness(similarity, vehicle, other_vehicle))


def order(weights: dict[str, float], *candidates: Fused) -> list[int]:
    return [item.fused.product_id for item in LinearRanker(weights).rank(candidates)]


def test_similarity_is_a_share_of_the_nearest() -> None:
    ranked = LinearRanker({"similarity": 1.0}).rank([near(1, 0.4), near(2, 0.8), near(3, -0.5), fused(4, 1.0)])
    assert [(item.fused.product_id, item.score) for item in ranked] == [(2, 1.0), (1, 0.5), (3, 0.0), (4, 0.0)]


def test_the_right_part_for_the_vehicle_comes_before_the_same_part_for_another() -> None:
    weights = Settings(_env_file=None).ranking_weights
    fits, silent, other = near(3, 0.8, 1.0), near(2, 0.8), near(1, 0.8, other_vehicle=True)
    assert order(weights, other, silent, fits) == [3, 2, 1]


def test_another_part_of_the_vehicle_gains_next_to_nothing() -> None:
    weights = Settings(_env_file=None).ranking_weights
    assert order(weights, near(1, 0.4, 1.0), near(2, 0.8, other_vehicle=True)) == [2, 1]
