"""docs/telemetry.md and ``GET /metrics`` tell of the same metrics: names, types, labels, in both directions."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from cordsearch.database import connect
from cordsearch.freshness import observe
from cordsearch.worker.queue import install_schema
from service.schemas import FreshnessResponse
from tests.catalogue import Catalogue
from tests.service import running_application, service_settings

PAGE = Path(__file__).parents[3] / "docs" / "telemetry.md"
_ROW = re.compile(r"^\| `(cordsearch_\w+)` \| (\w+) \|([^|]*)\|")


def documented() -> dict[str, tuple[str, frozenset[str]]]:
    """Name -> type and labels, from the tables of the page."""
    rows = [found for line in PAGE.read_text(encoding="utf-8").splitlines() if (found := _ROW.match(line))]
    return {
        name: (kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in (r.groups() for r in rows)
    }


def answered(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    def name_of(family: Metric) -> str:
        return f"{family.name}_total" if family.type == "counter" else family.name

    return {
        name_of(family): (family.type, frozenset(family.samples[0].labels) - {"le"})
        for family in text_string_to_metric_families(text)
        if family.samples
    }


@pytest.fixture
def busy_warehouse(catalogue_database: str) -> str:
    """Everything that has a metric has happened once here: a publication, a job, a streamed batch."""
    install_schema(catalogue_database)
    observe(catalogue_database)
    with connect(catalogue_database, autocommit=True) as connection:
        connection.execute("set search_path to worker, public")
        connection.execute("insert into procrastinate_jobs (queue_name, task_name) values ('marts', 'refresh')")
        connection.execute("insert into duty (name, failures, error) values ('refresh', 2, 'held')")
        connection.execute(
            "insert into freshness.publication (published_at, searchable_at, events, oldest_commit_at,"
            " median_commit_at, newest_commit_at, waiting, waits_for_all) select now() - interval '60 s',"
            " now() - interval '58 s', 4, now() - interval '65 s', now() - interval '63 s', now() - interval '61 s',"
            " '{}', false"
        )
        connection.execute("update freshness.source_table set looked_at = now()")
        connection.execute("update freshness.source_table set rows_behind = 3 where table_name = 'Storage'")
    return catalogue_database


async def scrape(client: httpx.AsyncClient) -> str:
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return response.text


async def test_every_metric_is_documented_and_every_documented_one_exists(
    catalogue: Catalogue, busy_warehouse: str
) -> None:
    async with running_application(service_settings(catalogue), busy_warehouse) as running:
        assert (await running.client.get("/search", params={"q": "колодки"})).status_code == 200
        assert answered(await scrape(running.client)) == documented()


async def test_the_answers_numbers_are_the_metrics_numbers(catalogue: Catalogue, busy_warehouse: str) -> None:
    async with running_application(service_settings(catalogue), busy_warehouse) as running:
        body = FreshnessResponse.model_validate_json((await running.client.get("/freshness")).content)
        samples = {
            (sample.name, sample.labels.get("table") or sample.labels.get("quantile")): sample.value
            for family in text_string_to_metric_families(await scrape(running.client))
            for sample in family.samples
        }
    assert body.status == "fresh"
    assert len(body.tables) == 36
    assert samples["cordsearch_table_rows_behind", "Storage"] == 3
    assert body.publications is not None
    assert body.publications.commit_to_published_seconds.model_dump() == pytest.approx(
        {"typical": 3, "median": 5, "p95": 5, "worst": 5}, abs=0.01
    )
    assert body.publications.commit_to_searchable_seconds.worst == pytest.approx(7, abs=0.01)
    assert samples["cordsearch_commit_to_searchable_seconds", "1"] == pytest.approx(7, abs=0.01)
    assert body.search is not None
    assert samples["cordsearch_products", None] == body.search.products > 1_000


async def test_requests_are_counted_by_template_and_status_never_by_address(
    catalogue: Catalogue, new_database: Callable[[str | None], str]
) -> None:
    async with running_application(service_settings(catalogue), new_database("catalogue")) as running:
        for path in ("/search?q=SEM1", "/search?q=SEM2", "/search", "/health", "/no/such/page"):
            await running.client.get(path)
        await running.client.request("BREW", "/health")
        families = text_string_to_metric_families(await scrape(running.client))
        (requests,) = [family for family in families if family.name == "cordsearch_http_request_duration_seconds"]
    counts = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for sample in requests.samples
        if sample.name.endswith("_count")
    }
    assert counts == {
        ("GET", "/search", "200"): 2,
        ("GET", "/search", "422"): 1,
        ("GET", "/health", "200"): 1,
        ("GET", "unmatched", "404"): 1,
        ("other", "/health", "405"): 1,
    }
