"""What the service says of freshness when the worker is dead, was never there, or the database is away."""

import os
import subprocess
import sys
import tempfile
import time

import httpx
from prometheus_client.parser import text_string_to_metric_families

from cordsearch.database import connect
from cordsearch.freshness import observe
from service.schemas import FreshnessResponse, Readiness
from tests.catalogue import Catalogue
from tests.conftest import free_port
from tests.service import RunningApplication, running_application, service_settings


def execute(url: str, statement: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute(statement)


async def freshness(running: RunningApplication) -> FreshnessResponse:
    response = await running.client.get("/freshness")
    assert response.status_code == 200
    return FreshnessResponse.model_validate_json(response.content)


async def ready(running: RunningApplication) -> Readiness:
    response = await running.client.get("/ready")
    assert response.status_code == 200
    return Readiness.model_validate_json(response.content)


async def test_nothing_was_ever_observed(catalogue: Catalogue, catalogue_database: str) -> None:
    execute(catalogue_database, "drop schema if exists freshness cascade")
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        body = await freshness(running)
        assert (body.status, body.tables, body.search, body.publications) == ("unknown", [], None, None)
        assert (await ready(running)).stale == []
        assert (await running.client.get("/metrics")).status_code == 200
        observe(catalogue_database)  # it may come at any time
        assert len((await freshness(running)).tables) == 36


async def test_ages_grow_while_nobody_observes_and_search_stays_up(
    catalogue: Catalogue, catalogue_database: str
) -> None:
    observe(catalogue_database)
    execute(catalogue_database, "update freshness.source_table set looked_at = now()")
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        assert (await freshness(running)).status == "fresh"
        assert (await ready(running)).stale == []
        # two hours in which no worker lived
        execute(
            catalogue_database,
            "update freshness.source_table set looked_at = looked_at - interval '2 h';"
            " update freshness.pipeline set observed_at = observed_at - interval '2 h'",
        )
        body = await freshness(running)
        assert body.status == "stale"
        assert all(table.stale for table in body.tables)
        assert (body.observed_age_seconds or 0) > 7_000
        detail = await ready(running)
        assert (detail.status, len(detail.stale)) == ("ready", 36)
        assert "ProductPricing: last looked at 120m" in " ".join(detail.stale)
        assert (await running.client.get("/search", params={"q": "колодки"})).json()["hits"]


async def test_limits_are_settings(catalogue: Catalogue, catalogue_database: str) -> None:
    observe(catalogue_database)
    execute(catalogue_database, "update freshness.source_table set looked_at = now() - interval '50 s'")
    settings = service_settings(catalogue).model_copy(
        update={"freshness_limit_seconds": 0.0, "freshness_limits": {"ProductPlacement*": 40.0, "Storage": 60.0}}
    )
    async with running_application(settings, catalogue_database) as running:
        stale = {table.table for table in (await freshness(running)).tables if table.stale}
    assert stale == {
        "ProductPlacement", "ProductPlacementHistory", "ProductPlacementMovement", "ProductPlacementStorage"
    }  # fmt: skip


async def test_a_publication_that_is_not_searchable_yet_counts_up_to_now(
    catalogue: Catalogue, catalogue_database: str
) -> None:
    observe(catalogue_database)
    execute(
        catalogue_database,
        "insert into freshness.publication (published_at, events, oldest_commit_at, median_commit_at,"
        " newest_commit_at, waiting, waits_for_all) select now() - interval '100 s', 1, now() - interval '110 s',"
        " now() - interval '110 s', now() - interval '110 s', '{1}', false",
    )
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        publications = (await freshness(running)).publications
    assert publications is not None
    assert publications.commit_to_published_seconds.worst == 10
    assert 110 <= (publications.commit_to_searchable_seconds.worst or 0) < 200


async def test_metrics_answer_without_freshness(catalogue: Catalogue, catalogue_database: str) -> None:
    observe(catalogue_database)
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        execute(catalogue_database, "alter table freshness.pipeline rename column observed_at to gone")
        text = (await running.client.get("/metrics")).text
        outcomes = {
            sample.labels["part"]: sample.value
            for family in text_string_to_metric_families(text)
            if family.name == "cordsearch_scrape_success"
            for sample in family.samples
        }
        assert outcomes == {"freshness": 0, "worker": 1}
        assert "cordsearch_table_stale" not in text
        assert (await running.client.get("/freshness")).status_code == 503
        assert (await ready(running)).stale == []


def requests_counted(text: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "cordsearch_http_request_duration_seconds_count" and sample.labels["route"] == "/health"
    )


def test_any_of_several_workers_answers_for_all(catalogue: Catalogue) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "DATABASE_URL": catalogue.warehouse_url, "CORDSEARCH_POOL_SIZE": "2",
        "CORDSEARCH_DATA_DIRECTORY": str(catalogue.model_directory.parent), "CORDSEARCH_SERVICE_WORKERS": "2",
    }  # fmt: skip
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cordsearch", "serve", "--port", str(port)],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait_until_up(base_url, process)
            before = requests_counted(httpx.get(f"{base_url}/metrics").text)
            for _ in range(40):  # a connection of its own each, so that both workers get some
                assert httpx.get(f"{base_url}/health").status_code == 200
            assert [requests_counted(httpx.get(f"{base_url}/metrics").text) for _ in range(8)] == [before + 40] * 8
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_up(base_url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{base_url}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the service is not up, exit code {process.returncode}")
