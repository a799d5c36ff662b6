"""The page of the API at `/docs` in a real browser: from this service alone, under a strict policy.

Stage: service, as an integrator meets it. Reads the running service; writes nothing.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_the_interface_is_shown_and_tried_without_another_host(browser: "Browser", running_service: str) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{running_service}/docs")
        page.get_by_role("button", name="Authorize").first.wait_for()

        page.locator(".opblock-summary-path", has_text="/autocomplete").first.click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_placeholder("q", exact=True).fill("колод")
        with page.expect_response(lambda answer: "/autocomplete" in answer.url) as tried:
            page.get_by_role("button", name="Execute").click()
        assert tried.value.status == 200
        page.locator(".live-responses-table .response-col_status", has_text="200").first.wait_for()
    finally:
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith((f"{running_service}/", "data:"))] == []
