"""What became of the rows written in the background, for Prometheus. docs/telemetry.md names the metric.

Stage: service. Reads nothing; counts in memory.
"""

from functools import cache
from typing import Literal

from prometheus_client import CollectorRegistry, Counter

from service.events.batches import OUTCOMES, Outcome

QueueName = Literal["searches", "events"]
QUEUES: tuple[QueueName, ...] = ("searches", "events")


class CountedRows:
    """Counts rows by queue and outcome; every pair from the start, so that a rate is known when the first is lost."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rows = Counter(
            "cordsearch_background_rows",
            "Searches and events on their way to the database, by what became of them.",
            ("queue", "outcome"),
            registry=registry,
        )
        self._series = cache(self._rows.labels)  # looking one up by its labels takes longer than counting
        for queue in QUEUES:
            for outcome in OUTCOMES:
                self._series(queue, outcome)

    def __call__(self, queue: QueueName, outcome: Outcome, rows: int) -> None:
        """Count what became of ``rows`` of ``queue``."""
        self._series(queue, outcome).inc(rows)
