"""Stage: BRONZE, how far the stream has come. Reads bronze.stream_offset; writes nothing. Needs no Kafka client."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from cordsearch.database import connect
from cordsearch.sql import load_query


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One partition: ``lag`` is how many messages the broker has that bronze has not, None before the first look."""

    topic: str
    partition: int
    next_offset: int
    lag: int | None
    events: int
    ignored: int
    dead_letters: int
    lost: int
    newest_source_ts_ms: int | None
    updated_at: datetime


def read_lag(warehouse_url: str) -> list[PartitionLag]:
    """Return one entry per partition the stream has read; empty when it never ran. Raises DatabaseUnavailableError."""
    with connect(warehouse_url, autocommit=True) as connection:
        try:
            rows = connection.execute(load_query(__file__, "sql/lag.sql")).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []
    return [PartitionLag(*row) for row in rows]
