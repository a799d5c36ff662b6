"""How lists are joined, and named presets of ranking weights. Pure.

Stage: settings, for the ranking of the service. Reads and writes nothing. What each preset costs in relevance is in
docs/relevance.md; `service/search/rank.py` says what the signals are.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

FusionMethod = Literal["rank", "score"]
RankingPreset = Literal["balanced", "in_stock_first", "popular_first", "relevance_only"]
RANKING_PRESETS: Final[tuple[RankingPreset, ...]] = get_args(RankingPreset)

SIGNALS: Final = (
    "relevance",
    "coverage",
    "available",
    "popularity",
    "demand",
    "freshness",
    "data_quality",
    "image",
    "price",
    "for_web",
    "similarity",
    "vehicle",
)
# How well a product fits what was typed: the same in every preset.
_FIT: Final = {"relevance": 1.0, "coverage": 0.6, "similarity": 1.0, "vehicle": 2.0}
_CATALOGUE: Final = {
    "available": 0.08,
    "popularity": 0.06,
    "demand": 0.06,
    "freshness": 0.01,
    "data_quality": 0.02,
    "image": 0.01,
    "price": 0.01,
    "for_web": 0.01,
}

# All of these together stay at 0.3, by which a part number typed in full leads a longer one at least.
_IN_STOCK: Final = {"available": 0.22, "popularity": 0.01, "demand": 0.01}
_POPULAR: Final = {"popularity": 0.16, "demand": 0.08, "available": 0.02, "freshness": 0.0, "data_quality": 0.01}
_PRESETS: Final[Mapping[RankingPreset, Mapping[str, float]]] = {
    "balanced": _FIT | _CATALOGUE,
    "in_stock_first": _FIT | _CATALOGUE | _IN_STOCK,
    "popular_first": _FIT | _CATALOGUE | _POPULAR,
    "relevance_only": _FIT | dict.fromkeys(_CATALOGUE, 0.0),
}


def ranking_weights(preset: RankingPreset, explicit: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of every signal: that of ``explicit`` where it names one, else that of ``preset``.

    Raises:
        ValueError: ``explicit`` names something that is no signal.
    """
    unknown = sorted(set(explicit) - set(SIGNALS))
    if unknown:
        raise ValueError(f"There is no ranking signal {', '.join(unknown)}; the signals are {', '.join(SIGNALS)}.")
    return {**_PRESETS[preset], **explicit}
