"""Percentiles of a histogram, and what the answer makes of it."""

from math import inf

import pytest

from service.operations.latency import percentile, route_latencies
from service.operations.overview import Overview
from service.operations.schemas import Operations
from service.routes.operations import operations_answer
from service.telemetry import Telemetry

BOUNDS = (10.0, 20.0, 50.0, inf)


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ((10, 0, 0, 0), 0.5, 5.0),
        ((5, 5, 0, 0), 0.5, 10.0),
        ((5, 5, 0, 0), 0.75, 15.0),
        ((0, 0, 4, 0), 0.5, 35.0),
        ((1, 0, 0, 9), 0.99, 50.0),  # nobody knows how much more than the largest bound
        ((0, 0, 0, 0), 0.5, None),
        ((3, 0, 0, 1), 1.0, 50.0),
    ],
)
def test_percentile(counts: tuple[int, ...], share: float, expected: float | None) -> None:
    assert percentile(BOUNDS, counts, share) == expected


def test_statuses_of_a_route_are_added_and_failures_told_apart() -> None:
    telemetry = Telemetry()
    for status, seconds in ((200, 0.004), (200, 0.004), (503, 0.3), (422, 0.0005)):
        telemetry.request("GET", "/search", status, seconds)
    telemetry.request("GET", "/ready", 200, 0.001)
    busiest, other = route_latencies(telemetry.request_samples())
    assert (busiest.route, busiest.requests, busiest.failures) == ("/search", 4, 1)
    assert (other.route, other.requests, other.failures) == ("/ready", 1, 0)
    assert busiest.bounds[-1] == inf
    assert busiest.counts[busiest.bounds.index(5.0)] == 2
    middle = busiest.percentile(0.5)
    assert middle
    assert 3 < middle <= 5
    answer = operations_answer([busiest, other], Overview((), (), (), (), ()))
    assert Operations.model_validate(answer).routes[0].bounds_ms[-1] is None
