"""Ranking: fused candidates in their final order. Pure.

Stage: service, after fusion. Reads: fused scores and product signals. Writes: the order, and on demand why.
"""

from collections.abc import Mapping, Sequence
from operator import mul
from typing import Protocol

from cordsearch.ranking import SIGNALS
from service.search.candidate import Closeness, Fused, Ranked

# The vehicle counts only as far as the part is the right one: half as similar as the best is a thirtieth as right.
_SAME_PART = 5
_OTHER_VEHICLE = -0.2


class Ranker(Protocol):
    """Puts fused candidates in order; a learned ranker would be another one."""

    def rank(self, fused: Sequence[Fused]) -> list[Ranked]:
        """Return every candidate once, best first, the same order for the same input."""

    def contributions(self, ranked: Ranked) -> dict[str, float]:
        """Return what each signal added to the score of ``ranked``."""


class LinearRanker:
    """score = sum of weight x signal; ties go to the lower product id.

    Signals lie between 0 and 1, only ``vehicle`` is negative for a part that is for another one.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Keep ``weights``: signal name (one of :data:`SIGNALS`) -> weight; a signal without a weight does not count.

        Raises:
            ValueError: a name is not a signal.
        """
        unknown = sorted(set(weights) - set(SIGNALS))
        if unknown:
            raise ValueError(f"There is no ranking signal {', '.join(unknown)}; the signals are {', '.join(SIGNALS)}.")
        self._weights = tuple(weights.get(name, 0.0) for name in SIGNALS)

    def rank(self, fused: Sequence[Fused]) -> list[Ranked]:
        """Order ``fused`` by the weighted sum; the fused score enters as a share of the best one."""
        if not fused:
            return []
        highest = max(candidate.score for candidate in fused) or 1.0
        nearest = max((each.closeness.similarity for each in fused if each.closeness), default=0.0)
        weights = self._weights
        order: list[tuple[float, int, Ranked]] = []
        for candidate in fused:
            relevance = candidate.score / highest
            similarity = _similarity(candidate.closeness, nearest)
            score = sum(map(mul, weights, _values(relevance, similarity, candidate)))
            order.append((-score, candidate.product_id, Ranked(candidate, score, relevance, similarity)))
        order.sort()  # no product comes twice, so the third of a tuple is never looked at
        return [ranked for _, _, ranked in order]

    def contributions(self, ranked: Ranked) -> dict[str, float]:
        """Return weight x signal by signal name; their sum is the score."""
        values = _values(ranked.relevance, ranked.similarity, ranked.fused)
        return {name: weight * value for name, weight, value in zip(SIGNALS, self._weights, values, strict=True)}


def _similarity(closeness: Closeness | None, nearest: float) -> float:
    """Return the similarity as a share of the nearest one's, 0 for what was not compared."""
    return max(closeness.similarity, 0.0) / nearest if closeness and nearest > 0 else 0.0


def _vehicle(closeness: Closeness | None, similarity: float) -> float:
    if closeness is None:
        return 0.0
    fits = _OTHER_VEHICLE if closeness.other_vehicle else closeness.vehicle
    return fits * similarity**_SAME_PART


def _values(relevance: float, similarity: float, fused: Fused) -> tuple[float, ...]:
    """Return the signals in the order of :data:`SIGNALS`."""
    available, popularity, freshness, data_quality, _, has_image, has_price, for_web = fused.signals
    return (
        relevance,
        fused.coverage,
        available,  # a bool counts 0 or 1
        popularity,
        fused.demand,
        freshness,
        data_quality,
        has_image,
        has_price,
        for_web,
        similarity,
        _vehicle(fused.closeness, similarity),
    )
