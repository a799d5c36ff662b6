"""Percentiles from the buckets of a histogram. Pure.

Stage: service, on request of staff. Reads samples of ``cordsearch_http_request_duration_seconds``; writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from prometheus_client.samples import Sample


@dataclass(frozen=True, slots=True)
class RouteLatency:
    """The answers of one route since the processes started.

    ``bounds`` are upper bounds in milliseconds, the last one infinite; ``counts`` are the answers within each bucket
    (not cumulative). ``failures`` are answers of 500 and more.
    """

    method: str
    route: str
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    failures: int

    @property
    def requests(self) -> int:
        """Answers counted."""
        return sum(self.counts)

    def percentile(self, share: float) -> float | None:
        """Milliseconds under which ``share`` (0 to 1) of the answers stayed, as :func:`percentile` estimates them."""
        return percentile(self.bounds, self.counts, share)


def percentile(bounds: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """Return the estimate of PromQL's ``histogram_quantile``: linear within the bucket the percentile falls into.

    In the last, unbounded bucket it is the largest bound; None when nothing was counted.
    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    """
    total = sum(counts)
    if not total:
        return None
    wanted, below, lower = share * total, 0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if count and below + count >= wanted:
            return lower if bound == inf else lower + (bound - lower) * (wanted - below) / count
        below, lower = below + count, bound if bound != inf else lower
    return lower


def route_latencies(samples: Iterable[Sample]) -> list[RouteLatency]:
    """Return one entry per method and route, the busiest first; the statuses of a route are added up."""
    cumulative: dict[tuple[str, str], dict[float, float]] = defaultdict(lambda: defaultdict(float))
    failures: dict[tuple[str, str], int] = defaultdict(int)
    for sample in samples:
        place = (sample.labels.get("method", ""), sample.labels.get("route", ""))
        if sample.name.endswith("_bucket"):
            cumulative[place][float(sample.labels["le"])] += sample.value
        elif sample.name.endswith("_count") and sample.labels["status"] >= "500":
            failures[place] += int(sample.value)
    found = []
    for (method, route), buckets in cumulative.items():
        bounds = sorted(buckets)
        up_to = [int(buckets[bound]) for bound in bounds]
        counts = tuple(after - before for before, after in zip([0, *up_to], up_to, strict=False))
        milliseconds = tuple(bound * 1000 for bound in bounds)
        found.append(RouteLatency(method, route, milliseconds, counts, failures[method, route]))
    return sorted(found, key=lambda each: (-each.requests, each.route, each.method))
