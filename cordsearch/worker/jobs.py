"""The worker's jobs: which duty runs under which lock, what follows from it, and how its end is noted and told.

Reads the duties; writes jobs of procrastinate and ``worker.duty``. A *lock* lets one job at a time run over all
workers; a *queueing lock* lets one at a time wait. So a duty that is asked for again while it runs is done once more
afterwards, never twice at once.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from procrastinate import App, JobContext, exceptions
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from cordsearch.worker.duties import Duties
from cordsearch.worker.schedule import cron_lines, rest_seconds, retry_seconds
from cordsearch.worker.table_groups import TableGroup

log = logging.getLogger("cordsearch.worker")
Result = TypeVar("Result")

# Duties that write the same tables share a lock. Stock must not wait for vectors: marts and embeddings do not.
MARTS, EMBEDDINGS = "marts", "embeddings"
_REFRESH_PRIORITY, _EMBED_PRIORITY, _BEGIN_PRIORITY, _DICTIONARY_PRIORITY = 100, 60, 5, 1


class Backoff(BaseRetryStrategy):
    """Tries a failed job again after 1, 2, 4 ... 60 seconds, for ever: the cause is outside."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; a job that was aborted is tried by whoever comes next."""
        seconds = retry_seconds(job.attempts) if isinstance(exception, Exception) else 0
        return RetryDecision(retry_in={"seconds": seconds})


@dataclass(frozen=True, slots=True)
class Interval:
    """How often a duty is begun, and which share of the time it may be at work."""

    name: str
    seconds: float
    share: float = 1.0


class Jobs:
    """The tasks of one application, and the ways to ask for them."""

    def __init__(
        self, app: App, duties: Duties, groups: Sequence[TableGroup], settings: Settings, executor: Executor
    ) -> None:
        self._app, self._duties, self._executor = app, duties, executor
        self._groups = {group.name: group for group in groups}
        self._share = settings.worker_source_share
        self.running: set[int] = set()
        self._register(cron_lines(settings))

    @property
    def intervals(self) -> list[Interval]:
        """Duties that are begun again and again."""
        return [Interval(f"follow.{group.name}", group.seconds, self._share) for group in self._groups.values()]

    async def declare(self) -> None:
        """Make the duties known to ``worker.duty``. Raises ConnectorException."""
        names = [*(interval.name for interval in self.intervals), "refresh", "embed", "begin", "dictionary"]
        await self._write("declare_duties", names=[*names, "reconcile", "compact", "redraw", "train"])

    async def ask_for_due(self) -> None:
        """Put a job into the queue for each interval that is over. Raises ConnectorException."""
        values = {"names": [each.name for each in self.intervals], "seconds": [each.seconds for each in self.intervals]}
        due = await self._app.connector.execute_query_all_async(load_query(__file__, "sql/claim_due.sql"), **values)
        for row in due:
            group = self._groups[row["name"].partition(".")[2]]
            await self._ask("follow", row["name"], group.priority, group=group.name)

    async def ask_for_refresh(self) -> None:
        """Have the marts refreshed, unless that is asked for already. Raises ConnectorException."""
        await self._ask("refresh", MARTS, _REFRESH_PRIORITY)

    async def ask_for_embedding(self) -> None:
        """Have texts that changed embedded, unless that is asked for already. Raises ConnectorException."""
        await self._ask("embed", EMBEDDINGS, _EMBED_PRIORITY)

    def _register(self, crons: Mapping[str, str]) -> None:
        self._task("follow", self._follow)
        self._task("begin", self._begin)
        self._task("refresh", self._refresh)
        self._task("embed", self._embed)
        self._task("dictionary", self._dictionary)
        seldom = {
            "reconcile": ("reconcile", self._reconcile),
            "compact": ("compact", self._compact),
            "redraw": (MARTS, self._redraw),
            "train": ("train", self._train),  # minutes of work beside the live version, which goes on
        }
        for name, (lock, work) in seldom.items():
            self._task(name, work)
            if name in crons:
                task: Any = self._app.tasks[name]
                self._app.periodic(cron=crons[name], periodic_id=name, lock=lock, queueing_lock=name)(task)

    def _task(self, name: str, work: Callable[..., Awaitable[None]]) -> None:
        self._app.task(name=name, pass_context=True, retry=Backoff())(work)

    async def _follow(self, context: JobContext, *, group: str) -> None:
        wanted = self._groups[group]
        loaded = await self._perform(
            context, f"follow.{group}", lambda: self._duties.loading.follow(wanted), lambda done: done.outcome,
            Interval(wanted.name, wanted.seconds, self._share),
        )  # fmt: skip
        if loaded.events:
            await self.ask_for_refresh()
        if loaded.to_begin:
            values = {"group": group, "tables": list(loaded.to_begin)}
            await self._ask("begin", "begin", _BEGIN_PRIORITY + wanted.priority, f"begin.{group}", **values)

    async def _begin(self, context: JobContext, *, group: str, tables: list[str]) -> None:
        loaded = await self._perform(
            context, "begin", lambda: self._duties.loading.begin(tables),
            lambda done: f"{group}: {', '.join(tables)} can be followed{'; ' + done.outcome if done.outcome else ''}",
        )  # fmt: skip
        if loaded.events or not loaded.to_begin:
            await self.ask_for_refresh()

    async def _refresh(self, context: JobContext) -> None:
        if await self._perform(context, "refresh", self._duties.refresh):
            await self.ask_for_embedding()

    async def _embed(self, context: JobContext) -> None:
        done = await self._perform(context, "embed", self._duties.embed, lambda done: done.outcome)
        if done.dictionary_is_stale:
            await self._ask("dictionary", "dictionary", _DICTIONARY_PRIORITY)

    async def _dictionary(self, context: JobContext) -> None:
        await self._perform(context, "dictionary", self._duties.count_words)

    async def _redraw(self, context: JobContext, *, timestamp: int) -> None:  # noqa: ARG002 - procrastinate gives it
        await self._perform(context, "redraw", self._duties.redraw)
        await self.ask_for_embedding()

    async def _reconcile(self, context: JobContext, *, timestamp: int) -> None:  # noqa: ARG002 - the same
        loaded = await self._perform(context, "reconcile", self._duties.loading.reconcile, lambda done: done.told())
        if loaded.events:
            await self.ask_for_refresh()

    async def _compact(self, context: JobContext, *, timestamp: int) -> None:  # noqa: ARG002 - the same
        await self._perform(context, "compact", self._duties.compact)

    async def _train(self, context: JobContext, *, timestamp: int) -> None:  # noqa: ARG002 - the same
        await self._perform(context, "train", self._duties.train)
        await self.ask_for_embedding()

    async def _perform(
        self,
        context: JobContext,
        name: str,
        work: Callable[[], Result],
        told: Callable[[Result], str | None] = lambda done: done,  # type: ignore[assignment,return-value] # a line already
        interval: Interval | None = None,
    ) -> Result:
        """Run ``work`` in a thread, note its end in ``worker.duty``, tell it in one line. Raises what it raised."""
        job_id = context.job.id or 0
        self.running.add(job_id)
        started = time.monotonic()
        try:
            done = await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except Exception as error:
            seconds = time.monotonic() - started
            details = {
                "duty": name, "seconds": seconds, "job": job_id, "again_in": retry_seconds(context.job.attempts),
                "error": (str(error).strip() or type(error).__name__).partition("\n")[0],
            }  # fmt: skip
            # a known failure says what to do; of another one a programmer wants to see the place
            log.error("job.failed", extra=details, exc_info=None if isinstance(error, CordSearchError) else error)  # noqa: TRY400
            with suppress(exceptions.ConnectorException):
                await self._note(name, seconds, 0.0, None, str(error) or type(error).__name__)
            raise
        finally:
            self.running.discard(job_id)
        seconds, outcome = time.monotonic() - started, told(done)
        rest = rest_seconds(interval.seconds, seconds, interval.share) if interval else 0.0
        details = {"duty": name, "seconds": seconds, "job": job_id, "did": outcome or "nothing"}
        log.log(logging.INFO if outcome else logging.DEBUG, "job.done", extra=details)
        await self._note(name, seconds, rest, outcome, None)
        return done

    async def _note(self, name: str, seconds: float, rest: float, outcome: str | None, error: str | None) -> None:
        await self._write("finish_duty", name=name, seconds=seconds, rest=rest, outcome=outcome, error=error)

    async def _ask(self, task: str, lock: str, priority: int, queueing_lock: str | None = None, **values: Any) -> None:
        """Put a job into the queue unless one that was not begun waits there; it will see all that is committed now."""
        name = queueing_lock or (lock if task == "follow" else task)
        query = load_query(__file__, "sql/is_waiting.sql")
        row = await self._app.connector.execute_query_one_async(query, name=name)
        if not row["is_waiting"]:  # asked first, because PostgreSQL logs every refused insert as an error
            deferrer = self._app.tasks[task].configure(lock=lock, queueing_lock=name, priority=priority)
            with suppress(exceptions.AlreadyEnqueued):
                await deferrer.defer_async(**values)

    async def _write(self, query: str, **values: Any) -> None:
        await self._app.connector.execute_query_async(load_query(__file__, f"sql/{query}.sql"), **values)
