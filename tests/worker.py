"""For tests of the worker: processes on copies of the catalogue, with short intervals, and what tests look at."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from psycopg import OperationalError, sql
from psycopg.errors import UndefinedTable

from cordsearch.database import connect
from cordsearch.errors import DatabaseUnavailableError
from ingest.tables import TABLES

PATIENCE_SECONDS = 180.0
QUICK = {
    "CORDSEARCH_WORKER_VOLATILE_SECONDS": "0.2",
    "CORDSEARCH_WORKER_PRODUCT_SECONDS": "0.2",
    "CORDSEARCH_WORKER_CATALOGUE_SECONDS": "0.5",
    "CORDSEARCH_WORKER_COMPARED_SECONDS": "1",
    "CORDSEARCH_WORKER_HISTORY_SECONDS": "1",
    "CORDSEARCH_WORKER_SOURCE_SHARE": "1",
    "CORDSEARCH_WORKER_STALLED_SECONDS": "3",
    "CORDSEARCH_WORKER_HEARTBEAT_SECONDS": "0.5",
    "CORDSEARCH_WORKER_RECONCILE_CRON": "never",
    "CORDSEARCH_WORKER_COMPACT_CRON": "never",
    "CORDSEARCH_WORKER_REDRAW_CRON": "never",
}


def wait_for(what: str, holds: Callable[[], Any]) -> None:
    """Return when ``holds`` does; a database that is just away, or a table not made yet, counts as no."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except (OperationalError, DatabaseUnavailableError, UndefinedTable):
            pass
        time.sleep(0.05)
    pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")


@dataclass
class Worker:
    """One process; ``log`` is what it wrote."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


@dataclass
class Site:
    """A source and a warehouse of this test's own, and the workers between them."""

    source: str
    warehouse: str
    data_directory: Path
    logs: Path
    workers: list[Worker] = field(default_factory=list)

    def start(self, *arguments: str, **settings: str) -> Worker:
        environment = {
            "PATH": "/usr/bin:/bin", "DATABASE_URL": self.warehouse, "CORDSEARCH_SOURCE_PRODUCT_URL": self.source,
            "CORDSEARCH_SOURCE_ECOSYSTEM_URL": self.source, "CORDSEARCH_DATA_DIRECTORY": str(self.data_directory),
            "PYTHONPATH": str(Path.cwd()), **QUICK, **settings,
        }  # fmt: skip
        log_file = self.logs / f"worker-{len(self.workers)}.log"
        with log_file.open("wb") as log:
            command = [sys.executable, "-m", "cordsearch", "worker", "--verbose", *arguments]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.workers.append(Worker(process, log_file))
        return self.workers[-1]

    def change(self, statement: str, *values: Any) -> None:
        with connect(self.source) as connection:
            connection.execute(statement, values)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with connect(self.warehouse) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def wait_until_followed(self) -> None:
        """Return when every table was begun."""
        wait_for("every table is followed", lambda: self.value(
            "select count(*) = 36 and bool_and(not comparing) from bronze.incremental_checkpoint"
        ))  # fmt: skip

    def contents(self, mart: str) -> list[str]:
        """Every row of a mart, without the columns that the embedding job owns."""
        owned = "{embedding,embedding_model,indexed_content_hash,search_vector}"
        query = f"select (to_jsonb(mart) - %s::text[])::text from staging_marts.{mart} as mart order by 1"
        return [text for (text,) in self.rows(query, owned)]

    def repeated_events(self) -> dict[str, int]:
        """Per table, events that say of a key what the event before it said: work that was done twice."""
        found = {}
        for table in TABLES:
            query = sql.SQL(
                "select count(*) from (select payload -> 'after' as image, lag(payload -> 'after') over"
                " (partition by row_key order by event_id) as before from {}) as events where image = before"
            ).format(sql.Identifier("bronze", table.bronze_table))
            with connect(self.warehouse) as connection:
                row = connection.execute(query).fetchone()
            if row and row[0]:
                found[table.name] = row[0]
        return found
