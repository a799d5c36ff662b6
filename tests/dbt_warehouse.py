"""A small warehouse to run dbt on: bronze tables, an appender of change events, and the dbt runner."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

from cordsearch.database import connect
from cordsearch.transform import Transform
from ingest.bronze import BronzeWriter
from ingest.tables import TABLES, TABLES_BY_NAME


@dataclass
class DbtWarehouse:
    """One database with all bronze tables; ``put`` and ``delete`` append events, ``run`` builds the models."""

    url: str
    output_directory: Path
    _clock: int = 1_700_000_000_000
    _transform: Transform = field(init=False)

    def __post_init__(self) -> None:
        self._transform = Transform(self.url, self.output_directory)
        with BronzeWriter(self.url) as writer:
            writer.create_tables(TABLES)

    def put(self, table: str, key: int, **row: Any) -> None:
        """Append the event of a row inserted or changed; ``row`` is the whole new row."""
        defaults = {"ID": key, "Deleted": False, "Updated": "2024-05-01T00:00:00", "Created": "2024-05-01T00:00:00"}
        self._append(table, key, "u", defaults | row)

    def delete(self, table: str, key: int) -> None:
        """Append the event of a row deleted in the source."""
        self._append(table, key, "d", None)

    def repeat(self, table: str, *, late: bool) -> None:
        """Tell one event of ``table`` again: with a new source time, or late with the one it had."""
        self._clock += 1
        name = sql.Identifier("bronze", TABLES_BY_NAME[table].bronze_table)
        query = sql.SQL(
            "insert into {name} (row_key, source_ts_ms, payload) "
            "select row_key, coalesce(%s, source_ts_ms), payload from {name} order by hashint8(event_id # %s) limit 1"
        ).format(name=name)
        with connect(self.url) as connection:
            connection.execute(query, [None if late else self._clock, self._clock])

    def build(self) -> None:
        """Build all models for the first time."""
        self._transform.run()

    def run(self, *, full_refresh: bool = False) -> None:
        """Bring the marts up to date, or make them anew."""
        self._transform.run(full_refresh=full_refresh)

    def run_only(self, *models: str, full_refresh: bool = False) -> None:
        """Build just these models."""
        self._transform.run(select=models, full_refresh=full_refresh)

    def rebuild(self) -> None:
        """Read every source row again and write what differs."""
        self._transform.run(rebuild=True)

    def redraw(self) -> None:
        """Draw the month of freshness and the line between the tiers anew."""
        self._transform.run(redraw=True)

    def test(self) -> None:
        """Run all data and unit tests."""
        self._transform.test()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with connect(self.url) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def contents(self, mart: str) -> list[str]:
        """Every row of a mart, without the columns that the embedding job owns."""
        owned = "{embedding,embedding_model,indexed_content_hash,search_vector}"
        query = f"select (to_jsonb({mart}) - %s::text[])::text from staging_marts.{mart} order by 1"
        return [str(text) for (text,) in self.rows(query, owned)]

    def versions(self, mart: str) -> dict[Any, Any]:
        """Physical row versions of a mart: they change when a row is written, whatever is written."""
        query = f"select (ctid, xmin)::text, to_jsonb({mart}) from staging_marts.{mart}"
        return {version: json.dumps(row, sort_keys=True) for version, row in self.rows(query)}

    def _append(self, table: str, key: int, operation: str, after: dict[str, Any] | None) -> None:
        self._clock += 1
        payload = {"before": None, "after": after, "source": {}, "op": operation, "ts_ms": self._clock}
        name = sql.Identifier("bronze", TABLES_BY_NAME[table].bronze_table)
        with connect(self.url) as connection:
            connection.execute(
                sql.SQL("insert into {} (row_key, source_ts_ms, payload) values (%s, %s, %s)").format(name),
                [key, self._clock, json.dumps(payload)],
            )
