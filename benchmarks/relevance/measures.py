"""How good ranked answers are, per query and per class; and whether a difference is more than chance. Pure.

The measures come from ir-measures, which runs trec_eval's code. Gains are 7, 3 and 1 for grades 3, 2 and 1
(2^grade - 1; Burges et al., 2005), so that four half-right products do not outweigh a right one. MRR, recall and
success count only grade 3. Where more products are right than the list is long, recall is the share of the places that
are right: a list of ten cannot hold a hundred brake pads.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, P, Success, nDCG
from scipy import stats

from benchmarks.relevance.grading import FULL

_GAINS = {0: 0, 1: 1, 2: 3, 3: 7}
_NDCG = nDCG(gains=_GAINS) @ 10
_RR = RR(rel=FULL) @ 10
_FIRST = Success(rel=FULL) @ 1
_P10 = P(rel=FULL) @ 10
_P100 = P(rel=FULL) @ 100

Grades = Mapping[str, Mapping[int, int]]  # query -> product -> grade over 0
Answers = Mapping[str, Sequence[int]]  # query -> products, best first


@dataclass(frozen=True)
class Scores:
    """The measures of one query, or the means of several; all from 0 to 1."""

    ndcg_10: float
    rr_10: float
    first: float
    recall_10: float
    recall_100: float


def score(grades: Grades, answers: Answers) -> dict[str, Scores]:
    """Return the measures of every query of ``grades``; one that is not answered scores 0."""
    qrels = {query: {str(product): grade for product, grade in graded.items()} for query, graded in grades.items()}
    run = {
        query: {str(product): float(-rank) for rank, product in enumerate(answers.get(query, ()))} for query in grades
    }
    values: dict[str, dict[object, float]] = {query: {} for query in grades}
    for metric in ir_measures.iter_calc([_NDCG, _RR, _FIRST, _P10, _P100], qrels, run):
        values[metric.query_id][metric.measure] = metric.value
    found: dict[str, Scores] = {}
    for query, graded in grades.items():
        right = sum(grade == FULL for grade in graded.values())
        mine = values[query]
        found[query] = Scores(
            ndcg_10=mine.get(_NDCG, 0.0),
            rr_10=mine.get(_RR, 0.0),
            first=mine.get(_FIRST, 0.0),
            recall_10=_recall(mine.get(_P10, 0.0), 10, right),
            recall_100=_recall(mine.get(_P100, 0.0), 100, right),
        )
    return found


def _recall(precision: float, depth: int, right: int) -> float:
    return precision * depth / min(depth, right) if right else 0.0


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the mean of every measure. Raises statistics.StatisticsError for no scores."""
    names = ("ndcg_10", "rr_10", "first", "recall_10", "recall_100")
    return Scores(**{name: statistics.fmean(getattr(each, name) for each in scores) for name in names})


def chance_of_no_gain(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the p-value of "ours are not better than theirs", paired, by random swaps of sign.

    M. Smucker, J. Allan, B. Carterette, "A comparison of statistical significance tests for information retrieval
    evaluation", CIKM 2007. The seed is fixed: the same values give the same answer.
    """
    difference = np.array(ours) - np.array(theirs)
    if not difference.any():
        return 1.0
    test = stats.permutation_test(
        (difference,), np.mean, permutation_type="samples", alternative="greater", n_resamples=9_999, rng=1
    )
    return float(test.pvalue)


def corrected(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the p-values corrected for having asked several times (S. Holm, 1979)."""
    order = sorted(p_values, key=lambda name: p_values[name])
    result: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - place) * p_values[name]))
        result[name] = highest
    return result
