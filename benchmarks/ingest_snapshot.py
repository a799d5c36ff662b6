"""How fast the snapshot goes: all 36 demo tables from one embedded database into bronze of another.

Creates the demo source at ``--products``, loads it in a process of its own (so its memory is its own), and
prints and writes rows per second per table and overall, the loader's peak memory and the processor
time per row of loader and server. Source and warehouse share the machine's processors with the loader.

    python -m benchmarks.ingest_snapshot --products 278698
"""

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect, create_database
from cordsearch.embedded_postgres import EmbeddedPostgres
from ingest.snapshot import run_snapshot
from ingest.sources import source_database

FULL_SIZE = 278_698
GOAL_ROWS_PER_SECOND = 50_000
SOURCE, WAREHOUSE = "cord_source", "cord_search"


@dataclass(frozen=True)
class Load:
    """One measured load. Processor times are seconds; memory is MiB."""

    rows: int
    seconds: float
    loader_cpu_seconds: float
    peak_memory_mib: float
    tables: list[dict[str, Any]]


def measured_load(source_url: str, warehouse_url: str, page_size: int, names: list[str] | None) -> Load:
    """Load into bronze from the start and say what it took. Runs in a process of its own."""
    sources = [source_database(name, source_url) for name in ("product", "ecosystem")]
    cpu = time.process_time()
    report = run_snapshot(sources, warehouse_url, page_size=page_size, tables=names)
    return Load(
        rows=report.rows,
        seconds=report.seconds,
        loader_cpu_seconds=time.process_time() - cpu,
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        tables=[asdict(table) | {"rows_per_second": table.rows_per_second} for table in report.tables],
    )


def in_new_process(work: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``work`` in a fresh interpreter and return its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def server_cpu_seconds(server: EmbeddedPostgres) -> float:
    """Processor time of all finished server processes (/proc/<postmaster>/stat, fields cutime and cstime)."""
    postmaster = (server.data_directory / "postmaster.pid").read_text().split("\n", 1)[0]
    fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def create_source(source_url: str, products: int) -> None:
    """Create the demo source, unless it is there. Imported late: its libraries are no part of the loader's memory."""
    from cordsearch.pipeline import build_demo_source  # noqa: PLC0415

    build_demo_source(source_url, products)


def drop_bronze(warehouse_url: str) -> None:
    """Forget everything loaded, and let the server write down what is pending before the next clock starts."""
    with connect(warehouse_url, autocommit=True) as connection:
        connection.execute("drop schema if exists bronze cascade")
        connection.execute("checkpoint")


@contextmanager
def demo_server(products: int, keep: Path | None) -> Iterator[tuple[EmbeddedPostgres, str, str]]:
    """Yield a running server with the demo source filled: server, source URL, warehouse URL."""
    directory = keep or Path(tempfile.mkdtemp(prefix="cordsearch-bench-"))
    server = EmbeddedPostgres(directory / "postgres")
    try:
        with server.running():
            source_url, warehouse_url = server.url(SOURCE), server.url(WAREHOUSE)
            create_database(server.url(), WAREHOUSE)
            in_new_process(create_source, source_url, products)
            yield server, source_url, warehouse_url
    finally:
        if keep is None:
            shutil.rmtree(directory, ignore_errors=True)


def arguments_parser(description: str | None) -> argparse.ArgumentParser:
    """The options that the ingest benchmarks share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=FULL_SIZE)
    parser.add_argument("--page-size", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest round counts: the machine may be shared")
    parser.add_argument("--keep", type=Path, help="build the demo source in this folder and leave it there")
    return parser


def main() -> None:
    """Run the benchmark and write its result files."""
    arguments = arguments_parser(__doc__).parse_args()
    rounds: list[tuple[Load, float]] = []
    with demo_server(arguments.products, arguments.keep) as (server, source_url, warehouse_url):
        for _ in range(arguments.rounds):
            drop_bronze(warehouse_url)
            before = server_cpu_seconds(server)
            load = in_new_process(measured_load, source_url, warehouse_url, arguments.page_size, None)
            rounds.append((load, server_cpu_seconds(server) - before))
    best, server_cpu = min(rounds, key=lambda measured: measured[0].seconds)
    overall = {
        "products": arguments.products,
        "page_size": arguments.page_size,
        "rows": best.rows,
        "seconds": best.seconds,
        "rows_per_second": best.rows / best.seconds,
        "goal_rows_per_second": GOAL_ROWS_PER_SECOND,
        "peak_memory_mib": best.peak_memory_mib,
        "loader_cpu_microseconds_per_row": best.loader_cpu_seconds / best.rows * 1e6,
        "server_cpu_microseconds_per_row": server_cpu / best.rows * 1e6,
        "rounds_rows_per_second": [load.rows / load.seconds for load, _ in rounds],
    }
    tables = sorted(best.tables, key=lambda table: -table["rows"])
    rows = [[t["table"], t["rows"], t["seconds"], t["rows_per_second"]] for t in tables]
    rows.append(["**all**", best.rows, best.seconds, best.rows / best.seconds])
    markdown = (
        f"{arguments.products:,} products, pages of {arguments.page_size:,} rows, best of {arguments.rounds} rounds, "
        f"load average {os.getloadavg()[0]:.1f}. Peak memory of the loader: {best.peak_memory_mib:.0f} MiB. "
        f"Processor time per row: loader {overall['loader_cpu_microseconds_per_row']:.1f} µs, "
        f"both servers {overall['server_cpu_microseconds_per_row']:.1f} µs.\n\n"
        + markdown_table(["table", "rows", "seconds", "rows/s"], rows)
    )
    write_result("ingest_snapshot", {**overall, "tables": tables}, markdown)


if __name__ == "__main__":
    main()
