"""The server process: the warehouse up, the application on a port.

Stage: service, outermost. Starts the embedded database if that is what the settings name; writes nothing.
"""

import os

import uvicorn
from fastapi import FastAPI

from cordsearch.database import warehouse
from cordsearch.settings import Settings, load_settings
from service.app import create_app

_URL_VARIABLE = "DATABASE_URL"


def run_server(settings: Settings) -> None:
    """Serve until interrupted; the embedded database, if it is in use, runs as long.

    Raises:
        CordSearchError: the database cannot be reached or started.
    """
    with warehouse(settings) as url:
        if settings.service_workers == 1:
            application: FastAPI | str = create_app(settings, url)
        else:
            # Workers are new processes: they read the settings again and find the warehouse that is already up.
            os.environ[_URL_VARIABLE] = url
            application = "service.server:worker_application"
        uvicorn.run(
            application,
            factory=isinstance(application, str),
            host=settings.service_host,
            port=settings.service_port,
            workers=settings.service_workers,
            access_log=False,
            timeout_graceful_shutdown=10,
        )


def worker_application() -> FastAPI:
    """Return the application of one of several worker processes."""
    settings = load_settings()
    assert settings.database_url is not None, "run_server names the warehouse before it starts workers"
    return create_app(settings, settings.database_url)
