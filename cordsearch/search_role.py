"""The database role that searches run under: it reads what search reads, and nothing else.

Stage: shared. Writes a role of the server, and privileges of the warehouse; run again, it changes nothing. Whoever
drops the schemas below calls it again, because their default privileges go with them.
"""

import psycopg
from psycopg import sql

from cordsearch.database import connect, describe_url
from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query

SEARCH_ROLE = "cordsearch_search"
# marts and dictionary; images, stock and prices of one product; models and their vectors; what /freshness tells
READ_SCHEMAS = ("staging_marts", "staging_intermediate", "embeddings", "freshness")
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('cordsearch.search_role', 0))"


class SearchRoleError(CordSearchError):
    """The role cannot be made, granted or used by this login."""


def prepare_search_role(url: str) -> None:
    """Make the role, and grant it what it lacks, in the warehouse at ``url``.

    Raises:
        SearchRoleError: the login may not; the message says what an administrator should run.
        DatabaseUnavailableError: the warehouse cannot be reached.
    """
    with connect(url) as connection:
        try:
            connection.execute(_ONE_AT_A_TIME)
            connection.execute(load_query(__file__, "create_search_role.sql"))
            lacking = connection.execute(
                load_query(__file__, "search_role_lacks.sql"), {"schemas": list(READ_SCHEMAS)}
            ).fetchall()
            for (statement,) in lacking:
                connection.execute(sql.SQL(statement))
        except psycopg.errors.InsufficientPrivilege as error:
            raise search_role_error(url, str(error).splitlines()[0]) from error


def search_role_error(url: str, reason: str) -> SearchRoleError:
    """Return the error that tells what to do when the role of searches cannot be had."""
    return SearchRoleError(
        f"{describe_url(url)}: searches cannot run under the role {SEARCH_ROLE}, which only reads: {reason}. Let an "
        f"administrator run deploy/postgresql/search_role.sql, or set CORDSEARCH_SEARCH_ROLE_REQUIRED=false to search "
        f"in read-only transactions of this login."
    )
