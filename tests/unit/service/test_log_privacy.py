"""No log line quotes what was searched for, whoever writes it."""

import io
import logging
import logging.config
from collections.abc import Iterator

import asyncpg
import pytest

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.logs import LogFormat, service_logging
from service.log_privacy import with_query_texts_left_out

QUERY = "амортизатор DAF 1387439"


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the service's own logging writes, in both of its forms."""
    log_format: LogFormat = request.param
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logging.config.dictConfig(with_query_texts_left_out(service_logging(log_format)))
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


def postgres_error(sqlstate: str, message: str) -> asyncpg.PostgresError:
    error: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": sqlstate, "M": message})
    return error


ERRORS = [
    postgres_error("22P02", f'invalid input syntax for type integer: "{QUERY}"'),
    postgres_error("42601", f'syntax error in tsquery: "{QUERY}"'),
    postgres_error("XX000", f"cache lookup failed: {QUERY}"),
    asyncpg.DataError(f"invalid input for query argument $1: '{QUERY}' (expected int)"),
    KeyError(QUERY),
    ValueError(f"cannot read {QUERY}"),
    RuntimeError(QUERY),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_told_without_what_it_quotes(log: io.StringIO, error: Exception) -> None:
    logger = logging.getLogger("service.search.retrieve")
    logger.warning("retriever %s failed: %s: %s", "code", type(error).__name__, error)
    assert "retriever code failed" in log.getvalue()
    assert type(error).__name__ in log.getvalue()
    assert QUERY not in log.getvalue()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_traceback_says_where_and_not_what(log: io.StringIO, error: Exception) -> None:
    def fail() -> None:
        raise error

    def fail_in_turn() -> None:
        try:
            fail()
        except Exception as first:
            raise RuntimeError(f"while reading {QUERY}") from first

    try:
        fail_in_turn()
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    assert "fail_in_turn" in log.getvalue()
    assert type(error).__name__ in log.getvalue()
    assert QUERY not in log.getvalue()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (postgres_error("57014", "canceling statement due to statement timeout"), "statement timeout"),
        (postgres_error("42P01", 'relation "staging_marts.dim_product" does not exist'), "dim_product"),
        (postgres_error("42501", "permission denied for table vector_store"), "permission denied"),
        (OSError("connection refused"), "connection refused"),
        (asyncpg.InterfaceError("connection is closed"), "connection is closed"),
        (DatabaseUnavailableError("set DATABASE_URL"), "set DATABASE_URL"),
    ],
)
def test_what_an_operator_needs_is_still_told(log: io.StringIO, error: Exception, told: str) -> None:
    logging.getLogger("service.search.retrieve").warning("retriever failed: %s", error)
    assert told in log.getvalue()
