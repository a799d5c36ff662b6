"""From what was timed to figures: by class, by stage, and how much of it went wrong. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.latency.figures import curve, summaries, summary
from benchmarks.latency.loops import Timed, told

WITHIN = "in all, as the answer tells"
AROUND = "around the search"  # sockets, routing, rendering, and the client
_SLOWEST = 20


def digest(answers: Sequence[Timed], usage: Mapping[str, float]) -> dict[str, Any]:
    """Return the figures of one loop; ``usage`` is what it took of the machine.

    Only answers with status 200 have times; the others are counted by status.
    """
    good = [answer for answer in answers if answer.status == 200]
    by_class: defaultdict[str, list[float]] = defaultdict(list)
    by_stage: defaultdict[str, list[float]] = defaultdict(list)
    class_stages: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    degraded = empty = 0
    for answer in good:
        said = told(answer)
        degraded += said.degraded
        empty += said.empty
        by_class[answer.question.query_class].append(answer.milliseconds)
        for stage, milliseconds in {
            **said.stages,
            WITHIN: said.took_ms,
            AROUND: answer.milliseconds - said.took_ms,
        }.items():
            by_stage[stage].append(milliseconds)
            class_stages[answer.question.query_class][stage].append(milliseconds)
    times = [answer.milliseconds for answer in good]
    return {
        "overall": summary(times),
        "curve": curve(times),
        "per_second": len(good) / usage["seconds"],
        "usage": dict(usage),
        "statuses": dict(Counter(answer.status for answer in answers)),
        "degraded": degraded,
        "empty": empty,
        "classes": summaries(dict(sorted(by_class.items()))),
        "stages": summaries(by_stage),
        "class_stages": {name: summaries(stages) for name, stages in sorted(class_stages.items())},
        "slowest": [_slow(answer) for answer in sorted(good, key=lambda each: -each.milliseconds)[:_SLOWEST]],
    }


def _slow(answer: Timed) -> dict[str, Any]:
    said = told(answer)
    asked = parse_qs(urlsplit(answer.question.address).query)
    return {
        "class": answer.question.query_class,
        "query": asked["q"][0],
        "milliseconds": answer.milliseconds,
        "took_ms": said.took_ms,
        "stages": said.stages,
    }
