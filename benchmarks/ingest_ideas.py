"""What each idea behind the snapshot's speed is worth: dbo.Product (48 columns) loaded with one idea changed.

Every variant runs in each round, in turn, on the same server, so that noise of a shared machine falls on all alike.
Prints and writes rows per second and processor time per row. Read by docs/adr/0003-snapshot-throughput.md.

    python -m benchmarks.ingest_ideas --products 278698
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from benchmarks.ingest_snapshot import (
    Load,
    arguments_parser,
    demo_server,
    drop_bronze,
    in_new_process,
    measured_load,
    server_cpu_seconds,
)
from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect
from ingest import envelope, snapshot
from ingest.bronze import BronzeWriter
from ingest.sources import SourceReader
from ingest.tables import TABLES_BY_NAME
from ingest.warehouse_session import WarehouseSession


class _SamePlace(ThreadPoolExecutor):
    """Reads the next page when it is asked for, not ahead of it."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments, **named))
        except BaseException as error:  # noqa: BLE001  (a future carries whatever its work raised)
            future.set_exception(error)
        return future


def _replace(owner: object, name: str, value: object) -> None:
    """Put a variant in the place of a part of the loader, in this process only."""
    if not hasattr(owner, name):
        raise AttributeError(f"the loader no longer has {name}; the variant would measure nothing")
    setattr(owner, name, value)


def without_read_ahead() -> None:
    """Read, then write, then read."""
    _replace(snapshot, "ThreadPoolExecutor", _SamePlace)


def without_jsonb_order() -> None:
    """Select and encode columns in the table's order."""
    _replace(envelope, "jsonb_order", lambda _name: (0, b""))  # a stable sort keeps the table's own order


def with_binary_protocol() -> None:
    """Let the source send PostgreSQL's binary format instead of text."""
    _replace(SourceReader, "_cursor", _binary_cursor)


def _binary_cursor(reader: SourceReader) -> Any:
    connection: Any = reader.connect().connection.driver_connection
    return connection.cursor(binary=True)


def with_commits_on_disk() -> None:
    """Wait for the disk after every page."""
    _replace(WarehouseSession, "parameters", ("set synchronous_commit = on",))


def _after_creation(statement: str) -> None:
    real = BronzeWriter.create_tables

    def create_tables(writer: BronzeWriter, tables: Any) -> None:
        real(writer, tables)
        writer.open().execute(statement)

    _replace(BronzeWriter, "create_tables", create_tables)


def with_compression() -> None:
    """Leave PostgreSQL's threshold of 2 kB, above which it compresses."""
    _after_creation("alter table bronze.product_cdc reset (toast_tuple_target)")


def with_key_index() -> None:
    """Keep an index on the source key."""
    _after_creation("create index on bronze.product_cdc (row_key)")


VARIANTS: dict[str, Callable[[], None]] = {
    "as shipped": lambda: None,
    "without reading ahead": without_read_ahead,
    "members in table order, not jsonb's": without_jsonb_order,
    "binary protocol from the source": with_binary_protocol,
    "every commit waits for the disk": with_commits_on_disk,
    "rows over 2 kB compressed": with_compression,
    "with an index on row_key": with_key_index,
}


def load_variant(name: str, source_url: str, warehouse_url: str, page_size: int) -> Load:
    """Load Product with one idea changed. Runs in a process of its own, so the change ends with it."""
    VARIANTS[name]()
    return measured_load(source_url, warehouse_url, page_size, ["Product"])


def bronze_megabytes(warehouse_url: str) -> float:
    """Size of bronze.product_cdc with its indexes, in MB."""
    table = TABLES_BY_NAME["Product"].bronze_table
    with connect(warehouse_url) as connection:
        row = connection.execute("select pg_total_relation_size(to_regclass(%s))", [f"bronze.{table}"]).fetchone()
    return int(row[0]) / 1e6 if row else 0.0


def best_of(runs: list[dict[str, float]]) -> dict[str, float]:
    """The highest rate and the lowest processor times: what neighbours on the machine add is never negative."""
    return {name: (max if name == "rows_per_second" else min)(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    """Run the benchmark and write its result files."""
    arguments = arguments_parser(__doc__).parse_args()
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in VARIANTS}
    with demo_server(arguments.products, arguments.keep) as (server, source_url, warehouse_url):
        for _ in range(arguments.rounds):
            for name, runs in measured.items():
                drop_bronze(warehouse_url)
                before = server_cpu_seconds(server)
                load = in_new_process(load_variant, name, source_url, warehouse_url, arguments.page_size)
                time.sleep(0.2)  # the last backend is counted when it has ended
                runs.append({
                    "rows_per_second": load.rows / load.seconds,
                    "loader_cpu_microseconds": load.loader_cpu_seconds / load.rows * 1e6,
                    "server_cpu_microseconds": (server_cpu_seconds(server) - before) / load.rows * 1e6,
                    "megabytes": bronze_megabytes(warehouse_url),
                })  # fmt: skip
    figures = {name: best_of(runs) for name, runs in measured.items()}
    header = ["variant", "rows/s", "loader µs/row", "server µs/row", "bronze MB"]
    markdown = (
        f"dbo.Product, {arguments.products:,} rows, best of {arguments.rounds} rounds, "
        f"load average {os.getloadavg()[0]:.1f}.\n\n"
        + markdown_table(header, [[name, *values.values()] for name, values in figures.items()])
    )
    write_result("ingest_ideas", {"products": arguments.products, "variants": figures}, markdown)


if __name__ == "__main__":
    main()
