"""What makes and sends spans; the only module that needs the extra ``telemetry``.

Stage: service. Reads nothing; sends spans by OTLP over HTTP in a thread of its own.
"""

from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

_TRACES_PATH = "/v1/traces"  # https://opentelemetry.io/docs/specs/otlp/#otlphttp-request


class WithoutQuery(SpanProcessor):
    """Takes the query of the address out of every span: it is what a person searched for."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        """Overwrite what FastAPI has put there."""
        if span.attributes is not None and "url.query" in span.attributes:
            span.set_attribute("url.query", "REDACTED")


def open_provider(endpoint: str | None, share: float, exporter: SpanExporter | None = None) -> TracerProvider:
    """Return a provider that sends a ``share`` of the requests, and whatever its caller traces, to ``endpoint``.

    ``exporter`` is used instead where one is given.
    """
    resource = Resource.create({SERVICE_NAME: "cordsearch", SERVICE_VERSION: version("cordsearch")})
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(share), shutdown_on_exit=False)
    provider.add_span_processor(WithoutQuery())
    if exporter is None:
        exporter = OTLPSpanExporter(endpoint=f"{(endpoint or '').rstrip('/')}{_TRACES_PATH}")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
