"""What a test may ask to go wrong, and when.

A fault waits until a statement matches its pattern, strikes ``times`` times, and is gone.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tds_server.errors import SqlError, deadlock_victim

LOGIN = "<login>"  # what a login is called where statements are matched


@dataclass
class Fault:
    """One thing to go wrong with statements that match ``statement`` (a regular expression, any case).

    ``after_rows`` counts rows of the result, ``after_bytes`` bytes on the wire from the first byte of the
    answer; without either the fault strikes before anything is sent. ``delay_seconds`` passes first and alone
    changes nothing else. A cut is an orderly close, or a TCP reset with ``reset``.
    """

    statement: str
    error: SqlError | None = None
    cut: bool = False
    reset: bool = False
    after_rows: int | None = None
    after_bytes: int | None = None
    delay_seconds: float = 0.0
    times: int = 1

    @classmethod
    def cut_after_rows(cls, statement: str, rows: int, *, times: int = 1, reset: bool = False) -> "Fault":
        """Break the connection after ``rows`` whole rows."""
        return cls(statement, cut=True, after_rows=rows, times=times, reset=reset)

    @classmethod
    def cut_after_bytes(cls, statement: str, count: int, *, times: int = 1) -> "Fault":
        """Break the connection after ``count`` bytes, in the middle of a packet if it so happens."""
        return cls(statement, cut=True, after_bytes=count, times=times)

    @classmethod
    def cut_at_once(cls, statement: str, *, times: int = 1, reset: bool = False) -> "Fault":
        """Break the connection when the statement has been read, before any answer."""
        return cls(statement, cut=True, times=times, reset=reset)

    @classmethod
    def error_after_rows(cls, statement: str, rows: int, error: SqlError, *, times: int = 1) -> "Fault":
        """Send ``rows`` rows, then an ERROR token."""
        return cls(statement, error=error, after_rows=rows, times=times)

    @classmethod
    def deadlock(cls, statement: str, rows: int | None = None, *, times: int = 1) -> "Fault":
        """Make the session the victim of a deadlock: error 1205, the transaction is rolled back."""
        return cls(statement, error=deadlock_victim(), after_rows=rows, times=times)

    @classmethod
    def refuse_login(cls, error: SqlError, *, times: int = 1) -> "Fault":
        """Refuse a login whatever the password."""
        return cls(re.escape(LOGIN), error=error, times=times)

    @classmethod
    def drop_login(cls, *, times: int = 1) -> "Fault":
        """Close the connection instead of answering a login."""
        return cls(re.escape(LOGIN), cut=True, times=times)

    def strikes_at_row(self, rows_sent: int) -> bool:
        """Tell whether the fault is due when ``rows_sent`` rows have been sent."""
        return self.after_rows is not None and rows_sent >= self.after_rows

    @property
    def strikes_at_once(self) -> bool:
        """Tell whether the fault is due before anything is sent."""
        return self.after_rows is None and self.after_bytes is None and (self.cut or self.error is not None)


class FaultList:
    """The faults that still wait; sessions of several threads take from it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let ``fault`` wait for its statement."""
        with self._lock:
            self._faults.append(fault)

    def take(self, statement: str) -> Fault | None:
        """Return the first waiting fault for ``statement`` and count it off."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and re.search(fault.statement, statement, re.IGNORECASE | re.DOTALL):
                    fault.times -= 1
                    return fault
        return None

    def waiting(self) -> Iterator[Fault]:
        """The faults that have not struck as often as they should."""
        with self._lock:
            return iter([fault for fault in self._faults if fault.times > 0])
