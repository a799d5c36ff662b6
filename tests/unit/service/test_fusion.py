"""Weighted reciprocal rank fusion."""

import dataclasses
from itertools import permutations

import pytest

from service.search.fusion import fuse
from tests.unit.service.builders import run


def test_score_is_the_weighted_sum_of_reciprocal_ranks() -> None:
    result = fuse([run("code", [7, 8]), run("vector", [8])], {"code": 2.0, "vector": 0.5}, 60)
    scores = {item.product_id: item.score for item in result}
    assert scores[7] == pytest.approx(2 / 61)
    assert scores[8] == pytest.approx(2 / 62 + 0.5 / 61)


def test_best_come_first_and_ties_go_to_the_lower_id() -> None:
    result = fuse([run("code", [5]), run("vector", [3])], {}, 60)
    assert [item.product_id for item in result] == [3, 5]


def test_the_order_of_the_lists_changes_nothing() -> None:
    runs = [run("code", [1, 2, 3]), run("fulltext", [3, 4, 1]), run("vector", [2, 4])]
    results = [fuse(list(order), {"code": 2.0}, 60) for order in permutations(runs)]
    assert all(result == results[0] for result in results)


def test_rank_and_score_of_every_retriever_survive() -> None:
    result = fuse([run("fulltext", [9, 4]), run("vector", [4])], {}, 60)
    four = next(item for item in result if item.product_id == 4)
    assert [(e.retriever, e.rank, e.score) for e in four.evidence] == [("fulltext", 2, 0.5), ("vector", 1, 1.0)]


def test_the_best_coverage_of_a_product_survives() -> None:
    near = run("vector", [4])
    covered = near.retrieved.candidates[0]._replace(coverage=0.0)
    near = dataclasses.replace(near, retrieved=dataclasses.replace(near.retrieved, candidates=[covered]))
    assert fuse([near, run("fulltext", [4])], {}, 60)[0].coverage == 1.0
    assert fuse([near], {}, 60)[0].coverage == 0.0


def test_nothing_in_gives_nothing_out() -> None:
    assert fuse([], {}, 60) == []
    assert fuse([run("code", [])], {}, 60) == []


def test_a_larger_constant_flattens_the_ranks() -> None:
    steep, flat = (fuse([run("code", [1, 2])], {}, constant) for constant in (1, 1000))
    assert steep[0].score / steep[1].score > flat[0].score / flat[1].score
