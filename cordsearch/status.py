"""What is loaded, how fresh it is, and what is searchable. Reads every schema of the warehouse; writes nothing."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cordsearch.database import connect
from cordsearch.progress import format_duration
from embeddings.registry import active_model
from ingest.freshness import TableFreshness, read_freshness


@dataclass(frozen=True)
class Status:
    """One moment of the warehouse. ``waiting`` products have a text that no search document or vector holds yet."""

    tables: list[TableFreshness]
    encoder: str | None
    products: int
    waiting: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, times in ISO 8601."""
        tables = [
            {**asdict(table), "loaded_at": table.loaded_at.isoformat(), "age_seconds": table.age_seconds()}
            for table in self.tables
        ]
        return {"tables": tables, "encoder": self.encoder, "products": self.products, "waiting": self.waiting}

    def as_table(self) -> str:
        """Return a table for a terminal."""
        lines = [f"{'source':<10} {'table':<32} {'rows':>12} {'refused':>8}  {'state':<12} age of the data"]
        now = time.time()
        for table in self.tables:
            age = table.age_seconds(now)
            state = "complete" if table.complete else "incomplete"
            lines.append(
                f"{table.source_name:<10} {table.table_name:<32} {table.rows:>12,} {table.dead_rows:>8,}  {state:<12} "
                f"{format_duration(age) if age is not None else '-'}"
            )
        if not self.tables:
            lines = ["Nothing is loaded yet. Run `cordsearch demo`, or `cordsearch ingest snapshot` for a real source."]
        lines += [
            "",
            f"encoder    {self.encoder or 'none is trained yet: run `cordsearch embed train`'}",
            f"products   {self.products:,} in the search mart, {self.waiting:,} waiting for `cordsearch embed run`",
            f"seen at    {datetime.now(UTC).isoformat(timespec='seconds')}",
        ]
        return "\n".join(lines)


def read_status(warehouse_url: str) -> Status:
    """Read the state of the warehouse; a part that was never built counts as empty. Raises DatabaseUnavailableError."""
    products = waiting = 0
    with connect(warehouse_url) as connection:
        exists = connection.execute("select to_regclass('staging_marts.dim_product_search') is not null").fetchone()
        if exists and exists[0]:
            row = connection.execute(
                "select count(*), count(*) filter (where indexed_content_hash is distinct from content_hash)"
                " from staging_marts.dim_product_search"
            ).fetchone()
            products, waiting = row or (0, 0)
    model = active_model(warehouse_url)
    return Status(read_freshness(warehouse_url), model.model_id if model else None, products, waiting)
