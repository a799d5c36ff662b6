"""The measures on answers whose value can be worked out by hand."""

from math import log2

import pytest

from benchmarks.relevance.baseline import drops
from benchmarks.relevance.measures import chance_of_no_gain, corrected, mean, score

GRADES = {"q": {1: 3, 2: 2, 3: 1}}


def test_the_ideal_order_scores_one() -> None:
    found = score(GRADES, {"q": [1, 2, 3, 4]})["q"]
    assert (found.ndcg_10, found.rr_10, found.first, found.recall_10) == pytest.approx((1, 1, 1, 1))


def test_gains_are_seven_three_and_one() -> None:
    found = score(GRADES, {"q": [2, 9, 1]})["q"]
    ideal = 7 + 3 / log2(3) + 1 / log2(4)
    assert found.ndcg_10 == pytest.approx((3 + 7 / log2(4)) / ideal)
    assert found.rr_10 == pytest.approx(1 / 3)
    assert found.first == 0


def test_an_unanswered_query_scores_nothing() -> None:
    found = score(GRADES, {})["q"]
    assert (found.ndcg_10, found.rr_10, found.first, found.recall_10, found.recall_100) == (0, 0, 0, 0, 0)
    other = score({"q": {1: 3}, "r": {2: 3}}, {"r": [2]})
    assert mean(list(other.values())).ndcg_10 == pytest.approx(0.5)


def test_recall_does_not_ask_for_more_than_the_list_can_hold() -> None:
    many = {"q": dict.fromkeys(range(50), 3)}
    assert score(many, {"q": list(range(10))})["q"].recall_10 == pytest.approx(1)
    assert score(many, {"q": list(range(25))})["q"].recall_100 == pytest.approx(0.5)


def test_a_gain_is_told_from_chance() -> None:
    assert chance_of_no_gain([0.9] * 20, [0.5] * 20) < 0.001
    assert chance_of_no_gain([0.5] * 20, [0.5] * 20) == 1.0
    assert chance_of_no_gain([0.4, 0.6] * 10, [0.6, 0.4] * 10) > 0.3


def test_asking_often_makes_chances_larger_and_keeps_their_order() -> None:
    assert corrected({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_only_drops_beyond_noise_are_reported() -> None:
    before = {"test": {"typo": 0.95, "code": 1.0, "overall": 0.97}}
    assert drops(before, {"test": {"typo": 0.94, "code": 1.0, "overall": 0.965}}) == []
    lost = drops(before, {"test": {"typo": 0.90, "overall": 0.97}})
    assert [line.split(":")[0] for line in lost] == ["test, typo", "test, code"]
