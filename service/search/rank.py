"""Ranking: fused candidates in their final order. Pure.

Stage: service, after fusion. Reads: fused scores and product signals. Writes: the order, and why.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from service.search.candidate import Fused, Ranked


class Ranker(Protocol):
    """Puts fused candidates in order; a learned ranker would be another one."""

    def rank(self, fused: Sequence[Fused]) -> list[Ranked]:
        """Return every candidate once, best first, the same order for the same input."""


class LinearRanker:
    """score = sum of weight x signal; signals lie between 0 and 1, ties go to the lower product id."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Keep ``weights``: signal name (the keys of :func:`signal_values`) -> weight. Unnamed signals do not count."""
        self._weights = {name: weight for name, weight in weights.items() if weight}

    def rank(self, fused: Sequence[Fused]) -> list[Ranked]:
        """Order ``fused`` by the weighted sum; the fused score enters as a share of the best one."""
        if not fused:
            return []
        highest = max(candidate.score for candidate in fused)
        ranked = [self._score(candidate, highest) for candidate in fused]
        ranked.sort(key=lambda item: (-item.score, item.fused.product_id))
        return ranked

    def _score(self, candidate: Fused, highest: float) -> Ranked:
        values = signal_values(candidate, highest)
        contributions = {name: weight * values[name] for name, weight in self._weights.items()}
        return Ranked(candidate, sum(contributions.values()), contributions)


def signal_values(candidate: Fused, highest: float) -> dict[str, float]:
    """Return every signal a ranker may weigh, each from 0 to 1."""
    signals = candidate.signals
    return {
        "relevance": candidate.score / highest if highest else 0.0,
        "coverage": candidate.coverage,
        "available": float(signals.available),
        "popularity": signals.popularity,
        "freshness": signals.freshness,
        "data_quality": signals.data_quality,
        "image": float(signals.has_image),
        "price": float(signals.has_price),
        "for_web": float(signals.for_web),
    }
