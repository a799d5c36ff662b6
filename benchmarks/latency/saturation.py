"""Requests at a constant rate, higher and higher, until answers come too late: how much the service can do.

The time of a request counts from when it was due (see :mod:`benchmarks.latency.loops`): requests that had to wait are
not left out, as they are when a client waits for one answer before it asks again.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

from benchmarks.latency.figures import curve, summary
from benchmarks.latency.loops import Timed, arrivals
from benchmarks.latency.processes import Meter
from benchmarks.latency.queries import Question

LATEST_MS = 98.0  # the slowest answer of the system before this one
_FIRST_SHARE = 0.5
_GROWTH = 1.15
_MOST_STEPS = 12


async def saturation(
    base_url: str, questions: Sequence[Question], best: float, seconds: float, meter: Meter
) -> dict[str, Any]:
    """Return every rate that was tried, ``seconds`` each, and the highest one that was kept up with.

    Begins at half of ``best``, the rate of a closed loop, and goes on until p99 is past :data:`LATEST_MS` or an answer
    is not 200, twice. When the first rate is too much already, lower ones are tried until one is not.
    """
    steps: list[dict[str, Any]] = []

    async def keeps_up(rate: float) -> bool:
        meter.start()
        answers = await arrivals(base_url, islice(cycle(questions), int(rate * seconds)), rate)
        steps.append(step(rate, answers) | {"usage": meter.read()})
        return bool(steps[-1]["kept_up"])

    rate, growth = best * _FIRST_SHARE, _GROWTH
    while len(steps) < _MOST_STEPS:
        # Twice: on a machine with other guests one late answer says little.
        kept_up = await keeps_up(rate) or await keeps_up(rate)
        if rate == best * _FIRST_SHARE:
            growth = _GROWTH if kept_up else 1 / _GROWTH
        elif kept_up == (growth < 1):
            break
        rate *= growth
    return {"seconds": seconds, "steps": steps, "highest_rate": highest(steps)}


def step(rate: float, answers: Sequence[Timed]) -> dict[str, Any]:
    """Return the figures of one rate. Pure."""
    good = [answer.milliseconds for answer in answers if answer.status == 200]
    times = summary(good)
    return {
        "rate": rate,
        **times,
        "curve": curve(good),
        "statuses": dict(Counter(answer.status for answer in answers)),
        "sent_late_ms": summary(answer.late_ms for answer in answers),
        "kept_up": len(good) == len(answers) and times.get("p99", LATEST_MS + 1) <= LATEST_MS,
    }


def highest(steps: Sequence[dict[str, Any]]) -> float:
    """Return the highest rate that was kept up with; 0 when none was. Pure."""
    return max((each["rate"] for each in steps if each["kept_up"]), default=0.0)
