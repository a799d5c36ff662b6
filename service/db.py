"""The service's connections.

Stage: service. Opens an asyncpg pool on the warehouse; every connection is set up once, when it is made.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeAlias

import asyncpg
from pgvector.asyncpg import register_vector

from cordsearch.database import describe_url
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.search_role import SEARCH_ROLE, SearchRoleError, search_role_error
from cordsearch.settings import Settings
from service.database_failures import DATABASE_FAILURES

logger = logging.getLogger(__name__)

OnConnect: TypeAlias = Callable[[asyncpg.Connection], Awaitable[None]]

_CONNECT_SECONDS = 10
_CACHED_STATEMENTS = 300
_WRITING_CONNECTIONS = 2
_ROLE_REFUSED = (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError)  # does not exist, not granted


async def open_pool(settings: Settings, database_url: str, on_connect: OnConnect | None = None) -> asyncpg.Pool:
    """Open the pool that searches read through, all its connections at once: no request waits for one to be made.

    Its sessions run under a role that only reads what search reads (cordsearch.search_role). ``on_connect`` is called
    with every connection, also with those that later take the place of lost ones.

    Raises:
        DatabaseUnavailableError: unreachable or login refused; the message holds no password.
        SearchRoleError: the login may not use the role, and ``search_role_required`` is not off.
    """
    session = server_settings(settings) | {"default_transaction_read_only": "on"}
    size = settings.pool_size
    try:
        return await _open_pool(settings, database_url, size, session | {"role": SEARCH_ROLE}, on_connect)
    except SearchRoleError as error:
        if settings.search_role_required:
            raise
        logger.warning("%s", error)
        return await _open_pool(settings, database_url, size, session, on_connect)


async def open_writing_pool(settings: Settings, database_url: str) -> asyncpg.Pool:
    """Open the small pool for what is written and what only staff ask for; searches never wait for it.

    Raises:
        DatabaseUnavailableError: as :func:`open_pool`.
    """
    session = {
        "application_name": "cordsearch-service-writing",
        "statement_timeout": str(settings.statement_timeout_ms),
        "jit": "off",
    }
    return await _open_pool(settings, database_url, _WRITING_CONNECTIONS, session)


async def _open_pool(
    settings: Settings, database_url: str, size: int, session: dict[str, str], on_connect: OnConnect | None = None
) -> asyncpg.Pool:
    try:
        return await asyncpg.create_pool(
            database_url,
            min_size=size,
            max_size=size,
            max_inactive_connection_lifetime=0,
            max_queries=1_000_000,
            timeout=_CONNECT_SECONDS,
            command_timeout=settings.statement_timeout_ms / 1000 + 1,  # the server's own timeout comes first
            statement_cache_size=_CACHED_STATEMENTS,
            max_cached_statement_lifetime=0,
            server_settings=session,
            reset=_keep_session,
            init=partial(_set_up, on_connect),
        )
    except DATABASE_FAILURES as error:
        if "role" in session and isinstance(error, _ROLE_REFUSED):
            raise search_role_error(database_url, str(error)) from error
        raise DatabaseUnavailableError(
            f"The service cannot open connections to {describe_url(database_url)}: {error or type(error).__name__}. "
            f"Check that the server runs and that host, port, database, user and password in the URL are right."
        ) from error


def server_settings(settings: Settings) -> dict[str, str]:
    """Return the PostgreSQL parameters of a session.

    One plan per statement for all arguments: every statement of the service is written so that one plan fits, and
    planning anew would cost more than most of them run. JIT compilation costs more than any of them gains.
    """
    return {
        "application_name": "cordsearch-service",
        "statement_timeout": str(settings.statement_timeout_ms),
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
        # Every statement has its index; a plan that reads a whole table is a planner's guess gone wrong.
        "enable_seqscan": "off",
        "hnsw.ef_search": str(settings.search_ef_search),
        # With a filter, walk on until enough products pass it, but not for ever.
        "hnsw.iterative_scan": "relaxed_order",
        "hnsw.max_scan_tuples": "2000",
        "pg_trgm.similarity_threshold": "0.3",
        "pg_trgm.word_similarity_threshold": "0.3",
    }


async def _set_up(on_connect: OnConnect | None, connection: asyncpg.Connection) -> None:
    """Let the connection take vectors in their binary form: as text, or an array, 256 numbers cost 70 microseconds."""
    with suppress(ValueError):  # the database has no such type before the catalogue was built in it
        await register_vector(connection)
    if on_connect is not None:
        await on_connect(connection)


async def _keep_session(_connection: object) -> None:
    """Do nothing on release: the service never changes a session, and the default reset costs a round trip."""
