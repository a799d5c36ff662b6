"""What is loaded, how fresh it is, and what is searchable. Observes first, then reads; see docs/freshness.md."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from cordsearch.database import connect
from cordsearch.freshness.observation import observe
from cordsearch.freshness.report import SearchAges, TableAges, read_ages
from cordsearch.progress import format_duration
from cordsearch.sql import load_query
from embeddings.registry import active_model

Limit = Callable[[str], float]
_SEARCH = "search"


@dataclass(frozen=True)
class Trouble:
    """What the worker could not do the last time: a duty or a table, how often in a row, and why."""

    name: str
    failures: int
    reason: str


@dataclass(frozen=True)
class Status:
    """One moment of the warehouse. ``limit_of`` tells the limit of a table, or of ``search``, in seconds; 0: none."""

    tables: list[TableAges]
    search: SearchAges
    encoder: str | None
    products: int
    limit_of: Limit
    workers: int = 0
    troubles: tuple[Trouble, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, times in ISO 8601, ages in seconds."""
        tables = [
            {
                **asdict(table),
                "newest_change_at": _iso(table.newest_change_at),
                "looked_at": _iso(table.looked_at),
                "limit_seconds": self.limit_of(table.table_name),
                "stale": table.is_stale(self.limit_of(table.table_name)),
            }
            for table in self.tables
        ]
        search = asdict(self.search) | {
            "limit_seconds": self.limit_of(_SEARCH),
            "stale": self.search.is_stale(self.limit_of(_SEARCH)),
        }
        return {
            "tables": tables, "search": search, "encoder": self.encoder, "products": self.products,
            "waiting": self.search.waiting, "workers": self.workers,
            "troubles": [asdict(trouble) for trouble in self.troubles],
        }  # fmt: skip

    def as_table(self) -> str:
        """Return a table for a terminal."""
        return "\n".join([*self._table_lines(), "", *self._search_lines()])

    def _table_lines(self) -> Iterator[str]:
        if not self.tables:
            yield "Nothing is loaded yet. Run `cordsearch demo`, or `cordsearch ingest snapshot` for a real source."
            return
        yield (
            f"{'source':<10} {'table':<32} {'rows':>12} {'refused':>8} {'behind':>7} {'unpublished':>11}  "
            f"{'looked at':>10} {'changed':>10}  state"
        )
        for table in self.tables:
            stale = table.is_stale(self.limit_of(table.table_name))
            yield (
                f"{table.source_name:<10} {table.table_name:<32} {table.row_count:>12,} {table.refused_count:>8,} "
                f"{_number(table.rows_behind):>7} {table.unpublished_events:>11,}  {_age(table.look_age_seconds):>10} "
                f"{_age(table.newest_change_age_seconds):>10}  "
                f"{'STALE' if stale else 'complete' if table.complete else 'incomplete'}"
            )

    def _search_lines(self) -> Iterator[str]:
        search, stale = self.search, self.search.is_stale(self.limit_of(_SEARCH))
        since = f" for {_age(search.waiting_age_seconds)}{' (STALE)' if stale else ''}" if search.waiting else ""
        yield f"encoder    {self.encoder or 'none is trained yet: run `cordsearch embed train`'}"
        yield f"products   {self.products:,} in the search mart, {search.waiting:,} waiting for their vector{since}"
        yield f"published  {search.published_events:,} events in {search.publications:,} refreshes within the last hour"
        yield (
            f"delay      from commit to searchable: median {_age(search.median_searchable_seconds)}, "
            f"worst {_age(search.worst_searchable_seconds)}"
        )
        if search.dead_letters:
            yield f"unread     {search.dead_letters:,} messages: see `cordsearch ingest dead-letters list`"
        yield f"workers    {self.workers or 'none is running'}"
        for trouble in self.troubles:
            yield f"failing    {trouble.name}, {trouble.failures} times: {trouble.reason}"
        yield f"seen at    {datetime.now(UTC).isoformat(timespec='seconds')}"


def read_status(warehouse_url: str, limit_of: Limit) -> Status:
    """Observe the warehouse and return its state; a part that was never built counts as empty.

    Raises DatabaseUnavailableError, FreshnessError.
    """
    observe(warehouse_url)
    products = 0
    with connect(warehouse_url) as connection:
        exists = connection.execute("select to_regclass('staging_marts.dim_product_search') is not null").fetchone()
        if exists and exists[0]:
            row = connection.execute("select count(*) from staging_marts.dim_product_search").fetchone()
            products = row[0] if row else 0
        workers, troubles = _read_workers(connection)
    model = active_model(warehouse_url)
    tables, search = read_ages(warehouse_url)
    return Status(tables, search, model.model_id if model else None, products, limit_of, workers, troubles)


def _read_workers(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[int, tuple[Trouble, ...]]:
    exists = connection.execute("select to_regclass('worker.table_problem') is not null").fetchone()
    if not exists or not exists[0]:  # no worker was ever started
        return 0, ()
    alive = connection.execute(load_query(__file__, "status_workers_alive.sql")).fetchone()
    rows = connection.execute(load_query(__file__, "status_worker_troubles.sql")).fetchall()
    return alive[0] if alive else 0, tuple(Trouble(*row) for row in rows)


def _age(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(max(0.0, seconds))


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
