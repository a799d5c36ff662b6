"""A running application for tests, without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI

from cordsearch.settings import Settings
from service.app import create_app
from service.state import ServiceState
from service.tables import create_tables
from service.traces import Tracing
from tests.catalogue import Catalogue


@dataclass(frozen=True)
class RunningApplication:
    """The application, what it holds, and a client that calls it in process."""

    app: FastAPI
    state: ServiceState
    client: httpx.AsyncClient


def service_settings(catalogue: Catalogue, **changes: float) -> Settings:
    """Return settings for a service on ``catalogue``; deadlines are long, because test machines are busy."""
    values = {
        "search_deadline_ms": 10_000,
        "statement_timeout_ms": 10_000,
        "pool_size": 4,
        "service_warm_up_seconds": 0,
        "service_queue_wait_ms": 60_000,
        "service_deadline_ms": 60_000,
    } | changes
    return Settings.model_validate({"data_directory": catalogue.model_directory.parent} | values)


@asynccontextmanager
async def running_application(
    settings: Settings, database_url: str, tracing: Tracing | None = None
) -> AsyncIterator[RunningApplication]:
    """Start the application, and stop it at the end of the block."""
    # In a thread: another application in this loop may hold a lock that the tables wait for.
    await asyncio.to_thread(create_tables, database_url)
    app = create_app(settings, database_url, tracing)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        yield RunningApplication(app, app.state.service, client)
