"""Traces: what a request leaves with tracing on, and that without an endpoint there is none."""

import sys
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from service.traces import open_tracing, request_tracing
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Traced:
    """An application, and the spans it has made since they were asked for last."""

    def __init__(self, application: RunningApplication, exporter: InMemorySpanExporter) -> None:
        self.application, self._exporter = application, exporter

    def spans(self) -> Sequence[ReadableSpan]:
        self.application.app.state.tracing.provider.force_flush()
        finished = self._exporter.get_finished_spans()
        self._exporter.clear()
        return finished


def tracing_settings(catalogue: Catalogue) -> Settings:
    return service_settings(catalogue, pool_size=2)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def traced(catalogue: Catalogue) -> AsyncIterator[Traced]:
    settings, exporter = tracing_settings(catalogue), InMemorySpanExporter()
    tracing = open_tracing(settings, exporter)
    async with running_application(settings, catalogue.warehouse_url, tracing) as application:
        application.app.state.tracing = tracing
        yield Traced(application, exporter)


async def test_a_search_is_a_tree_of_spans(traced: Traced) -> None:
    answer = await traced.application.client.get(
        "/search", params={"q": "гальмівна колодка"}, headers={"traceparent": PARENT, "X-Request-Id": "mine"}
    )
    assert answer.status_code == 200
    spans = {span.name: span for span in traced.spans()}
    request = spans["GET /search"]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT.split("-")[2]
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["http.route"] == "/search"
    assert request.attributes["cordsearch.request_id"] == "mine"
    stages = [span for name, span in spans.items() if name.startswith("search ")]
    assert {span.name for span in stages} >= {"search understand", "search retrieve", "search rank", "search hydrate"}
    assert {span.parent.span_id for span in stages if span.parent} == {request.context.span_id}
    retrieve, fulltext = spans["search retrieve"], spans["retriever fulltext"]
    assert fulltext.parent is not None
    assert fulltext.parent.span_id == retrieve.context.span_id
    assert fulltext.attributes is not None
    assert fulltext.attributes["cordsearch.outcome"] == "ok"
    assert fulltext.attributes["cordsearch.candidates"]
    assert fulltext.start_time is not None
    assert fulltext.end_time is not None
    assert fulltext.end_time > fulltext.start_time
    assert "retriever trigram" not in spans


async def test_no_span_holds_what_was_searched_for(traced: Traced) -> None:
    await traced.application.client.get("/search", params={"q": "таємниця", "supplier": "hidden"})
    await traced.application.client.get("/autocomplete", params={"q": "таємниця"})
    await traced.application.client.get("/search", params={"q": "таємниця", "limit": "таємниця"})
    for span in traced.spans():
        written = str((span.name, dict(span.attributes or {}), span.events))
        assert "таємниця" not in written
        assert "%D1%82%D0%B0%D1%94" not in written
        assert "hidden" not in written


async def test_a_failed_request_is_an_error_without_its_message(traced: Traced) -> None:
    await traced.application.client.get("/no/such/page")
    (missing,) = traced.spans()
    assert missing.name == "GET"
    assert missing.status.status_code is StatusCode.UNSET  # a 404 is the caller's affair


async def test_without_an_endpoint_nothing_is_traced(application: RunningApplication) -> None:
    settings = application.state.settings
    assert open_tracing(settings) is None
    assert request_tracing(None)["tracing"] is False
    assert not application.app._native_telemetry.enabled()


def test_an_endpoint_makes_an_exporter_for_it(monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue) -> None:
    made: list[str] = []

    class Exporter(InMemorySpanExporter):
        def __init__(self, endpoint: str) -> None:
            super().__init__()
            made.append(endpoint)

    monkeypatch.setattr("service.trace_provider.OTLPSpanExporter", Exporter)
    settings = tracing_settings(catalogue).model_copy(update={"otlp_endpoint": "http://127.0.0.1:4318/"})
    tracing = open_tracing(settings)
    assert tracing is not None
    tracing.close()
    assert made == ["http://127.0.0.1:4318/v1/traces"]


def test_without_the_extra_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    monkeypatch.setitem(sys.modules, "service.trace_provider", None)
    settings = tracing_settings(catalogue).model_copy(update={"otlp_endpoint": "http://127.0.0.1:4318"})
    with pytest.raises(SettingsError, match=r"cordsearch\[telemetry\]"):
        open_tracing(settings)


def test_a_share_of_none_traces_nobody(catalogue: Catalogue) -> None:
    exporter: SpanExporter = InMemorySpanExporter()
    tracing = open_tracing(tracing_settings(catalogue).model_copy(update={"trace_share": 0.0}), exporter)
    assert tracing is not None
    span = tracing.provider.get_tracer("test").start_span("request")
    assert not span.is_recording()
    tracing.close()
