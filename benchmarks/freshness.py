"""From a commit at the source to the answer of ``GET /search``, with service and worker running.

Builds a demo catalogue of ``--products``, or takes the one in ``--data-directory``; starts ``cordsearch serve`` and
``cordsearch worker`` as processes and waits until the worker has caught up. Then, ``--rounds`` times, one change
after the other: one stock row is changed, until its product's hit shows the new quantity; 1,000 products are renamed
with a word that nobody uses, in one transaction, until a search for that word finds half a page of them or more, and
until all their vectors are of the new text. What was changed is put back.

    python -m benchmarks.freshness --products 278698
    python -m benchmarks.freshness --data-directory .cordsearch
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from psycopg import sql

from benchmarks.pipeline import FULL_SIZE
from benchmarks.report import markdown_table, write_result
from benchmarks.served import running_service
from cordsearch.database import connect, warehouse
from cordsearch.pipeline import build_demo_source, build_search, demo_source_url
from cordsearch.settings import Settings
from ingest.tables import TABLES, SourceTable

PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.1  # asking more often would keep a processor busy that the worker needs
RENAMED = 1_000
PAGE = 100
HALF_A_PAGE = 50  # the vector retriever proposes other products, too
CONSONANTS = "bdfgklmnprstvz"

# The first refresh of a worker is a complete one, of 45 s at full size, where an older release built the marts.
HAS_CAUGHT_UP = """
    select
        count(*) = 36 and bool_and(not comparing) and min(caught_up_at) > %(since)s
        and exists (select from worker.duty where name = 'refresh' and finished_at > %(since)s and error is null)
    from bronze.incremental_checkpoint
"""
CHANGE_STOCK = """
    update dbo."ProductAvailability" set "Amount" = "Amount" + %s, "Updated" = now() at time zone 'utc'
    where "ID" = %s
"""
RENAME = """
    update dbo."Product" as product
    set "Name" = renamed.name, "NameUA" = renamed.name_uk, "NamePL" = renamed.name_pl,
        "Updated" = now() at time zone 'utc'
    from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as renamed (id, name, name_uk, name_pl)
    where product."ID" = renamed.id
"""
WITH_VECTORS = """
    select count(*)
    from staging_marts.dim_product_search
    where
        product_id = any(%s::bigint[]) and concat_ws(' ', name_ru, name_uk, name_pl) like %s
        and embedding is not null and indexed_content_hash = content_hash
"""
RESTORED = """
    select not exists (
        select from staging_marts.dim_product_search
        where
            product_id = any(%s::bigint[])
            and (
                concat_ws(' ', name_ru, name_uk, name_pl) like %s
                or indexed_content_hash is distinct from content_hash
            )
    )
"""


@dataclass(frozen=True)
class Place:
    """Where the benchmark works: both databases, and the service's client."""

    source_url: str
    warehouse_url: str
    client: httpx.Client

    def hits(self, query: str, limit: int = 20) -> list[dict[str, Any]]:
        """Return the hits of a search."""
        answer = self.client.get("/search", params={"q": query, "limit": limit})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["hits"]
        return found


def wait_until(what: str, holds: Callable[[], bool]) -> float:
    """Return the seconds until ``holds`` says yes; give up after five minutes."""
    began = time.perf_counter()
    while not holds():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise SystemExit(f"gave up waiting: {what}")
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - began


@contextmanager
def running_worker(
    warehouse_url: str, source_url: str, directory: Path, log: Path, changed: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Start ``cordsearch worker``; its log goes to ``log``. ``changed`` are settings as environment variables."""
    environment = os.environ | {
        "DATABASE_URL": warehouse_url, "CORDSEARCH_DATA_DIRECTORY": str(directory),
        "CORDSEARCH_SOURCE_PRODUCT_URL": source_url, "CORDSEARCH_SOURCE_ECOSYSTEM_URL": source_url,
        **(changed or {}),
    }  # fmt: skip
    command = [sys.executable, "-m", "cordsearch", "worker", "--verbose"]
    with log.open("w") as output, subprocess.Popen(command, env=environment, stderr=output) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def indexed(source_url: str, wanted: bool) -> Iterator[None]:  # noqa: FBT001
    """Give every source table the index that docs/worker.md asks for, for the length of the benchmark."""
    tables = [table for table in TABLES if wanted and "Updated" in table.column_names]
    for table in tables:
        statement = 'create index if not exists {} on {} ("Updated", "ID")'
        rows(source_url, sql.SQL(statement).format(_index(table), sql.Identifier(table.schema, table.name)))
    try:
        yield
    finally:
        for table in tables:
            rows(source_url, sql.SQL("drop index if exists {}.{}").format(sql.Identifier(table.schema), _index(table)))


def _index(table: SourceTable) -> sql.Identifier:
    return sql.Identifier(f"freshness_{table.snake_name}")


def rows(url: str, query: str | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement and commit; return its rows."""
    with connect(url) as connection:
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def change_one_stock(place: Place, round_number: int) -> float:
    """Change one stock row; return the seconds until a search shows it. Then put it back, and wait for that too."""
    found = rows(
        place.warehouse_url,
        "select product.product_id, product.vendor_code, product.available_quantity, stock.product_availability_id"
        " from staging_marts.dim_product as product join staging_staging.stg_product_availability as stock"
        " using (product_id) join staging_staging.stg_storage as storage using (storage_id)"
        " where product.available_quantity > 0 and not stock.deleted and not storage.deleted"
        " and not storage.for_defective and product.product_id > %s order by product.product_id limit 1",
        1_000 + 37 * round_number,
    )
    product, code, quantity, stock_row = found[0]

    def shows(wanted: float) -> bool:
        return any(hit["product_id"] == product and hit["available_quantity"] == wanted for hit in place.hits(code))

    if not shows(quantity):
        raise SystemExit(f"the search for {code} does not show product {product} with quantity {quantity}")
    rows(place.source_url, CHANGE_STOCK, 7, stock_row)
    try:
        seconds = wait_until("a changed stock", lambda: shows(quantity + 7))
    finally:
        rows(place.source_url, CHANGE_STOCK, -7, stock_row)
    wait_until("a stock that was put back", lambda: shows(quantity))
    return seconds


def rename_products(place: Place, round_number: int) -> tuple[float, float]:
    """Rename 1,000 products; return the seconds until found by the new word, and until all vectors are new."""
    known = rows(
        place.source_url,
        'select "ID", "Name", "NameUA", "NamePL" from dbo."Product"'
        ' where not "Deleted" and length("Name") > 3 and length("NameUA") > 3 and length("NamePL") > 3'
        ' order by "ID" offset %s limit %s',
        round_number * RENAMED, RENAMED,
    )  # fmt: skip
    word = "".join(CONSONANTS[(time.time_ns() // 7**i) % len(CONSONANTS)] + "aeiou"[i] for i in range(5))
    ids, *names = (list(column) for column in zip(*known, strict=True))
    in_mart = rows(
        place.warehouse_url, "select count(*) from staging_marts.dim_product_search where product_id = any(%s)", ids
    )
    renamed = [[f"{word} {name}" for name in column] for column in names]
    rows(place.source_url, RENAME, ids, *renamed)
    try:
        began = time.perf_counter()
        wait_until("a page of renamed products", lambda: len(_renamed(place, word, set(ids))) >= HALF_A_PAGE)
        found = time.perf_counter() - began

        def with_vectors() -> bool:
            return rows(place.warehouse_url, WITH_VECTORS, ids, f"%{word} %") == in_mart

        wait_until("vectors of renamed products", with_vectors)
        vectors = time.perf_counter() - began
    finally:
        rows(place.source_url, RENAME, ids, *names)
    wait_until("names that were put back", lambda: rows(place.warehouse_url, RESTORED, ids, f"%{word} %") == [(True,)])
    return found, vectors


def _renamed(place: Place, word: str, ids: set[int]) -> set[int]:
    return {hit["product_id"] for hit in place.hits(word, PAGE)} & ids


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=FULL_SIZE)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="build in this folder and leave it there")
    parser.add_argument("--data-directory", type=Path, help="measure on the demo catalogue that is built there")
    parser.add_argument("--with-index", action="store_true", help='the source has indexes on ("Updated", "ID")')
    arguments = parser.parse_args()
    given = arguments.data_directory or arguments.keep
    directory = given or Path(tempfile.mkdtemp(prefix="cordsearch-bench-"))
    settings = Settings(data_directory=directory, DATABASE_URL=None)
    with warehouse(settings) as warehouse_url:
        source_url = demo_source_url(warehouse_url)
        if arguments.data_directory is None:
            build_demo_source(source_url, arguments.products, warehouse_url=warehouse_url)
            build_search(settings, warehouse_url, demo_url=source_url)
        with indexed(source_url, arguments.with_index):
            figures = measure(warehouse_url, source_url, directory, arguments.rounds)
    figures["source_has_index"] = arguments.with_index
    write_result("freshness", figures, as_markdown(figures))
    if given is None:
        shutil.rmtree(directory, ignore_errors=True)


def measure(warehouse_url: str, source_url: str, directory: Path, rounds: int) -> dict[str, Any]:
    """Start service and worker, and return the figures."""
    log = directory / "worker.log"
    with running_service(warehouse_url, directory) as (base_url, _):
        began, started_at = time.perf_counter(), datetime.now(UTC)
        with running_worker(warehouse_url, source_url, directory, log), httpx.Client(base_url=base_url) as client:
            place = Place(source_url, warehouse_url, client)
            wait_until("the worker to catch up", lambda: has_caught_up(warehouse_url, started_at))
            ready = time.perf_counter() - began
            stock = [change_one_stock(place, number) for number in range(rounds)]
            renamed = [rename_products(place, number) for number in range(rounds)]
    (products,) = rows(warehouse_url, "select count(*) from staging_marts.dim_product_search")[0]
    return {
        "products": products, "rounds": rounds, "worker_ready_seconds": ready, "stock_seconds": stock,
        "renamed_found_seconds": [found for found, _ in renamed],
        "renamed_vectors_seconds": [vectors for _, vectors in renamed],
    }  # fmt: skip


def has_caught_up(warehouse_url: str, since: datetime) -> bool:
    """Whether every table was begun, and since then read and taken into the marts."""
    needed = "select num_nulls(to_regclass('bronze.incremental_checkpoint'), to_regclass('worker.duty'))"
    if rows(warehouse_url, needed) != [(0,)]:
        return False
    with connect(warehouse_url) as connection:
        return connection.execute(HAS_CAUGHT_UP, {"since": since}).fetchone() == (True,)


def as_markdown(figures: dict[str, Any]) -> str:
    """Return the figures as a table."""
    measured = (
        ("one stock change, until GET /search shows it", "stock_seconds"),
        (f"{RENAMED:,} products renamed, until found by the new word", "renamed_found_seconds"),
        (f"{RENAMED:,} products renamed, until every vector is of the new text", "renamed_vectors_seconds"),
    )
    table = markdown_table(
        ("source commit to searchable", "median s", "slowest s"),
        [(name, statistics.median(figures[key]), max(figures[key])) for name, key in measured],
    )
    return (
        f"{figures['products']:,} products, {figures['rounds']} rounds, source "
        f'{"with" if figures["source_has_index"] else "without"} indexes on ("Updated", "ID"); the worker '
        f"had caught up "
        f"{figures['worker_ready_seconds']:.1f} s after its start.\n\n{table}"
    )


if __name__ == "__main__":
    main()
