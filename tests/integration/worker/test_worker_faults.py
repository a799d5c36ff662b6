"""What goes wrong while a worker is at work: nothing is lost, nothing is done twice."""

import random
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from cordsearch import transform
from cordsearch.database import connect
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.sql import load_query
from cordsearch.transform import Transform
from tests.worker import Site, wait_for

# "job.done duty=refresh seconds=1.234 job=7 ...": when it ended, what it was, how long it took
DONE = re.compile(r"^(\S+Z) \w+ +job\.done duty=(\S+) seconds=([\d.]+)", re.MULTILINE)
HAS_NEWS = load_query(transform.__file__, "transform_has_news.sql").replace("%", "%%")
LOCKS = {"redraw": "refresh"}

TOUCH_STOCK = """
    update dbo."ProductAvailability" set "Amount" = %s, "Updated" = now() at time zone 'utc'
    where "ID" %% 7 = %s
"""
TOUCH_NAMES = """
    update dbo."Product" set "Name" = 'Зюмбрик ' || %s || ' ' || "ID", "Updated" = now() at time zone 'utc'
    where "ID" %% 5 = %s and not "Deleted"
"""


@contextmanager
def changes_flowing(site: Site) -> Iterator[list[int]]:
    """Change stock rows and names all the time; yields the amounts that were written, the last one last."""
    stop, written = threading.Event(), [0]

    def flow() -> None:
        while not stop.is_set():
            amount = written[-1] + 1
            site.change(TOUCH_STOCK, amount, amount % 7)
            site.change(TOUCH_NAMES, amount, amount % 5)
            written.append(amount)
            time.sleep(0.15)

    thread = threading.Thread(target=flow)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def wait_until_quiet(site: Site) -> None:
    """Return when the marts show what the source has and every vector is of its text."""
    stock = set(_source(site, 'select "ID", "Amount" from dbo."ProductAvailability"'))
    names = dict(_source(site, """select "ID", "Name" from dbo."Product" where "Name" like 'Зюмбрик %'"""))

    def stock_is_there() -> bool:
        rows = site.rows("select product_availability_id, amount from staging_staging.stg_product_availability")
        return set(rows) == stock

    wait_for("bronze has every stock row", stock_is_there)
    wait_for("the marts have every name, with vectors", lambda: dict(site.rows(
        "select product_id, name_ru from staging_marts.dim_product_search"
        " where name_ru like 'Зюмбрик %%' and indexed_content_hash = content_hash and embedding is not null"
    )) == names)  # fmt: skip
    # an event is in bronze before a refresh is asked for: only the marts' own position says that they have it
    wait_for("the marts have taken every event", lambda: not site.value(HAS_NEWS))
    wait_for("no job of the marts is left", lambda: not site.value(
        "select count(*) from worker.procrastinate_jobs where lock in ('marts', 'embeddings')"
    ))  # fmt: skip


def wait_until_under_way(site: Site, task: str) -> None:
    """Return when a worker works on a job of ``task``."""
    query = "select from worker.procrastinate_jobs where task_name = %s and status = 'doing'"
    wait_for(f"a {task} is under way", lambda: site.rows(query, task))


def _source(site: Site, query: str) -> list[tuple[Any, ...]]:
    return Site(site.source, site.source, site.data_directory, site.logs).rows(query.replace("%", "%%"))


def assert_as_built_anew(site: Site) -> None:
    """The marts equal those of a full refresh, and no event says what the one before it said."""
    followed = {mart: site.contents(mart) for mart in ("dim_product", "dim_product_search")}
    assert all(followed.values())
    assert site.repeated_events() == {}
    Transform(site.warehouse, site.logs / "dbt").run(full_refresh=True)
    for mart, rows in followed.items():
        anew = site.contents(mart)
        assert (sorted(set(rows) - set(anew)), sorted(set(anew) - set(rows))) == ([], []), mart
        assert len(rows) == len(anew)


def test_killed_anywhere_nothing_is_lost_or_doubled(site: Site) -> None:
    chance = random.Random(20240501)
    small_pages = {"CORDSEARCH_SOURCE_PAGE_SIZE": "25"}
    worker = site.start(**small_pages)
    site.wait_until_followed()
    with changes_flowing(site):
        for wanted in ("follow", "refresh", "embed"):
            wait_until_under_way(site, wanted)
            time.sleep(chance.uniform(0, 0.3))
            worker.kill()
            worker = site.start(**small_pages)
    wait_until_quiet(site)
    assert "job.taken_over" in "".join(each.log for each in site.workers)
    assert worker.stop() == 0
    assert_as_built_anew(site)


def test_two_workers_share_the_work(site: Site) -> None:
    first, second = site.start(), site.start()
    site.wait_until_followed()
    with changes_flowing(site):
        time.sleep(3)
        second.kill()
        third = site.start()
        time.sleep(2)
    wait_until_quiet(site)
    assert first.stop() == third.stop() == 0
    assert site.repeated_events() == {}
    spans = sorted(span for worker in (first, second, third) for span in _spans(worker.log))
    assert {name for name, _, _ in spans} >= {"follow.volatile", "follow.product", "refresh", "embed"}
    for (name, _, ended), (other, began, _) in pairwise(spans):
        assert name != other or ended <= began, f"two jobs of {name} at once"
    for worker in (first, third):
        assert "follow.volatile" in worker.log, "one of them did nothing"


def test_a_worker_that_stops_keeps_the_job_it_finishes(site: Site) -> None:
    quick_to_judge = {"CORDSEARCH_WORKER_STALLED_SECONDS": "1.5", "CORDSEARCH_WORKER_HEARTBEAT_SECONDS": "0.3"}
    stopping = site.start(**quick_to_judge)
    site.wait_until_followed()
    with connect(site.warehouse) as holds_the_marts:
        holds_the_marts.execute("select pg_advisory_lock(hashtextextended('cordsearch.transform', 0))")
        site.change(TOUCH_STOCK, 7, 3)
        wait_until_under_way(site, "refresh")
        other = site.start(**quick_to_judge)
        wait_for("the other one works", lambda: "job.done" in other.log)
        stopping.process.send_signal(signal.SIGTERM)
        time.sleep(4)
        assert stopping.process.poll() is None
        assert "job.taken_over" not in other.log
    assert stopping.process.wait(timeout=60) == 0
    wait_until_quiet(site)
    assert "duty=refresh" in stopping.log
    assert other.stop() == 0


def _spans(log: str) -> list[tuple[str, datetime, datetime]]:
    """Lock, begin and end of every job in a log; what rounding may hide is taken off."""
    found = []
    for ended, duty, seconds in DONE.findall(log):
        end = datetime.fromisoformat(ended)
        found.append((LOCKS.get(duty, duty), end - timedelta(seconds=float(seconds) - 0.002), end))
    return found


def test_postgresql_restarts_under_the_worker(site: Site, postgres_server: EmbeddedPostgres) -> None:
    worker = site.start()
    site.wait_until_followed()
    site.change(TOUCH_NAMES, 1, 1)
    wait_for("a job is under way", lambda: site.rows("select from worker.procrastinate_jobs where status = 'doing'"))
    postgres_server.stop()
    time.sleep(1)
    with postgres_server.running():
        site.change(TOUCH_STOCK, 77, 3)
        site.change(TOUCH_NAMES, 2, 2)
        wait_until_quiet(site)
        assert worker.process.poll() is None, worker.log
        with_one_backend_after_another_gone(site)
        site.change(TOUCH_STOCK, 78, 4)
        wait_until_quiet(site)
    assert worker.stop() == 0
    assert "worker.lost_warehouse" in worker.log
    assert_as_built_anew(site)


def with_one_backend_after_another_gone(site: Site) -> None:
    """Cut every connection to the warehouse, as a failover or an administrator does."""
    for _ in range(3):
        site.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        time.sleep(0.3)
