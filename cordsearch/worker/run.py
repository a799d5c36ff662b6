"""``cordsearch worker``: keeps everything fresh until it is stopped, whatever happens to PostgreSQL meanwhile.

Reads the settings; everything else is done by the duties. After a failure of the warehouse a new life of the worker
begins, with a pause that grows to ten seconds; the embedded server is started again when it is gone.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from procrastinate.exceptions import ConnectorException

from cordsearch.database import embedded_server, warehouse
from cordsearch.errors import CordSearchError, DatabaseUnavailableError
from cordsearch.pipeline import demo_source_url, sources_to_read
from cordsearch.settings import Settings
from cordsearch.worker.aside import stand_back
from cordsearch.worker.backends import keep_backends_back
from cordsearch.worker.duties import Duties
from cordsearch.worker.life import CONCURRENCY, Life
from cordsearch.worker.log import configure_logging
from cordsearch.worker.queue import session_url
from cordsearch.worker.schedule import SOURCE_NAMES, cron_lines, stream_topics, streamed_sources
from cordsearch.worker.streaming import Stream
from cordsearch.worker.table_groups import TableGroup, table_groups
from ingest.sources import SourceDatabase

log = logging.getLogger("cordsearch.worker")

_LONGEST_PAUSE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.2
_LOST = (ConnectorException, psycopg.Error, DatabaseUnavailableError)


@dataclass(frozen=True)
class Plan:
    """What this worker follows, and how."""

    sources: tuple[SourceDatabase, ...]  # by the direct loader
    groups: tuple[TableGroup, ...]
    topics: str | None  # by the stream; None: no stream


def run_worker(settings: Settings, *, once: bool = False, verbose: bool = False) -> None:
    """Keep everything fresh until SIGTERM or SIGINT; with ``once`` do what is due and return.

    Raises:
        SettingsError: the settings contradict each other. DatabaseUnavailableError, ExtensionMissingError: no
        warehouse at the start. CordSearchError: ``once``, and a duty failed.
    """
    configure_logging(verbose=verbose, log_format=settings.log_format)
    cron_lines(settings)
    stopping = threading.Event()
    with warehouse(settings) as plain_url:
        url = session_url(plain_url)
        plan = _plan(settings, plain_url)
        duties = Duties(settings, url, plan.sources, stopping.is_set)
        executor = ThreadPoolExecutor(
            CONCURRENCY + 2, thread_name_prefix="duty", initializer=stand_back, initargs=(settings.worker_niceness,)
        )
        _keep_backends_back(settings, plain_url, stopping)
        try:
            if once:
                _do_once(duties)
            else:
                asyncio.run(_live(settings, url, plan, duties, executor, stopping))
        finally:
            stopping.set()
            duties.close()
            executor.shutdown(wait=False, cancel_futures=True)
    if any(thread.is_alive() for thread in threading.enumerate() if thread.name.startswith("duty")) and not once:
        logging.shutdown()
        os._exit(0)  # a duty that could not be interrupted; its connection is cut, so nothing is half done


def _keep_backends_back(settings: Settings, url: str, stopping: threading.Event) -> None:
    """Have the embedded server's part of the work stand back; another server is not ours."""
    if settings.worker_niceness and embedded_server(settings).has_url(url):
        arguments = (url, settings.worker_niceness, stopping)
        threading.Thread(target=keep_backends_back, args=arguments, name="backends", daemon=True).start()


def _plan(settings: Settings, url: str) -> Plan:
    streamed = streamed_sources(settings)
    demo_url = None
    if settings.source_product_url is None and settings.database_url is None:
        demo_url = demo_source_url(url)
    sources = () if len(streamed) == len(SOURCE_NAMES) else sources_to_read(settings, demo_url)
    direct = tuple(source for source in sources if source.name not in streamed)
    tables = tuple(table for source in direct for table in source.tables)
    topics = stream_topics(settings, streamed) if streamed else None
    return Plan(direct, table_groups(settings, tables), topics)


async def _live(
    settings: Settings, url: str, plan: Plan, duties: Duties, executor: ThreadPoolExecutor, stopping: threading.Event
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_now() -> None:
        if not stop.is_set():
            log.info("worker.stopping", extra={"within_seconds": settings.worker_stop_seconds})
        stopping.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_now)
    life: Life | None = None
    stream = None
    if plan.topics is not None:
        stream = Stream(settings, url, plan.topics, lambda: life.announce() if life else None)
        stream.start()
    followed = {group.name: len(group.tables) for group in plan.groups}
    log.info("worker.started", extra={"direct": followed, "stream": plan.topics or "off", "pid": os.getpid()})
    pause = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = loop.time()
        try:
            life = Life(settings, url, duties, plan.groups, executor)
            await life.run(stop)
        except _LOST as error:
            cause = error.__cause__ or error
            pause = _FIRST_PAUSE_SECONDS if loop.time() - began > _LONGEST_PAUSE_SECONDS else min(
                pause * 2, _LONGEST_PAUSE_SECONDS
            )  # fmt: skip
            log.warning("worker.lost_warehouse", extra={"error": str(cause).partition("\n")[0], "again_in": pause})
            await _wait(stop, pause)
            await asyncio.to_thread(_start_embedded_server, settings)
    if stream is not None:
        await asyncio.to_thread(stream.stop, settings.worker_stop_seconds)
    log.info("worker.stopped")


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _start_embedded_server(settings: Settings) -> None:
    """Start the embedded server when somebody stopped it; we still use it, so it stays up after this."""
    if settings.database_url is None:
        try:
            with warehouse(settings):
                pass
        except CordSearchError as error:
            log.warning("worker.server_not_started", extra={"error": str(error).partition("\n")[0]})


def _do_once(duties: Duties) -> None:
    def embed() -> str | None:
        done = duties.embed()
        return duties.count_words() if done.dictionary_is_stale else done.outcome

    for name, duty in (
        ("follow", lambda: duties.loading.catch_up().told()),
        ("refresh", duties.refresh),
        ("embed", embed),
    ):
        started = time.monotonic()
        outcome = duty()
        details = {"duty": name, "seconds": time.monotonic() - started, "did": outcome or "nothing"}
        log.info("job.done", extra=details)
    duties.observe()
