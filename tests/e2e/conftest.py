"""A real browser for the tests of pages. Needs the `playwright` package and a Chromium, or the tests are skipped."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser(bundled: str) -> str:
    """Path of a Chromium, the system's first; skips the test when there is none."""
    for name in SYSTEM_BROWSERS:
        if path := shutil.which(name):
            return path
    if Path(bundled).exists():
        return bundled
    pytest.skip("no Chromium found: install the system's package, or run `playwright install chromium`")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One browser per module: while it runs its event loop does too, which tests of coroutines could not bear."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    arguments = ["--disable-gpu", "--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to start as root, which containers are.
    with sync_api.sync_playwright() as driver:
        started: Browser = driver.chromium.launch(
            executable_path=find_browser(driver.chromium.executable_path), args=arguments
        )
        try:
            yield started
        finally:
            started.close()
