"""From source to searchable, stage by stage, on a database of its own; then what a service worker weighs.

Creates the demo source at ``--products``, takes it through load, transform, train and embed, starts the
real service and asks it the reference queries. Prints and writes seconds per stage, the loader's
rows per second, the worker's memory and the median latency of each query.

    python -m benchmarks.pipeline --products 278698
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import markdown_table, write_result
from benchmarks.served import running_service
from cordsearch.database import connect, create_database, prepare_extensions
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.pipeline import build_demo_source, build_search
from cordsearch.settings import Settings

FULL_SIZE = 278_698
REFERENCE_QUERIES: tuple[tuple[str, dict[str, str]], ...] = (
    ("SEM143", {"supplier": "SEM1"}),
    ("тяга", {"supplier": "SEM1"}),
    ("амортизатор", {"supplier": "SEM1"}),
    ("81432206012", {}),
    ("тормозні колодки", {}),
    ("klocki hamulcowe", {}),
    ("brake pads", {}),
    ("амотризатор", {}),
    ("nzuf", {}),
    ("фільтр масляний daf xf 105", {}),
    ("309x242", {}),
)
ROUNDS = 30


def resident_mebibytes(process_id: int) -> float:
    """Resident memory of a process in MiB, as Linux accounts it."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process_id} reports no resident memory")


def measure_queries(base_url: str) -> list[dict[str, Any]]:
    """Ask every reference query ``ROUNDS`` times over one connection; the first round is not counted."""
    figures = []
    with httpx.Client(base_url=base_url, timeout=30) as client:
        for query, filters in REFERENCE_QUERIES:
            times = []
            for _ in range(ROUNDS + 1):
                started = time.perf_counter()
                answer = client.get("/search", params={"q": query, **filters})
                times.append((time.perf_counter() - started) * 1000)
                answer.raise_for_status()
            counted = sorted(times[1:])
            body = answer.json()
            figures.append(
                {
                    "query": query,
                    "supplier": filters.get("supplier", ""),
                    "median_ms": statistics.median(counted),
                    "slowest_ms": counted[-1],
                    "server_ms": body["took_ms"],
                    "first_hit": body["hits"][0]["name"] if body["hits"] else "",
                }
            )
    return figures


def rows_in(url: str, relation_query: str) -> int:
    """Return the first column of the first row of ``relation_query`` as a number."""
    with connect(url) as connection:
        row = connection.execute(relation_query).fetchone()
    return int(row[0]) if row else 0


def count_loaded(url: str) -> int:
    """Rows of all bronze event tables."""
    with connect(url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'bronze'"
            " and tablename like '%\\_cdc'"
        ).fetchall()
    return sum(rows_in(url, f"select count(*) from {name}") for (name,) in tables)


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=FULL_SIZE)
    parser.add_argument("--keep", type=Path, help="build in this folder and leave it there")
    arguments = parser.parse_args()
    directory = arguments.keep or Path(tempfile.mkdtemp(prefix="cordsearch-bench-"))
    server = EmbeddedPostgres(directory / "postgres")
    with server.running():
        warehouse_url, source_url = server.url("cord_search"), server.url("cord_source")
        create_database(server.url(), "cord_search")
        prepare_extensions(warehouse_url)
        settings = Settings(data_directory=directory, DATABASE_URL=warehouse_url)
        started = time.perf_counter()
        build_demo_source(source_url, arguments.products)
        source_seconds = time.perf_counter() - started
        timings = build_search(settings, warehouse_url, demo_url=source_url)
        seconds = {timing.stage: timing.seconds for timing in timings}
        loaded = count_loaded(warehouse_url)
        searchable = rows_in(warehouse_url, "select count(*) from staging_marts.dim_product_search")
        size = rows_in(warehouse_url, "select pg_database_size(current_database())")
        with running_service(warehouse_url, directory) as (base_url, process_id):
            idle = resident_mebibytes(process_id)
            queries = measure_queries(base_url)
            busy = resident_mebibytes(process_id)
    figures = {
        "products": arguments.products,
        "searchable_products": searchable,
        "demo_source_seconds": source_seconds,
        "stage_seconds": seconds,
        "source_to_searchable_seconds": sum(seconds.values()),
        "loaded_rows": loaded,
        "loader_rows_per_second": loaded / seconds["load"],
        "warehouse_gib": size / 1024**3,
        "worker_resident_mib": {"idle": idle, "after_queries": busy},
        "queries": queries,
    }
    write_result("pipeline", figures, as_markdown(figures))
    if arguments.keep is None:
        shutil.rmtree(directory, ignore_errors=True)


def as_markdown(figures: dict[str, Any]) -> str:
    """Return the figures as two tables."""
    stages = [(stage, value) for stage, value in figures["stage_seconds"].items()]
    stages.append(("source to searchable", figures["source_to_searchable_seconds"]))
    facts = [
        ("products", figures["products"]),
        ("searchable", figures["searchable_products"]),
        ("rows loaded", figures["loaded_rows"]),
        ("loader, rows/s", round(figures["loader_rows_per_second"])),
        ("warehouse, GiB", figures["warehouse_gib"]),
        ("worker memory idle, MiB", figures["worker_resident_mib"]["idle"]),
        ("worker memory after queries, MiB", figures["worker_resident_mib"]["after_queries"]),
    ]
    queries = [tuple(row.values()) for row in figures["queries"]]
    header = ("query", "supplier", "median ms", "slowest ms", "server ms", "first hit")
    return "\n\n".join(
        (
            markdown_table(("fact", "value"), facts),
            markdown_table(("stage", "seconds"), stages),
            markdown_table(header, queries),
        )
    )


if __name__ == "__main__":
    main()
