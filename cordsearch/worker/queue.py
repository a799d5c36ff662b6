"""The job queue: procrastinate in a PostgreSQL schema of its own, ``worker``, installed and upgraded here.

Writes schema ``worker``: procrastinate's tables, and ``duty`` and ``table_problem`` beside them. What procrastinate
leaves to its user is here too: jobs of dead workers are taken over, see :class:`Recovery`.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions, jobs
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cordsearch.database import connect
from cordsearch.sql import load_query
from cordsearch.worker.backends import APPLICATION_NAME

SCHEMA = "worker"
log = logging.getLogger("cordsearch.worker")

# A machine that dies takes no leave of its connections, and their locks would be kept for two hours.
_SESSION_OPTIONS = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
_LATEST_CRON_SECONDS = 120.0  # a cron line that came while no worker ran is made up for this long
_POOL_SECONDS = 5.0  # how long a statement of the queue waits for a connection


def session_url(url: str, *, search_path: str | None = None) -> str:
    """Return ``url`` with the session parameters of the worker."""
    given = conninfo_to_dict(url).get("options") or ""
    options = f"{given} {_SESSION_OPTIONS}".strip()
    if search_path is not None:
        options += f" -c search_path={search_path}"
    return make_conninfo(url, options=options, application_name=APPLICATION_NAME)


def open_app(url: str) -> procrastinate.App:
    """Return procrastinate's application on schema ``worker`` of the warehouse at ``url``; it is not opened yet."""
    connector = procrastinate.PsycopgConnector(
        conninfo=session_url(url, search_path=SCHEMA), min_size=1, max_size=4, timeout=_POOL_SECONDS
    )
    return procrastinate.App(connector=connector, periodic_defaults={"max_delay": _LATEST_CRON_SECONDS})


def install_schema(url: str) -> None:
    """Create schema ``worker``, or bring procrastinate's part of it up to its installed version.

    One transaction, one worker at a time. Migrations are procrastinate's own files; which were applied is remembered.
    Raises DatabaseUnavailableError, psycopg.Error.
    """
    with connect(url) as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtextextended('cordsearch.worker.schema', 0))")
        connection.execute("set local client_min_messages = warning")
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(SCHEMA)))
        connection.execute(sql.SQL("set local search_path to {}").format(sql.Identifier(SCHEMA)))
        connection.execute(load_query(__file__, "sql/create_schedule.sql"))
        _migrate(connection)


def _migrate(connection: psycopg.Connection[Any]) -> None:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    row = connection.execute("select to_regclass('procrastinate_jobs') is not null").fetchone()
    if row is not None and row[0]:
        applied = {name for (name,) in connection.execute("select name from applied_migration")}
        for file in files:
            if file.name not in applied:
                log.info("schema.migrated", extra={"migration": file.name})
                connection.execute(file.read_bytes())
    else:
        connection.execute(SchemaManager.get_schema().encode())
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into applied_migration (name) values (%s) on conflict do nothing", [(file.name,) for file in files]
        )


class Recovery:
    """Gives jobs that nobody works on back to the queue.

    A worker that died stops telling that it lives. A worker that could not tell the end of a job, because the
    connection was gone, still owns it: such a job is seen twice before it counts.
    """

    def __init__(self, app: procrastinate.App, stalled_seconds: float) -> None:
        self._app, self._stalled_seconds = app, stalled_seconds
        self._suspects: set[int] = set()

    async def run(self, worker_id: int | None, running: Iterable[int]) -> None:
        """Look once. Raises procrastinate.exceptions.ConnectorException."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_seconds):
            log.warning(
                "job.taken_over", extra={"duty": job.queueing_lock or job.task_name, "of_worker": job.worker_id}
            )
            await self._give_back(job)
        await manager.prune_stalled_workers(self._stalled_seconds)
        if worker_id is None:
            return
        rows = await self._app.connector.execute_query_all_async(
            load_query(__file__, "sql/orphaned_jobs.sql"), worker_id=worker_id, running=list(running)
        )
        found = {row["id"] for row in rows}
        for job_id in found & self._suspects:
            for job in await manager.list_jobs_async(id=job_id):
                log.warning("job.given_back", extra={"duty": job.queueing_lock or job.task_name})
                await self._give_back(job)
        self._suspects = found

    async def _give_back(self, job: jobs.Job) -> None:
        try:
            await self._app.job_manager.retry_job(job)
        except exceptions.UniqueViolation:  # the same is waiting already
            await self._app.job_manager.finish_job(job, jobs.Status.FAILED, delete_job=True)
        except exceptions.ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):  # else another worker was faster
                raise
