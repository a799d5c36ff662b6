"""The tables the service writes: what shoppers did, what merchandisers decided, who may ask.

Stage: service, before it starts. Writes the schemas that the SQL files of its parts name; every file may be run again
on what it made.
"""

from pathlib import Path

from cordsearch.database import connect

_SCHEMAS = tuple(sorted(Path(__file__).parent.glob("*/sql/create_schema.sql")))
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('cordsearch.service.tables', 0))"


def create_tables(url: str) -> None:
    """Make what is missing in the warehouse at ``url``. Raises DatabaseUnavailableError."""
    with connect(url) as connection:
        connection.execute(_ONE_AT_A_TIME)
        for file in _SCHEMAS:
            connection.execute(file.read_bytes())
