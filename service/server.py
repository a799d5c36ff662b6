"""Starts the HTTP server process(es): checks the address, keeps the embedded database up, runs uvicorn."""

import errno
import gc
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from cordsearch.database import WAREHOUSE_DATABASE, embedded_server, warehouse
from cordsearch.errors import CordSearchError
from cordsearch.logs import service_logging
from cordsearch.settings import Settings, load_settings
from service.app import create_app
from service.draining import SAY_NO, drained
from service.log_privacy import with_query_texts_left_out
from service.tables import create_tables
from service.telemetry import SHARED_DIRECTORY

_SHUTDOWN_SECONDS = 10
_WORKER_START_SECONDS = 60  # reading a full-size catalogue takes longer than uvicorn's five
# Objects made and not yet gone before the collector looks at them. A search makes thousands and leaves none; with
# Python's 700 it was walked through once or twice while it ran, for 0.15 ms.
_YOUNG_OBJECTS = 20_000


class AddressInUseError(CordSearchError):
    """Another program listens where the service should."""


def run_server(settings: Settings) -> None:
    """Serve until interrupted. Raises AddressInUseError, DatabaseUnavailableError, ExtensionMissingError."""
    _require_free_address(settings.service_host, settings.service_port)
    several = settings.service_workers > 1
    if several:
        os.environ["CORDSEARCH_SERVICE_HOST"] = settings.service_host  # each worker reads its settings anew
    signal.signal(signal.SIGTERM, _leave)
    with warehouse(settings) as url, shared_counters() if several else nullcontext():
        create_tables(url, search_role_required=settings.search_role_required)
        app = "service.server:create_worker_app" if several else long_lived(create_app(settings, url), settings)
        config = uvicorn.Config(
            app,
            factory=several,
            workers=settings.service_workers,
            host=settings.service_host,
            port=settings.service_port,
            log_config=with_query_texts_left_out(service_logging(settings.log_format)),
            log_level=None,
            access_log=False,  # one line per keystroke would hold what people searched for
            server_header=False,
            proxy_headers=False,  # service.access believes the proxies of the settings, and no others
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            timeout_worker_healthcheck=_WORKER_START_SECONDS,
        )
        if several:
            Workers(config, settings.service_drain_seconds).run()
        else:
            _run_one(config)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End by an exception, so that the embedded database is stopped too.

    uvicorn raises the signal again when it has stopped; without a handler the process would die of it.
    """
    sys.exit(0)


def _run_one(config: uvicorn.Config) -> None:
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


class Workers(Multiprocess):
    """Several processes on one address. SIGHUP replaces them one by one, each by one that is ready; SIGTERM drains."""

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config, sockets=[config.bind_socket()])
        self._drain_seconds = drain_seconds

    def handle_term(self) -> None:
        """Let every worker say that it is not ready, for a while, before they end."""
        for process in self.processes:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, SAY_NO)
        time.sleep(self._drain_seconds)
        super().handle_term()


@contextmanager
def shared_counters() -> Iterator[None]:
    """Give worker processes a directory to count in together; they inherit the variable that names it."""
    with tempfile.TemporaryDirectory(prefix="cordsearch-metrics-", ignore_cleanup_errors=True) as directory:
        os.environ[SHARED_DIRECTORY] = directory
        try:
            yield
        finally:
            del os.environ[SHARED_DIRECTORY]


def create_worker_app() -> FastAPI:
    """Build the application inside one of several worker processes; the parent keeps the database up.

    A worker that takes over on SIGHUP reads the settings and the code anew.
    """
    settings = load_settings()
    url = settings.database_url or embedded_server(settings).url(WAREHOUSE_DATABASE)
    return long_lived(create_app(settings, url), settings, is_worker=True)


def long_lived(app: FastAPI, settings: Settings, *, is_worker: bool = False) -> FastAPI:
    """Keep the garbage collector away from what start-up made, for a process that serves until it ends.

    Modules, routes and the dictionary never become garbage, yet every full collection walks through them:
    measured 48 ms in the middle of a request that takes 5. Frozen, they are looked at no more. What requests leave is
    collected seldom, because they hardly leave anything.
    """
    opened = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(starting: FastAPI) -> AsyncIterator[Any]:
        async with opened(starting) as state:
            gc.collect()
            gc.freeze()
            gc.set_threshold(_YOUNG_OBJECTS)
            with drained(app.state.draining, settings.service_drain_seconds, is_worker=is_worker):
                yield state

    app.router.lifespan_context = lifespan
    return app


def _require_free_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUseError(
                    f"Port {port} on {host} is in use. Stop the program that listens there, "
                    f"or choose another port: `cordsearch serve --port {port + 1}` or `make run PORT={port + 1}`."
                ) from error
            raise CordSearchError(f"The service cannot listen on {host}, port {port}: {error.strerror}.") from error
