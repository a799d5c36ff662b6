"""How long changed texts take to be searchable, and what searches notice of it.

Takes a built warehouse (``--data-directory``, or DATABASE_URL), changes the names of products drawn at random, and puts
them back at the end. Measures

* one call of the embedding job in a process that runs it again and again, after 0, 1, 100 and 1,000 changes; beside it
  the same call with every product compared, as a job without a queue must;
* searches over HTTP, one client without pause, while nothing else runs, while 1,000 changes at a time are embedded, and
  while a version of another model is built beside the live one at several paces.

    python -m benchmarks.reembedding --data-directory .cordsearch
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.pipeline import REFERENCE_QUERIES
from benchmarks.report import markdown_table, write_result
from benchmarks.served import running_service
from cordsearch.database import connect, warehouse
from cordsearch.settings import Settings
from embeddings.contrastive import TrainingSettings
from embeddings.job import run_embedding_job
from embeddings.train import train_static_model

CHANGES = (0, 1, 100, 1_000)
RESTS = (0.0, 1.0, 3.0)
LONGEST_INDEX_SECONDS = 300
UNTRAINED = TrainingSettings(least_steps=2, most_steps=2)  # what is measured does not depend on how good it is

_REMEMBER = """
create table if not exists embeddings.benchmark_before as
select product_id, name_ru, content_hash from staging_marts.dim_product_search with no data;
create unique index if not exists benchmark_before_key on embeddings.benchmark_before (product_id);
"""
_CHANGE = """
with drawn as materialized (
    select product_id, name_ru, content_hash from staging_marts.dim_product_search
    order by hashint8extended(product_id, %(seed)s) limit %(count)s
),
remembered as (
    insert into embeddings.benchmark_before select * from drawn on conflict do nothing
)
update staging_marts.dim_product_search as product
set name_ru = concat(drawn.name_ru, ' ', %(seed)s::text), content_hash = md5(concat(product.product_id, %(seed)s::text))
from drawn where product.product_id = drawn.product_id
"""
_RESTORE = """
update staging_marts.dim_product_search as product
set name_ru = before.name_ru, content_hash = before.content_hash
from embeddings.benchmark_before as before where product.product_id = before.product_id;
drop table embeddings.benchmark_before;
"""


def change(url: str, count: int, seed: int) -> None:
    """Give ``count`` products another name."""
    with connect(url, autocommit=True) as connection:
        connection.execute(_CHANGE, {"count": count, "seed": seed})


@contextmanager
def remembered(url: str, settings: Settings) -> Iterator[None]:
    """Put back every name at the end, also what an interrupted run left."""
    with connect(url, autocommit=True) as connection:
        connection.execute(_REMEMBER)
    try:
        yield
    finally:
        with connect(url, autocommit=True) as connection:
            connection.execute(_RESTORE)
        run_embedding_job(url, settings)


def measure_jobs(url: str, settings: Settings, rounds: int) -> list[dict[str, Any]]:
    """Time calls of the job after changes, by the queue and by comparison, in turn."""
    figures = []
    for count in CHANGES:
        times: dict[bool, list[float]] = {False: [], True: []}
        for number in range(rounds):
            for check in (False, True):
                change(url, count, seed=1_000_000 * count + 2 * number + check)
                started = time.perf_counter()
                report = run_embedding_job(url, settings, check=check, rebuild_dictionary=False)
                times[check].append(time.perf_counter() - started)
                if report.written != count:
                    raise RuntimeError(f"{report.written} products were written, not {count}")
        figures.append(
            {
                "changed products": count,
                "median s": statistics.median(times[False]),
                "slowest s": max(times[False]),
                "every product compared, median s": statistics.median(times[True]),
            }
        )
    return figures


def measure_searches(base_url: str, seconds: float, busy: subprocess.Popen[bytes] | None = None) -> dict[str, Any]:
    """Ask the reference queries one after the other; stop after ``seconds`` or when ``busy`` ends."""
    times, degraded = [], 0
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=base_url, timeout=30) as client:
        while time.monotonic() < deadline and (busy is None or busy.poll() is None):
            for query, filters in REFERENCE_QUERIES:
                started = time.perf_counter()
                answer = client.get("/search", params={"q": query, **filters})
                times.append((time.perf_counter() - started) * 1000)
                answer.raise_for_status()
                degraded += answer.json()["degraded"]
    times.sort()
    return {
        "searches": len(times),
        "median ms": statistics.median(times),
        "p95 ms": times[int(len(times) * 0.95)],
        "p99 ms": times[int(len(times) * 0.99)],
        "degraded": degraded,
    }


@contextmanager
def background(url: str, settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside the searches and kill it at the end: every job goes on where it stopped."""
    environment = os.environ | {"DATABASE_URL": url, "CORDSEARCH_DATA_DIRECTORY": str(settings.data_directory)}
    with subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def embed_for_ever(url: str, settings: Settings, rest: float) -> None:
    """Change 1,000 products and embed them, again and again; what the worker does on a very busy day."""
    settings = settings.model_copy(update={"embedding_rest": rest})
    seed = 0
    while True:
        seed += 1
        change(url, 1_000, seed)
        run_embedding_job(url, settings, rebuild_dictionary=False)


def waiting(url: str, model_id: str) -> int:
    """Return how many products a version has yet to take up."""
    with connect(url) as connection:
        row = connection.execute("select count(*) from embeddings.pending where model = %s", [model_id]).fetchone()
    return int(row[0]) if row else 0


def measure_load(
    url: str, settings: Settings, model_id: str, seconds: float, *, with_index: bool
) -> list[dict[str, Any]]:
    """Measure searches alone and beside each kind of work, for ``seconds`` each; ``with_index``: build to the end."""
    directory = str(settings.data_directory)
    figures = []
    with running_service(url, settings.data_directory) as (base_url, _):
        measure_searches(base_url, 3)
        for rest in (None, *RESTS):
            figures.append({"beside": "nothing", **measure_searches(base_url, seconds / 2), "products/s": 0.0})
            if rest is None:
                for pace in (RESTS[0], RESTS[-1]):
                    again = ["-m", "benchmarks.reembedding", "--again", str(pace), "--data-directory", directory]
                    with background(url, settings, *again):
                        found = measure_searches(base_url, seconds)
                    figures.append({"beside": f"1,000 changes at a time, rest {pace:g}", **found, "products/s": 0.0})
                continue
            build = ["-m", "cordsearch", "embed", "run", "--model", model_id, "--no-switch", "--rest", str(rest)]
            with background(url, settings, *build):
                while not waiting(url, model_id):  # it starts, and compares
                    time.sleep(0.5)
                before, started = waiting(url, model_id), time.monotonic()
                found = measure_searches(base_url, seconds)
                rate = (before - waiting(url, model_id)) / (time.monotonic() - started)
            figures.append({"beside": f"vectors of another model, rest {rest:g}", **found, "products/s": rate})
        if not with_index:
            return figures
        build = ["-m", "cordsearch", "embed", "run", "--model", model_id, "--no-switch", "--rest", "0"]
        with background(url, settings, *build) as process:
            while waiting(url, model_id) and process.poll() is None:
                time.sleep(1)
            found = measure_searches(base_url, LONGEST_INDEX_SECONDS, process)
        figures.append({"beside": "the index of another model", **found, "products/s": 0.0})
    return figures


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--rounds", type=int, default=5, help="calls of the job per number of changes")
    parser.add_argument("--seconds", type=float, default=20, help="of searches beside each kind of work")
    parser.add_argument("--without-index", action="store_true", help="leave out the index of the other model")
    parser.add_argument("--again", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    settings = Settings(data_directory=arguments.data_directory)
    if arguments.again is not None:
        embed_for_ever(str(settings.database_url), settings, arguments.again)
    with warehouse(settings) as url:
        products = run_embedding_job(url, settings).products
        model_id = train_static_model(url, settings.model_directory, 128, UNTRAINED).model_id
        with remembered(url, settings):
            jobs = measure_jobs(url, settings, arguments.rounds)
            searches = measure_load(url, settings, model_id, arguments.seconds, with_index=not arguments.without_index)
    header, load_header = list(jobs[0]), list(searches[0])
    tables = (
        markdown_table(header, [list(row.values()) for row in jobs]),
        markdown_table(load_header, [list(row.values()) for row in searches]),
    )
    write_result("reembedding", {"products": products, "jobs": jobs, "searches": searches}, "\n\n".join(tables))


if __name__ == "__main__":
    main()
