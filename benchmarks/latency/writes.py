"""Searches beside changes: stock, texts with their vectors, and marts made anew, each beside a quiet control.

Starts service and worker on the demo catalogue of a data directory. Searches arrive at a constant rate, the same for
all, a part of what one client reached alone. Every change is made at the source, as a shop makes it, and counts until
searches show it; names and stock are put back afterwards. The demo source lies in the same PostgreSQL, so its
work is part of what the searches bear.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, takewhile
from pathlib import Path
from typing import Any

from benchmarks.freshness import RENAME, has_caught_up, rows, running_worker, wait_until
from benchmarks.latency.digest import digest
from benchmarks.latency.loops import Timed, arrivals, closed_loop
from benchmarks.latency.processes import Meter
from benchmarks.latency.queries import SEED, Question, Questions, read_questions
from benchmarks.latency.service_part import UNLIMITED, postmaster, single
from benchmarks.served import running_service
from cordsearch.database import connect, warehouse
from cordsearch.pipeline import demo_source_url
from cordsearch.settings import Settings
from cordsearch.sql import load_query

STOCK_UPDATES, PER_COMMIT, COMMITS_PER_SECOND = 10_000, 100, 10
TEXT_CHANGES = 5_000
SHARE_OF_CAPACITY = 0.3
SETTLE_SECONDS = 20.0  # what was put back is embedded, and words may be counted anew
WORD = "zmierzone"  # that no name has
# What comes by the clock could fall into one of the measurements and not into the others.
WITHOUT_CRON = {f"CORDSEARCH_WORKER_{duty}_CRON": "never" for duty in ("RECONCILE", "COMPACT", "REDRAW", "TRAIN")}
_KEPT = ("overall", "curve", "per_second", "usage", "statuses", "degraded", "empty", "stages")


@dataclass(frozen=True)
class Site:
    """Where the changes are made and where they must show."""

    source_url: str
    warehouse_url: str
    directory: Path


@contextmanager
def stock_changed(site: Site) -> Iterator[None]:
    """Update 10,000 stock rows in commits of 100, ten a second, until the marts show the last one; put them back."""
    drawn = _read(site.warehouse_url, "sql/stock_rows.sql", {"seed": SEED, "rows": STOCK_UPDATES})
    ids = [row[0] for row in drawn]
    _, witness, quantity = drawn[-1]
    commits = [ids[start : start + PER_COMMIT] for start in range(0, len(ids), PER_COMMIT)]

    def shown() -> bool:
        query = "select available_quantity from staging_marts.dim_product_search where product_id = %s"
        return rows(site.warehouse_url, query, witness) != [(quantity,)]

    made: list[int] = []
    try:
        began = time.perf_counter()
        for number, commit in enumerate(commits):
            time.sleep(max(0.0, began + number / COMMITS_PER_SECOND - time.perf_counter()))
            _read(site.source_url, "sql/change_stock.sql", {"difference": 1, "ids": commit})
            made += commit
        wait_until("the last changed stock", shown)
        yield
    finally:
        _read(site.source_url, "sql/change_stock.sql", {"difference": -1, "ids": made})
        wait_until("stock that was put back", lambda: not shown())


@contextmanager
def texts_changed(site: Site) -> Iterator[None]:
    """Rename 5,000 products in one transaction, until the vectors of all are of the new names; put them back."""
    known = _read(site.source_url, "sql/names.sql", {"seed": SEED, "rows": TEXT_CHANGES})
    ids, *names = (list(column) for column in zip(*known, strict=True))
    try:
        rows(site.source_url, RENAME, ids, *([f"{WORD} {name}" for name in column] for column in names))
        _wait_until_embedded(site, ids[-1], renamed=True)
        yield
    finally:
        rows(site.source_url, RENAME, ids, *names)
        _wait_until_embedded(site, ids[-1], renamed=False)


@contextmanager
def marts_made_anew(site: Site) -> Iterator[None]:
    """Build the marts with ``--full-refresh``, and the search documents and vectors of the new ones."""
    environment = os.environ | {
        "DATABASE_URL": site.warehouse_url, "CORDSEARCH_DATA_DIRECTORY": str(site.directory.resolve())
    }  # fmt: skip
    for command in (("transform", "--full-refresh"), ("embed", "run")):
        subprocess.run(
            [sys.executable, "-m", "cordsearch", *command], env=environment, check=True, stdout=subprocess.DEVNULL
        )
    yield


WORK: Mapping[str, Callable[[Site], AbstractContextManager[None]]] = {
    f"{STOCK_UPDATES:,} stock updates": stock_changed,
    f"{TEXT_CHANGES:,} texts changed and embedded": texts_changed,
    "the marts made anew": marts_made_anew,
}


def measure_writes(directory: Path, per_class: int, quiet_seconds: float, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of searches beside each kind of work, and of the quiet time right before it."""
    settings = Settings(data_directory=directory, DATABASE_URL=None)
    with ExitStack() as uses:
        url = uses.enter_context(warehouse(settings))
        site = Site(demo_source_url(url), url, directory)
        base_url, process_id = uses.enter_context(running_service(url, directory, {**UNLIMITED, **changed}))
        uses.enter_context(followed(site))
        questions = read_questions(url, per_class)
        meter = Meter(process_id, postmaster(settings))
        return asyncio.run(_measure(base_url, questions, site, quiet_seconds, meter))


@contextmanager
def followed(site: Site) -> Iterator[None]:
    """Run a worker that has caught up with every table of the source."""
    began, log = datetime.now(UTC), site.directory / "worker.log"
    with running_worker(site.warehouse_url, site.source_url, site.directory.resolve(), log, WITHOUT_CRON):
        wait_until("the worker to catch up", lambda: has_caught_up(site.warehouse_url, began))
        yield


async def _measure(
    base_url: str, questions: Questions, site: Site, quiet_seconds: float, meter: Meter
) -> dict[str, Any]:
    meter.start()
    alone = digest(await closed_loop(base_url, single(questions.searches), 1), meter.read())
    rate = alone["per_second"] * SHARE_OF_CAPACITY
    figures: dict[str, Any] = {"rate": rate, "work": {}}
    for name, work in WORK.items():
        await asyncio.sleep(SETTLE_SECONDS)
        quiet = await searched_beside(base_url, questions.searches, rate, partial(time.sleep, quiet_seconds), meter)
        with ExitStack() as until_measured:
            begin = partial(until_measured.enter_context, work(site))
            busy = await searched_beside(base_url, questions.searches, rate, begin, meter)
        figures["work"][name] = {"quiet": quiet, "busy": busy}
    return figures


async def searched_beside(
    base_url: str, questions: list[Question], rate: float, work: Callable[[], None], meter: Meter
) -> dict[str, Any]:
    """Return the figures of searches that arrive at ``rate`` as long as ``work`` takes, in a thread."""
    done = threading.Event()

    def run() -> None:
        try:
            work()
        finally:
            done.set()

    async def search() -> list[Timed]:
        return await arrivals(base_url, takewhile(lambda _: not done.is_set(), cycle(questions)), rate)

    meter.start()
    answers, _ = await asyncio.gather(search(), asyncio.to_thread(run))
    figures = digest(answers, meter.read())
    return {name: figures[name] for name in _KEPT}


def _read(url: str, file: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    with connect(url) as connection:
        cursor = connection.execute(load_query(__file__, file), values)
        return cursor.fetchall() if cursor.description else []


def _wait_until_embedded(site: Site, witness: int, *, renamed: bool) -> None:
    """Wait until the marts have the new name of ``witness``, or not, and every vector is of the present text."""

    def named() -> bool:
        query = "select name_ru like %s from staging_marts.dim_product_search where product_id = %s"
        return rows(site.warehouse_url, query, f"{WORD} %", witness) in ([(renamed,)], [])

    wait_until("the new names", named)
    wait_until("vectors of the new names", lambda: _read(site.warehouse_url, "sql/not_embedded.sql", {}) == [(False,)])
