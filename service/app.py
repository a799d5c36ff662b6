"""The application: routes, error handling, the page, and the life of its resources.

Stage: service. Reads the warehouse; writes nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from cordsearch.settings import Settings
from service.access.install import install_access
from service.access.requirement import guarded
from service.answers.manners import install_manners
from service.answers.openapi import TAGS, install_openapi, operation_id
from service.api_page import install_api_page
from service.draining import CloseWhileDraining, Draining
from service.instantsearch import routes as instantsearch
from service.page import install_page
from service.problems import install_problem_handlers
from service.request_identity import RequestIdentity
from service.routes import (
    autocomplete,
    events,
    freshness,
    health,
    merchandising,
    metrics,
    operations,
    products,
    reports,
    search,
)
from service.state import open_state
from service.telemetry import RequestTimer, Telemetry
from service.traces import Tracing, open_tracing, request_tracing

_DESCRIPTION = "Product search for a parts business: names in four languages, part numbers, sizes."


def create_app(settings: Settings, database_url: str, tracing: Tracing | None = None) -> FastAPI:
    """Return the application; it opens its resources when it starts and closes them when it stops.

    ``tracing`` takes the place of what the settings ask for. Starting raises DatabaseUnavailableError when the
    warehouse cannot be reached.
    """
    traced = tracing or open_tracing(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_state(settings, database_url, app.state.telemetry) as state:
            app.state.service = state
            yield
        if traced is not None:
            await asyncio.to_thread(traced.close)

    app = FastAPI(
        title="Cord Search",
        version=version("cordsearch"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=request_tracing(traced),
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
    )
    install_openapi(app)
    app.state.telemetry = Telemetry(trace=None if traced is None else traced.search)
    app.state.draining = Draining()
    install_manners(app)
    install_access(app, settings)
    install_problem_handlers(app)
    # Guarded by themselves (see QueryRoute), and first in place of included: an included router is matched twice.
    app.router.routes += [*search.router.routes, *autocomplete.router.routes]
    app.include_router(products.router, **guarded("search"))
    app.include_router(events.router, **guarded("events"))
    app.include_router(reports.router, **guarded("admin"))
    app.include_router(merchandising.router, **guarded("admin"))
    app.include_router(instantsearch.searches, **guarded("search"))
    app.include_router(instantsearch.insights, **guarded("events"))
    app.include_router(health.router)
    app.include_router(freshness.router, **guarded("search"))
    app.include_router(metrics.router, **guarded("metrics"))
    app.include_router(operations.router, **guarded("metrics"))
    install_api_page(app)
    install_page(app, settings.image_origins)
    # The last is the outermost: what the others refuse is counted too, and carries its request id.
    app.add_middleware(RequestTimer, telemetry=app.state.telemetry, access_share=settings.log_access_share)
    app.add_middleware(CloseWhileDraining, draining=app.state.draining)
    app.add_middleware(RequestIdentity)
    return app
