"""Traces by OpenTelemetry, when an endpoint is set: a span per request (FastAPI's own), per stage, per retriever.

Stage: service. Reads nothing; sends to the collector that the settings name, in a thread of its own. Off, nothing
runs. No span holds what was searched for.

The spans of a search are made when it has been answered, of the times it took anyway: a search that is not traced does
nothing for those that are.
"""

from importlib.metadata import version
from time import time_ns
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig
from opentelemetry.context import Context
from opentelemetry.trace import StatusCode, get_current_span, set_span_in_context

from cordsearch.errors import SettingsError
from cordsearch.logs import REQUEST_ID
from cordsearch.settings import Settings
from service.search.candidate import RetrieverRun
from service.search.pipeline import SearchAnswer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_NANOSECONDS = 1_000_000  # per millisecond


class Tracing:
    """Makes the spans of searches and owns what sends them."""

    def __init__(self, provider: "TracerProvider") -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("cordsearch", version("cordsearch"))

    def search(self, answer: SearchAnswer) -> None:
        """Make the spans of an answered search below the span of its request, if that is recorded."""
        request = get_current_span()
        if not request.is_recording():
            return
        if (request_id := REQUEST_ID.get()) is not None:
            request.set_attribute("cordsearch.request_id", request_id)
        request.set_attribute("cordsearch.degraded", answer.degraded)
        began = time_ns() - int(answer.took_ms * _NANOSECONDS)
        for stage, took_ms in answer.timings_ms.items():
            span = self._tracer.start_span(f"search {stage}", start_time=began)
            if stage == "retrieve":
                for run in answer.runs:
                    self._retriever(run, set_span_in_context(span), began)
            began += int(took_ms * _NANOSECONDS)
            span.end(began)

    def _retriever(self, run: RetrieverRun, parent: Context, began: int) -> None:
        """Make the span of a retriever; the stage ``began`` with the first of them."""
        if run.status in ("skipped", "spared", "off"):
            return
        attributes = {"cordsearch.outcome": run.status, "cordsearch.candidates": len(run.retrieved.candidates)}
        began += int(run.began_ms * _NANOSECONDS)
        span = self._tracer.start_span(f"retriever {run.name}", parent, start_time=began, attributes=attributes)
        if run.status != "ok":
            span.set_status(StatusCode.ERROR, run.status)
        span.end(began + int(run.took_ms * _NANOSECONDS))

    def close(self) -> None:
        """Send what is left; waits for the collector, at most as long as the exporter's timeout."""
        self.provider.shutdown()


def request_tracing(tracing: Tracing | None) -> TelemetryConfig:
    """Return what FastAPI is to record by itself: the span of each request, and that only if there is tracing.

    Its metrics and logs stay off (GET /metrics has them; its logs would hold what was typed), whatever the environment
    asks for.
    """
    config = TelemetryConfig(
        tracing=tracing is not None, metrics=False, logs=False, operation_spans=False, auto_configure=False
    )
    if tracing is not None:
        config["tracer_provider"] = tracing.provider
    return config


def open_tracing(settings: Settings, exporter: "SpanExporter | None" = None) -> Tracing | None:
    """Return what traces, None when no endpoint is set and no ``exporter`` given.

    Raises:
        SettingsError: an endpoint is set and the extra ``telemetry`` is not installed.
    """
    if settings.otlp_endpoint is None and exporter is None:
        return None
    try:
        from service.trace_provider import open_provider  # noqa: PLC0415 - the extra
    except ImportError as error:
        raise SettingsError(
            "CORDSEARCH_OTLP_ENDPOINT is set, and what sends traces is not installed. "
            "Install it with: pip install 'cordsearch[telemetry]'"
        ) from error
    return Tracing(open_provider(settings.otlp_endpoint, settings.trace_share, exporter))
