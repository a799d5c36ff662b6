"""Percentiles of times. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence

PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
CURVE = (50.0, 75.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.9, 100.0)


def percentile(ordered: Sequence[float], wanted: float) -> float:
    """Return the ``wanted`` percentile of ascending values: one that was measured, by nearest rank.

    Raises ValueError when there are no values.
    """
    if not ordered:
        raise ValueError("no values, so no percentile")
    return ordered[max(0, math.ceil(wanted / 100 * len(ordered)) - 1)]


def summary(times: Iterable[float]) -> dict[str, float]:
    """Return count, p50, p95, p99 and max; only the count of nothing."""
    ordered = sorted(times)
    if not ordered:
        return {"count": 0}
    found = {name: percentile(ordered, wanted) for name, wanted in PERCENTILES.items()}
    return {"count": len(ordered), **found, "max": ordered[-1]}


def curve(times: Iterable[float]) -> list[float]:
    """Return the percentiles of :data:`CURVE`; nothing of nothing."""
    ordered = sorted(times)
    return [percentile(ordered, wanted) for wanted in CURVE] if ordered else []


def summaries(times: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Return the summary of each named list."""
    return {name: summary(values) for name, values in times.items()}
