"""Weighted reciprocal rank fusion."""

import dataclasses
from itertools import permutations
from typing import get_args

import pytest

from cordsearch.ranking import FusionMethod
from service.search.candidate import Retrieved, RetrieverRun
from service.search.fusion import fuse
from tests.unit.service.builders import candidate, run

METHODS: tuple[FusionMethod, ...] = get_args(FusionMethod)


def test_score_is_the_weighted_sum_of_reciprocal_ranks() -> None:
    result = fuse([run("code", [7, 8]), run("vector", [8])], {"code": 2.0, "vector": 0.5}, 60)
    scores = {item.product_id: item.score for item in result}
    assert scores[7] == pytest.approx(2 / 61)
    assert scores[8] == pytest.approx(2 / 62 + 0.5 / 61)


def scored(name: str, *candidates: tuple[int, float, float]) -> RetrieverRun:
    """A list of (product, score, coverage)."""
    found = [candidate(*each) for each in candidates]
    return RetrieverRun(name, "ok", 1.0, Retrieved(found, len(found), bounded=False))


def by_score(*runs: RetrieverRun, **weights: float) -> dict[int, float]:
    return {item.product_id: item.score for item in fuse(runs, weights, 60, "score")}


def test_scores_count_as_shares_of_the_best_of_their_list() -> None:
    near = scored("vector", (1, 0.8, 0.0), (2, 0.4, 0.0))
    words = scored("fulltext", (2, 0.03, 1.0), (3, 0.01, 1.0))
    found = by_score(near, words, vector=0.5)
    assert found == pytest.approx({1: 0.5, 2: 0.25 + 1.0, 3: 1 / 3})


def test_scores_are_compared_only_where_as_many_words_match() -> None:
    assert by_score(scored("fulltext", (1, 0.01, 1.0), (2, 0.9, 0.5), (3, 0.3, 0.5))) == pytest.approx(
        {1: 1.0, 2: 0.5, 3: 0.5 / 3}
    )


@pytest.mark.parametrize("score", [0.0, -0.3])
def test_a_score_of_nothing_counts_nothing(score: float) -> None:
    assert by_score(scored("vector", (1, score, 0.0))) == {1: 0.0}


def test_both_methods_break_ties_by_product_and_keep_the_evidence() -> None:
    runs = [scored("vector", (9, 0.5, 0.0), (4, 0.5, 0.0)), scored("fulltext", (9, 0.1, 1.0), (4, 0.1, 1.0))]
    assert [item.product_id for item in fuse(runs, {}, 60, "score")] == [4, 9]
    by_rank, by_score = (
        {item.product_id: [each._replace(share=0) for each in item.evidence] for item in fuse(runs, {}, 60, method)}
        for method in METHODS
    )
    assert by_score == by_rank


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


@pytest.mark.parametrize("method", METHODS)
def test_the_shares_of_the_retrievers_are_the_fused_score(method: FusionMethod) -> None:
    found = fuse([run("code", [3, 1]), run("fulltext", [1])], {"code": 2.0}, 60, method)
    assert [len(fused.evidence) for fused in found] == [2, 1]
    for fused in found:
        assert sum(each.share for each in fused.evidence) == pytest.approx(fused.score)
