"""Keeps what people searched for out of the log, whoever writes the line.

Stage: service. Changes log records before they are written. Errors quote what they stumbled over: PostgreSQL a value it
cannot read, Python a key that is missing. The one place to remember queries is the query log, with its own retention
(docs/events.md).
"""

import logging
from typing import Any, Final

import asyncpg

from cordsearch.errors import CordSearchError

WITHHELD: Final = "(message withheld: it may quote a query)"
# SQLSTATE classes whose messages tell of the server and its tables, never of values: connections, transactions,
# resources, limits, an operator's intervention, system errors, logins, missing rights, tables and columns.
_TELLS_NO_VALUE: Final = ("08", "25", "3D", "3F", "40", "53", "54", "55", "57", "58", "28", "42501", "42P01", "42703")


class QueryTextFilter(logging.Filter):
    """Replaces exceptions of log records by what may be said of them; drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Make the record safe to write."""
        if isinstance(record.args, tuple):
            record.args = tuple(_Described(each) if isinstance(each, Exception) else each for each in record.args)
        if record.exc_info and record.exc_info[1] is not None:
            error = _without_messages(record.exc_info[1])
            record.exc_info = (type(error), error, error.__traceback__)
            record.exc_text = None
        return True


def with_query_texts_left_out(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the logging ``configuration`` (``logging.config.dictConfig``) with the filter before every handler."""
    filters = configuration.get("filters", {}) | {"query_text": {"()": f"{__name__}.{QueryTextFilter.__name__}"}}
    handlers = {
        name: handler | {"filters": [*handler.get("filters", ()), "query_text"]}
        for name, handler in configuration["handlers"].items()
    }
    return configuration | {"filters": filters, "handlers": handlers}


def describe(error: BaseException) -> str:
    """Return the message of ``error`` where it cannot quote what was searched for."""
    if isinstance(error, asyncpg.PostgresError):
        return (
            str(error) if str(error.sqlstate).startswith(_TELLS_NO_VALUE) else f"SQLSTATE {error.sqlstate} {WITHHELD}"
        )
    if isinstance(error, ValueError):  # asyncpg.DataError among them, which quotes the argument
        return WITHHELD
    if isinstance(
        error, CordSearchError | OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError
    ):
        return str(error)
    return WITHHELD


class _Described:
    """Stands for an exception among the arguments of a log line."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __str__(self) -> str:
        return describe(self._error)


class FailureWithoutMessageError(Exception):
    """Stands for an exception in a traceback: its type, where it was raised, and what may be said of it."""


def _without_messages(error: BaseException) -> FailureWithoutMessageError:
    copy = FailureWithoutMessageError(f"{type(error).__name__}: {describe(error)}").with_traceback(error.__traceback__)
    if error.__cause__ is not None:
        copy.__cause__ = _without_messages(error.__cause__)
    elif error.__context__ is not None and not error.__suppress_context__:
        copy.__context__ = _without_messages(error.__context__)
    return copy
