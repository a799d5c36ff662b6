"""One life of the worker: from opening the queue until it is stopped or loses PostgreSQL.

Puts due jobs into the queue, runs jobs, takes over those of dead workers, watches for events that nobody announced.
"""

import asyncio
import logging
import time
from concurrent.futures import Executor
from contextlib import suppress

from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from cordsearch.settings import Settings
from cordsearch.worker.duties import Duties
from cordsearch.worker.jobs import Jobs
from cordsearch.worker.queue import Recovery, install_schema, open_app
from cordsearch.worker.table_groups import TableGroup

log = logging.getLogger("cordsearch.worker")

CONCURRENCY = 10  # every group at once, marts, vectors, and one seldom duty
_TICK_SECONDS = 0.1
_RECOVER_EVERY = 1.0
_NEWS_EVERY = 1.0
_OBSERVE_EVERY = 3.0
_POLL_SECONDS = 1.0  # for jobs whose time has come; new ones are announced


class Life:
    """One opened queue with its worker. Not used again after :meth:`run`."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        duties: Duties,
        groups: tuple[TableGroup, ...],
        executor: Executor,
    ) -> None:
        self._settings, self._url, self._duties, self._executor = settings, url, duties, executor
        self._app = open_app(url)
        self._jobs = Jobs(self._app, duties, groups, settings, executor)
        self._recovery = Recovery(self._app, settings.worker_stalled_seconds)
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def announce(self) -> None:
        """Tell, from any thread, that bronze has new events."""
        with suppress(RuntimeError):  # the loop is closed: the next life looks anyway
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set. Raises ConnectorException, psycopg.Error when PostgreSQL is lost."""
        await asyncio.to_thread(install_schema, self._url)
        async with self._app.open_async():
            await self._jobs.declare()
            worker = Worker(
                self._app,
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=_POLL_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=self._settings.worker_heartbeat_seconds,
                stalled_worker_timeout=self._settings.worker_stalled_seconds,
                shutdown_graceful_timeout=self._settings.worker_stop_seconds,
            )
            working = asyncio.create_task(worker.run(), name="worker")  # type: ignore[no-untyped-call]
            tasks = {
                working,
                asyncio.create_task(self._keep_time(worker), name="timekeeper"),
                asyncio.create_task(self._keep_watch(), name="watch"),
                asyncio.create_task(stop.wait(), name="stop"),
            }
            _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            worker.stop()  # type: ignore[no-untyped-call]
            for task in pending:
                if task is not working:
                    task.cancel()
            await self._finish(worker, working)
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        if not stop.is_set():
            raise ConnectorException("the queue's worker stopped by itself")

    async def _finish(self, worker: Worker, working: asyncio.Task[None]) -> None:
        """Tell that the worker lives until its last job has ended.

        procrastinate stops telling as soon as it is asked to stop, and another worker would take the jobs over that
        this one is still finishing.
        """
        while not (await asyncio.wait({working}, timeout=self._settings.worker_heartbeat_seconds))[0]:
            worker_id = worker.worker_id
            if worker_id is not None:
                with suppress(ConnectorException):  # PostgreSQL is gone: the jobs end, or their time does
                    await self._app.job_manager.update_heartbeat(worker_id)

    async def _keep_time(self, worker: Worker) -> None:
        """Ask for what is due, and take over what was left."""
        recovered = 0.0
        while True:
            now = time.monotonic()
            if now - recovered >= _RECOVER_EVERY:
                await self._recovery.run(worker.worker_id, self._jobs.running)
                recovered = now
            await self._jobs.ask_for_due()
            await asyncio.sleep(_TICK_SECONDS)

    async def _keep_watch(self) -> None:
        """Ask for a refresh when events came: at once when announced, within a second when they were not."""
        await self._jobs.ask_for_refresh()
        observed = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _NEWS_EVERY)
            announced = self._news.is_set()
            self._news.clear()
            if announced or await self._loop.run_in_executor(self._executor, self._duties.has_news):
                await self._jobs.ask_for_refresh()
            if time.monotonic() - observed >= _OBSERVE_EVERY:
                await self._loop.run_in_executor(self._executor, self._duties.observe)
                observed = time.monotonic()
