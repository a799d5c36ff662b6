"""The page at `/ops`, used in a real browser against the real service; the promises of `test_page` hold here too."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Route

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")

from tests.e2e.test_page import Visit, answer_with, visit  # noqa: E402, F401 - visit is a fixture

expect = sync_api.expect

pytestmark = pytest.mark.browser


def test_it_shows_tables_latencies_models_and_queries(visit: Visit) -> None:  # noqa: F811
    visit.open("/?q=SEM1")
    visit.page.locator(".hit").first.wait_for()
    visit.open("/ops")
    tables = visit.page.locator("[data-panel=tables] tbody tr")
    expect(tables).to_have_count(36)
    expect(tables.filter(has_text="ProductAvailability").first).to_contain_text("snapshot")
    search = visit.page.get_by_role("cell", name="GET /search", exact=True)
    latency = visit.page.locator("[data-panel=latency] tbody tr", has=search)
    expect(latency).to_contain_text(re.compile(r"\d ms"))
    models = visit.page.locator("[data-panel=models] tbody tr")
    expect(models).to_have_count(1)
    expect(models.first).to_contain_text("active")
    for panel in ("refreshes", "zero-results", "top-queries", "workers"):
        expect(visit.page.locator(f"[data-panel={panel}]")).to_be_visible()


def test_it_asks_for_a_key_when_one_is_needed(visit: Visit) -> None:  # noqa: F811
    def check_key(route: "Route") -> None:
        headers = dict(route.request.headers)
        if headers.pop("x-api-key", None) == "right":
            route.continue_(headers=headers)
        else:
            route.fulfill(status=401, content_type="application/problem+json", body='{"detail": "A key, please."}')

    visit.page.route(re.compile(r"/(freshness|operations|suggest/.*)$"), check_key)
    visit.open("/ops/")
    expect(visit.page.get_by_role("alert")).to_have_text("A key, please.")
    visit.page.get_by_label("API key").fill("right")
    visit.page.get_by_role("button", name="Use").click()
    expect(visit.page.locator("[data-panel=tables]")).to_be_visible()
    expect(visit.page.get_by_label("API key")).to_be_hidden()
    assert all("401" in line for line in visit.console)  # what the browser itself says of the refusals
    visit.console.clear()


def test_a_service_that_fails_is_said(visit: Visit) -> None:  # noqa: F811
    answer_with(visit, "/operations", 503, {"detail": "The database did not answer."}, "application/problem+json")
    visit.open("/ops/")
    expect(visit.page.get_by_role("alert")).to_have_text("The database did not answer.")
    assert all("503" in line for line in visit.console)
    visit.console.clear()
