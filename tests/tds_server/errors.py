"""The errors SQL Server reports, with the numbers and severities its documentation gives.

Numbers, texts: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SqlError(Exception):
    """What an ERROR token carries ([MS-TDS] 2.2.7.10); ``severity`` 20 and more ends the connection."""

    number: int
    text: str
    severity: int = 16
    state: int = 1

    def __str__(self) -> str:
        return f"{self.number}: {self.text}"


def syntax_error(near: str) -> SqlError:
    """102, also the answer to every statement this server does not know."""
    return SqlError(102, f"Incorrect syntax near '{near}'.", severity=15)


def login_failed(user: str) -> SqlError:
    """18456; the state is 1 whatever the reason, so that a stranger learns nothing."""
    return SqlError(18456, f"Login failed for user '{user}'.", severity=14)


def cannot_open_database(database: str) -> SqlError:
    """4060, sent before 18456."""
    return SqlError(4060, f'Cannot open database "{database}" requested by the login. The login failed.', severity=11)


def database_does_not_exist(database: str) -> SqlError:
    """911, the answer to ``USE``."""
    text = f"Database '{database}' does not exist. Make sure that the name is entered correctly."
    return SqlError(911, text, severity=16)


def invalid_object(name: str) -> SqlError:
    """208."""
    return SqlError(208, f"Invalid object name '{name}'.")


def invalid_column(name: str) -> SqlError:
    """207."""
    return SqlError(207, f"Invalid column name '{name}'.")


def unknown_procedure(name: str) -> SqlError:
    """2812."""
    return SqlError(2812, f"Could not find stored procedure '{name}'.", severity=16, state=62)


def deadlock_victim(spid: int = 55) -> SqlError:
    """1205; the server has rolled the transaction back."""
    text = (
        f"Transaction (Process ID {spid}) was deadlocked on lock resources with another process and has been "
        "chosen as the deadlock victim. Rerun the transaction."
    )
    return SqlError(1205, text, severity=13, state=45)


def no_transaction_to(verb: str) -> SqlError:
    """3902 for COMMIT, 3903 for ROLLBACK."""
    number = 3902 if verb == "COMMIT" else 3903
    return SqlError(number, f"The {verb} TRANSACTION request has no corresponding BEGIN TRANSACTION.")


def snapshot_not_allowed(database: str) -> SqlError:
    """3952: ALLOW_SNAPSHOT_ISOLATION is off."""
    text = (
        f"Snapshot isolation transaction failed accessing database '{database}' because snapshot isolation is not "
        "allowed in this database. Use ALTER DATABASE to allow snapshot isolation."
    )
    return SqlError(3952, text)


def snapshot_too_late(database: str) -> SqlError:
    """3951: the transaction began under another isolation level."""
    text = (
        f"Transaction failed in database '{database}' because the statement was run under snapshot isolation but the "
        "transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction "
        "to snapshot after the transaction has started unless the transaction was originally started under "
        "snapshot isolation level."
    )
    return SqlError(3951, text)
