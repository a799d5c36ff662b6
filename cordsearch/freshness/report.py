"""What schema ``freshness`` says now, for a person at a terminal. Reads schema ``freshness``; writes nothing.

The service reads the same tables by its own statements (``service/freshness.py``): they meet in PostgreSQL.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from cordsearch.database import connect
from cordsearch.sql import load_query
from cordsearch.staleness import past, table_is_stale


@dataclass(frozen=True, slots=True)
class TableAges:
    """One source table; ages in seconds, None where nobody knows."""

    source_name: str
    table_name: str
    method: str
    complete: bool
    row_count: int
    refused_count: int
    newest_change_at: datetime | None
    looked_at: datetime | None
    rows_behind: int | None
    unpublished_events: int
    newest_change_age_seconds: float | None
    look_age_seconds: float | None
    unpublished_age_seconds: float | None

    def is_stale(self, limit_seconds: float) -> bool:
        """Whether it was not looked at, or its changes were not published, for longer; 0 is no limit."""
        return table_is_stale(self.look_age_seconds, self.unpublished_age_seconds, limit_seconds)


@dataclass(frozen=True, slots=True)
class SearchAges:
    """Products that wait for their vector, and the publications of the last hour with their slowest changes."""

    waiting: int
    waiting_age_seconds: float | None
    dead_letters: int
    publications: int
    published_events: int
    median_published_seconds: float | None
    worst_published_seconds: float | None
    median_searchable_seconds: float | None
    worst_searchable_seconds: float | None

    def is_stale(self, limit_seconds: float) -> bool:
        """Whether products wait for longer; 0 is no limit."""
        return past(self.waiting_age_seconds, limit_seconds)


def read_ages(warehouse_url: str) -> tuple[list[TableAges], SearchAges]:
    """Return every table and the state of search. The warehouse must have been observed. Raises psycopg.Error."""
    with connect(warehouse_url, autocommit=True) as connection:
        with connection.cursor(row_factory=class_row(TableAges)) as cursor:
            tables = cursor.execute(load_query(__file__, "sql/report_tables.sql")).fetchall()
        with connection.cursor(row_factory=class_row(SearchAges)) as cursor:
            search = cursor.execute(load_query(__file__, "sql/report_search.sql")).fetchone()
    assert search is not None  # an observation always writes its row
    return tables, search
