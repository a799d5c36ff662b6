"""Ranking: fused candidates in their final order. Pure.

Stage: service, after fusion. Reads: fused scores and product signals. Writes: the order, and on demand why.
"""

from collections.abc import Mapping, Sequence
from operator import mul
from typing import Protocol

from service.search.candidate import Fused, Ranked, Signals

SIGNALS = (
    "relevance",
    "coverage",
    "available",
    "popularity",
    "freshness",
    "data_quality",
    "image",
    "price",
    "for_web",
)


class Ranker(Protocol):
    """Puts fused candidates in order; a learned ranker would be another one."""

    def rank(self, fused: Sequence[Fused]) -> list[Ranked]:
        """Return every candidate once, best first, the same order for the same input."""

    def contributions(self, ranked: Ranked) -> dict[str, float]:
        """Return what each signal added to the score of ``ranked``."""


class LinearRanker:
    """score = sum of weight x signal; signals lie between 0 and 1, ties go to the lower product id."""

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
        ranked: list[Ranked] = []
        for candidate in fused:
            relevance = candidate.score / highest
            values = _values(relevance, candidate.coverage, candidate.signals)
            ranked.append(Ranked(candidate, sum(map(mul, self._weights, values)), relevance))
        ranked.sort(key=lambda item: (-item.score, item.fused.product_id))
        return ranked

    def contributions(self, ranked: Ranked) -> dict[str, float]:
        """Return weight x signal by signal name; their sum is the score."""
        values = _values(ranked.relevance, ranked.fused.coverage, ranked.fused.signals)
        return {name: weight * value for name, weight, value in zip(SIGNALS, self._weights, values, strict=True)}


def _values(relevance: float, coverage: float, signals: Signals) -> tuple[float, ...]:
    """Return the signals in the order of :data:`SIGNALS`."""
    return (
        relevance,
        coverage,
        float(signals.available),
        signals.popularity,
        signals.freshness,
        signals.data_quality,
        float(signals.has_image),
        float(signals.has_price),
        float(signals.for_web),
    )
