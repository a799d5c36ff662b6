"""Stage: BRONZE, how fresh it is. Reads bronze.ingest_checkpoint; writes nothing."""

import time
from dataclasses import dataclass
from datetime import datetime

import psycopg

from cordsearch.database import connect
from cordsearch.sql import load_query


@dataclass(frozen=True, slots=True)
class TableFreshness:
    """One loaded table: ``newest_source_ts_ms`` is when the newest applied state was read at the source."""

    source_name: str
    table_name: str
    complete: bool
    rows: int
    dead_rows: int
    newest_source_ts_ms: int | None
    loaded_at: datetime

    def age_seconds(self, now: float | None = None) -> float | None:
        """Seconds since the newest applied state was read at the source; None when nothing was read yet."""
        if self.newest_source_ts_ms is None:
            return None
        return max(0.0, (time.time() if now is None else now) - self.newest_source_ts_ms / 1000)


def read_freshness(warehouse_url: str) -> list[TableFreshness]:
    """Return one entry per table that was loaded; empty when nothing ever was. Raises DatabaseUnavailableError."""
    with connect(warehouse_url, autocommit=True) as connection:
        try:
            rows = connection.execute(load_query(__file__, "sql/freshness.sql")).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []
    return [TableFreshness(row[0], row[1], row[2] == "complete", *row[3:]) for row in rows]
