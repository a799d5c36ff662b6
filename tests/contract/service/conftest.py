"""The application on the shared catalogue."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def application(catalogue: Catalogue) -> AsyncIterator[RunningApplication]:
    async with running_application(service_settings(catalogue), catalogue.warehouse_url) as running:
        yield running
