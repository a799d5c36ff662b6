"""What it takes to keep bronze up to date: passes over the 36 demo tables after changes of different size.

Creates the demo source at ``--products``, loads it, then measures: the first pass (every row compared), a pass without
changes, 1,000 changed products, one changed stock row, keys reconciled after 1,000 deletions, every row compared again.
Each step says what it must find; a wrong count stops the benchmark. One process reads, compares and serves both
databases' clients on the machine's processors.

    python -m benchmarks.ingest_incremental --products 278698
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.ingest_snapshot import demo_server
from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_report import IncrementalReport
from ingest.snapshot import run_snapshot
from ingest.sources import source_database

CHANGED = 1_000
CHANGE_PRODUCTS = """
    update dbo."Product" set "Name" = "Name" || 'x', "Updated" = localtimestamp
    where "ID" in (select "ID" from dbo."Product" order by "ID" limit %s)
"""
CHANGE_STOCK = """
    update dbo."ProductAvailability" set "Amount" = "Amount" + 1, "Updated" = localtimestamp
    where "ID" = (select min("ID") from dbo."ProductAvailability")
"""
DELETE_NUMBERS = """
    delete from dbo."ProductOriginalNumber"
    where "ID" in (select "ID" from dbo."ProductOriginalNumber" order by "ID" limit %s)
"""


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=278_698)
    parser.add_argument("--keep", type=Path, help="build the demo source in this folder and leave it there")
    arguments = parser.parse_args()
    steps: list[dict[str, object]] = []
    with demo_server(arguments.products, arguments.keep) as (_, source_url, warehouse_url):
        sources = [source_database(name, source_url) for name in ("product", "ecosystem")]
        run_snapshot(sources, warehouse_url)

        def step(name: str, work: Callable[[], IncrementalReport], expected: int) -> None:
            report = work()
            if report.events != expected:
                raise SystemExit(f"{name}: {report.events} events instead of {expected}")
            steps.append(
                {"step": name, "rows_read": report.rows_read, "events": report.events, "seconds": report.seconds}
            )

        def change(statement: str, *values: int) -> None:
            with connect(source_url) as connection:
                connection.execute(statement.encode(), values or None)

        def follow() -> IncrementalReport:
            return run_incremental(sources, warehouse_url)

        step("first pass, every row compared", follow, 0)
        step("pass without changes", follow, 0)
        change(CHANGE_PRODUCTS, CHANGED)
        step("1,000 changed products", follow, CHANGED)
        change(CHANGE_STOCK)
        step("one changed stock row", follow, 1)
        change(DELETE_NUMBERS, CHANGED)
        step("keys reconciled, 1,000 rows deleted", lambda: run_reconciliation(sources, warehouse_url), CHANGED)
        step("every row compared", lambda: run_reconciliation(sources, warehouse_url, every_row=True), 0)
    markdown = (
        f"{arguments.products:,} products, all 36 tables, load average {os.getloadavg()[0]:.1f}.\n\n"
        + markdown_table(["step", "rows read", "events", "seconds"], [list(each.values()) for each in steps])
    )
    write_result("ingest_incremental", {"products": arguments.products, "steps": steps}, markdown)


if __name__ == "__main__":
    main()
