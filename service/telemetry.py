"""What the service counts about itself, for Prometheus. docs/telemetry.md names every metric.

Stage: service. Reads nothing; with several worker processes it writes to files they share, so that any of them can
answer for all (prometheus_client's multiprocess mode, https://prometheus.github.io/client_python/multiprocess/).
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import random
from time import perf_counter
from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.events.counted_rows import CountedRows
from service.search.pipeline import SearchAnswer

logger = logging.getLogger("service.access_log")

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # the library's own variable; service.server sets it for its workers
_DURATIONS = "cordsearch_http_request_duration_seconds"
# Seconds. Dense where the promises are: 10 ms is where p99 should be, 98 ms the ceiling.
_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
_CANDIDATES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
# Whatever else a client sends as its method must not become a label of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Telemetry:
    """The counters of one application."""

    def __init__(self, trace: Callable[[SearchAnswer], None] | None = None) -> None:
        """``trace`` is called with every search that was counted."""
        self._trace = trace
        # a second series per histogram would say when the process began
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self.background_rows = CountedRows(self._registry)
        self._requests = Histogram(
            _DURATIONS,
            "Time from the request to the last byte of the answer.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._retrievers = Histogram(
            "cordsearch_retriever_duration_seconds",
            "Time of one retriever in one search.",
            ("retriever", "outcome"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._candidates = Histogram(
            "cordsearch_retriever_candidates",
            "Products that one retriever proposed in one search.",
            ("retriever",),
            buckets=_CANDIDATES,
            registry=self._registry,
        )
        self._degraded = Counter(
            "cordsearch_degraded_answers",
            "Searches answered without the part of a retriever, or unranked by meaning.",
            registry=self._registry,
        )
        self._pool_wait = Histogram(
            "cordsearch_pool_wait_seconds",
            "How long a probe waited for a database connection.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._loop_lag = Histogram(
            "cordsearch_event_loop_lag_seconds",
            "How much later than due the event loop came to a probe.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._connections_lost = Counter(
            "cordsearch_connections_lost",
            "Database connections that ended while the service wanted them.",
            registry=self._registry,
        )

        # Looking a series up by its labels takes longer than counting in it.
        self._request_series = cache(self._requests.labels)
        self._retriever_series = cache(self._retrievers.labels)
        self._candidate_series = cache(self._candidates.labels)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = method if method in _METHODS else "other"
        self._request_series(known, route, status).observe(seconds)

    def search(self, answer: SearchAnswer) -> None:
        """Count one answered search and its retrievers that had something to do."""
        for run in answer.runs:
            if run.status not in ("skipped", "spared", "off"):
                self._retriever_series(run.name, run.status).observe(run.took_ms / 1000)
                if run.status == "ok":
                    self._candidate_series(run.name).observe(len(run.retrieved.candidates))
        if answer.degraded:
            self._degraded.inc()
        if self._trace is not None:
            self._trace(answer)

    def pool_wait(self, seconds: float) -> None:
        """Count how long a probe waited for a connection."""
        self._pool_wait.observe(seconds)

    def loop_lag(self, seconds: float) -> None:
        """Count how late the event loop was."""
        self._loop_lag.observe(seconds)

    def connection_lost(self) -> None:
        """Count a connection that ended."""
        self._connections_lost.inc()

    def exposition(self, gauges: Sequence[Metric]) -> bytes:
        """Return everything counted, of all worker processes, and ``gauges`` in Prometheus' text format 0.0.4."""
        return generate_latest(_Together(self._of_all_processes(), gauges))

    def request_samples(self) -> list[Sample]:
        """Return the samples of the request durations, of all worker processes."""
        families = self._of_all_processes().collect()
        return [sample for family in families if family.name == _DURATIONS for sample in family.samples]

    def _of_all_processes(self) -> CollectorRegistry:
        if SHARED_DIRECTORY not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry


class _Together(Collector):
    """What was counted, and what was read for this scrape."""

    def __init__(self, registry: CollectorRegistry, gauges: Sequence[Metric]) -> None:
        self._registry, self._gauges = registry, gauges

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()
        yield from self._gauges


class RequestTimer:
    """ASGI middleware: times every request until the last byte of its answer is sent.

    A share of them, ``access_share`` from 0 to 1, leaves a line in the log: route template, status and time, never the
    address or what was searched for. Above 0, every answer of 500 and more does.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry, access_share: float = 0.0) -> None:
        self._app, self._telemetry, self._access_share = app, telemetry, access_share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request and count it, also when it fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # of an error that reaches the server

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            # the router has left the route it took; files of the page and unknown addresses have none
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = perf_counter() - started
            self._telemetry.request(scope["method"], route, status, seconds)
            if self._access_share and (status >= 500 or random() < self._access_share):  # noqa: S311 - a sample
                _log_access(scope["method"], route, status, seconds)


def _log_access(method: str, route: str, status: int, seconds: float) -> None:
    known = method if method in _METHODS else "other"
    fields = {"method": known, "route": route, "status": status, "milliseconds": round(seconds * 1000, 3)}
    logger.info("request", extra=fields)


async def application_telemetry(request: Request) -> Telemetry:
    """Return the counters of the application that answers ``request``. A coroutine, or it would run in a thread."""
    telemetry: Telemetry = request.app.state.telemetry
    return telemetry


Counted = Annotated[Telemetry, Depends(application_telemetry)]
