"""The tables the service writes: what shoppers did, what merchandisers decided, who may ask.

Stage: service, before it starts. Writes the schemas that the SQL files of its parts name; every file may be run again
on what it made.
"""

import logging
from pathlib import Path

from cordsearch.database import connect
from cordsearch.search_role import SearchRoleError, prepare_search_role

logger = logging.getLogger(__name__)

_SCHEMAS = tuple(sorted(Path(__file__).parent.glob("*/sql/create_schema.sql")))
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('cordsearch.service.tables', 0))"


def create_tables(url: str, *, search_role_required: bool = True) -> None:
    """Make what is missing in the warehouse at ``url``, and the role that searches run under.

    Raises:
        DatabaseUnavailableError: the warehouse cannot be reached.
        SearchRoleError: the role cannot be made, and it is required.
    """
    with connect(url) as connection:
        connection.execute(_ONE_AT_A_TIME)
        for file in _SCHEMAS:
            connection.execute(file.read_bytes())
    try:
        prepare_search_role(url)
    except SearchRoleError as error:
        if search_role_required:
            raise
        logger.warning("%s", error)
