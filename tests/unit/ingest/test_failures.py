"""Driver errors are classified once, from what pymssql and psycopg really raise."""

import psycopg
import pytest
import sqlalchemy.exc

from ingest.failures import (
    SourceDatabaseError,
    SourceError,
    SourceLoginError,
    SourcePermissionError,
    SourceTableError,
    SourceUnreachableError,
    TransientSourceError,
    classify_source_error,
    error_codes,
    with_retries,
)


class PymssqlOperationalError(Exception):
    """The shape of pymssql.exceptions.OperationalError."""


PymssqlOperationalError.__name__ = "OperationalError"

LOGIN_FAILED = PymssqlOperationalError(
    (18456, b"Login failed for user 'loader'.DB-Lib error message 20018, severity 14")
)
UNREACHABLE = PymssqlOperationalError(
    20009, b"Unable to connect: Adaptive Server is unavailable or does not exist (db1)"
)


@pytest.mark.parametrize(
    ("error", "connecting", "kind"),
    [
        (LOGIN_FAILED, True, SourceLoginError),
        (
            PymssqlOperationalError((4060, b'Cannot open database "x" requested by the login.')),
            True,
            SourceDatabaseError,
        ),
        (UNREACHABLE, True, SourceUnreachableError),
        (PymssqlOperationalError(229, b"The SELECT permission was denied on 'Product'"), False, SourcePermissionError),
        (PymssqlOperationalError(208, b"Invalid object name 'dbo.Product'."), False, SourceTableError),
        (PymssqlOperationalError(207, b"Invalid column name 'NameUA'."), False, SourceTableError),
        (PymssqlOperationalError(1205, b"deadlock victim"), False, TransientSourceError),
        (PymssqlOperationalError(20047, b"DBPROCESS is dead or not enabled"), False, TransientSourceError),
        (PymssqlOperationalError("Connection is closed."), False, TransientSourceError),
        (PymssqlOperationalError(8134, b"Divide by zero error"), False, SourceError),
        (psycopg.errors.InvalidPassword("no"), True, SourceLoginError),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "a"'), True, SourceLoginError),
        (psycopg.OperationalError('FATAL:  database "nope" does not exist'), True, SourceDatabaseError),
        (psycopg.OperationalError("connection refused"), True, SourceUnreachableError),
        (psycopg.errors.InsufficientPrivilege("permission denied for table"), False, SourcePermissionError),
        (psycopg.errors.UndefinedColumn("column"), False, SourceTableError),
        (psycopg.errors.AdminShutdown("terminating connection"), False, TransientSourceError),
        (psycopg.OperationalError("server closed the connection unexpectedly"), False, TransientSourceError),
        (psycopg.errors.ConnectionFailure("lost"), False, TransientSourceError),
        (psycopg.errors.DivisionByZero("no"), False, SourceError),
    ],
)
def test_each_error_is_classified_once(
    error: Exception,
    connecting: bool,  # noqa: FBT001
    kind: type[SourceError],
) -> None:
    told = classify_source_error(error, "source product", connecting=connecting)
    assert type(told) is kind
    assert str(told).startswith("source product: ")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ((18456, b"DB-Lib error message 20009, severity 9:\nUnable to connect: TDS server"), SourceUnreachableError),
        ((40613, b"DB-Lib error message 20018, severity 14:\nGeneral SQL Server error"), SourceLoginError),
        ((18456, b"Login failed for user 'a'.DB-Lib error message 20018, severity 14:\nGeneral"), SourceLoginError),
        ((18456, b"DB-Lib error message 20018, severity 17:\nGeneral SQL Server error"), SourceUnreachableError),
    ],
)
def test_a_connect_is_judged_by_what_it_says_itself(told: tuple[int, bytes], kind: type[SourceError]) -> None:
    error = classify_source_error(PymssqlOperationalError(told), "source product", connecting=True)
    assert type(error) is kind


def test_a_complaint_is_told_once() -> None:
    line = b"DB-Lib error message 20002, severity 9:\nTDS server connection failed (127.0.0.1)\n"
    told = str(classify_source_error(PymssqlOperationalError((20002, line * 5)), "source product", connecting=True))
    assert told.count("20002") == 1


def test_the_wrapper_of_sqlalchemy_is_looked_through_and_its_statement_is_not_told() -> None:
    wrapped = sqlalchemy.exc.OperationalError("select secret", {"a": "hidden"}, LOGIN_FAILED)
    told = classify_source_error(wrapped, "source product", connecting=True)
    assert type(told) is SourceLoginError
    assert "Login failed for user" in str(told)
    assert "secret" not in str(told)
    assert "hidden" not in str(told)
    assert "18456" in error_codes(wrapped)


def test_transient_errors_are_tried_again_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("ingest.failures.time.sleep", waits.append)
    outcomes: list[object] = [TransientSourceError("a"), TransientSourceError("b"), "rows"]

    def work() -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert with_retries(work) == "rows"
    assert waits == [0.2, 1.0]
    outcomes[:] = [SourceTableError("gone"), "rows"]
    with pytest.raises(SourceTableError, match="gone"):
        with_retries(work)
    outcomes[:] = [TransientSourceError(str(n)) for n in range(9)]
    with pytest.raises(TransientSourceError, match="3"):
        with_retries(work)
