"""Stage: SOURCE -> BRONZE, what went wrong. Classifies each driver error once: worth another try, or not.

Reads exceptions of pymssql, psycopg and SQLAlchemy; writes nothing. Numbers of SQL Server:
https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors;
SQLSTATE of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from cordsearch.errors import CordSearchError

Result = TypeVar("Result")

RETRY_DELAYS_SECONDS = (0.2, 1.0, 3.0)

_LOGIN_REFUSED = {"18456", "18452", "28P01", "28000"}
_NO_DATABASE = {"4060", "3D000"}
_NO_PERMISSION = {"229", "230", "297", "300", "916", "42501"}
_NO_SUCH_OBJECT = {"207", "208", "42P01", "42703", "3F000"}
_TRANSIENT = {
    "1205", "1222", "20003", "20004", "20006", "20017", "20047", "10053", "10054", "10928", "10929",
    "3958", "3961", "3966",  # a snapshot transaction lost its row versions, or a table was altered under it
    "40197", "40501", "40613", "49918", "49919", "49920",
    "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03", "57014",
}  # fmt: skip
_UNREACHABLE = {"20002", "20009"}
# "20018: Check messages from the SQL Server" stands for a message of the server; logins are refused with severity 14
_DB_LIBRARY_LINE = re.compile(r"DB-Lib error message (\d+), severity (\d+)")
_COMPLAINT = re.compile(r"(?=DB-Lib error message )")
_SERVER_SAID_NO = ("20018", "14")
_LOGIN_PHRASES = ("password authentication failed", "authentication failed", "no password supplied", "login failed")
_DATABASE_PHRASES = ('" does not exist', "cannot open database")


class SourceError(CordSearchError):
    """The source cannot be read. Terminal unless it is a :class:`TransientSourceError`."""

    whole_source = False  # True: no table of this source can be read


class TransientSourceError(SourceError):
    """A dropped connection, a deadlock, a server that restarts: worth another try."""


class SourceUnreachableError(TransientSourceError):
    """No connection after all tries."""

    whole_source = True


class SourceLoginError(SourceError):
    """User or password is wrong."""

    whole_source = True


class SourceDatabaseError(SourceError):
    """The database does not exist, or the user may not open it."""

    whole_source = True


class SourcePermissionError(SourceError):
    """The user may not read the table."""


class SourceTableError(SourceError):
    """A table or column is missing, or its keys cannot be paged."""


class WarehouseError(CordSearchError):
    """The warehouse cannot take rows."""


class WarehouseFullError(WarehouseError):
    """The disk of the warehouse is full."""


class CheckpointConflictError(WarehouseError):
    """Another loader moved the checkpoint of the same table."""


def error_codes(error: BaseException) -> set[str]:
    """Return SQLSTATEs and SQL Server numbers found in ``error`` and what it wraps."""
    codes: set[str] = set()
    for part in _chain(error):
        state = getattr(part, "sqlstate", None) or getattr(part, "pgcode", None)
        if state:
            codes.add(str(state))
        codes.update(str(number) for number in _numbers(part.args))
    return codes


def classify_source_error(error: BaseException, place: str, *, connecting: bool = False) -> SourceError:
    """Return ``error`` as one of the errors above, told in words.

    ``place`` names source, database and table without any secret. ``connecting`` is True while no
    connection exists yet: PostgreSQL's client library gives no SQLSTATE there, only text.
    """
    codes, text = error_codes(error), _text(error)
    if connecting:
        codes = _codes_of_this_connect(codes, text)
    kind = _kind(error, codes, text.lower() if connecting else None)
    return kind(f"{place}: {_WORDS[kind].format(text=text)}")


def _codes_of_this_connect(codes: set[str], text: str) -> set[str]:
    """Return what a failed connect of pymssql really says.

    The driver (2.4.6, ``clr_err`` in _mssql.pyx) keeps number and server message of a refused login for the whole
    process and hands the number to later connects that fail for another reason; with an equal severity it
    leaves the new message out. The lines its DB-Library part adds are always of this connect.
    """
    told = _DB_LIBRARY_LINE.findall(text)
    if not text.startswith("DB-Lib"):
        return codes  # the server's own message leads, so the number is its number
    return _LOGIN_REFUSED if _SERVER_SAID_NO in told else {number for number, _ in told}


def _kind(error: BaseException, codes: set[str], connect_text: str | None) -> type[SourceError]:
    """Pick the class; ``connect_text`` is the lower-case message of a failed connect, else None."""
    rules: tuple[tuple[type[SourceError], bool], ...] = (
        (SourceLoginError, bool(codes & _LOGIN_REFUSED) or _holds(connect_text, _LOGIN_PHRASES)),
        (SourceDatabaseError, bool(codes & _NO_DATABASE) or _holds(connect_text, _DATABASE_PHRASES)),
        (SourcePermissionError, bool(codes & _NO_PERMISSION)),
        (SourceTableError, bool(codes & _NO_SUCH_OBJECT)),
        (SourceUnreachableError, connect_text is not None or bool(codes & _UNREACHABLE)),
        (TransientSourceError, bool(codes & _TRANSIENT) or _connection_lost(error)),
    )
    return next((kind for kind, applies in rules if applies), SourceError)


_WORDS: dict[type[SourceError], str] = {
    SourceLoginError: (
        "the login was refused ({text}). Check user and password in the source URL in the environment, "
        "and that this user may open the database."
    ),
    SourceDatabaseError: "no such database, or not for this user ({text}). Check the database in the source URL.",
    SourcePermissionError: "permission denied ({text}). Grant SELECT on it to the loader's user.",
    SourceTableError: "a table or column is missing ({text}). Was it renamed? Compare with ingest/tables.json.",
    SourceUnreachableError: (
        "cannot be reached ({text}). Check host and port in the source URL, and that a firewall lets you in."
    ),
    TransientSourceError: "the source dropped the work ({text}). Run the same command again, it goes on where it was.",
    SourceError: "reading failed ({text}).",
}


def _holds(text: str | None, phrases: tuple[str, ...]) -> bool:
    return text is not None and any(phrase in text for phrase in phrases)


def with_retries(work: Callable[[], Result]) -> Result:
    """Call ``work``; on a transient error wait (0.2 s, 1 s, 3 s) and try again.

    Raises the last error when every try failed, and any other error at once.
    """
    for delay in RETRY_DELAYS_SECONDS:
        try:
            return work()
        except TransientSourceError:
            time.sleep(delay)
    return work()


def _connection_lost(error: BaseException) -> bool:
    """Drivers raise OperationalError or InterfaceError without any code when the line breaks."""
    codes = error_codes(error)
    if any(code.startswith("08") for code in codes):  # SQLSTATE class 08: connection exception
        return True
    names = {type(part).__name__ for part in _chain(error)}
    return not codes and bool(names & {"OperationalError", "InterfaceError"})


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what SQLAlchemy wrapped (``orig``)."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = getattr(current, "orig", None)


def _numbers(value: object) -> Iterator[int]:
    """The driver pymssql nests its arguments: ``((18456, b'...'),)`` and ``(20009, b'...')`` both occur."""
    if isinstance(value, tuple):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def _text(error: BaseException) -> str:
    """The driver's own words in one line; SQLAlchemy's wrapper would add statement and parameters."""
    innermost = list(_chain(error))[-1]
    parts = list(_strings(innermost.args)) or [str(innermost)]
    # a complaint of pymssql is two lines, and it repeats complaints
    lines = dict.fromkeys(line for part in parts for line in _COMPLAINT.split(part))
    return " ".join(" ".join(lines).split())[:500] or type(innermost).__name__


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, str):
        yield value
