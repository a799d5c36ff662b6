"""Stage: BRONZE. One connection to the warehouse for a whole run: opened when needed, dropped when it breaks."""

from contextlib import suppress
from typing import Any, ClassVar, Self

import psycopg

from cordsearch.database import connect

Connection = psycopg.Connection[tuple[Any, ...]]


class WarehouseSession:
    """A connection that can be closed at any moment and opens again at the next use."""

    # Rows and the checkpoint that counts them are in one transaction: a crash of the server loses both or neither,
    # and what was lost is read again. So commits need not wait for the disk.
    parameters: ClassVar[tuple[str, ...]] = ("set synchronous_commit = off",)

    def __init__(self, warehouse_url: str) -> None:
        self.url = warehouse_url
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def open(self) -> Connection:
        """Return the open connection. Raises DatabaseUnavailableError."""
        if self._connection is None:
            self._connection = connect(self.url, autocommit=True)
            for statement in self.parameters:
                self._connection.execute(statement)
        return self._connection

    def close(self) -> None:
        """Drop the connection: an open transaction is rolled back, locks are released."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def release(self) -> None:
        """Give back every lock; a connection that cannot is dropped."""
        if self._connection is not None:
            try:
                self._connection.execute("select pg_advisory_unlock_all()")
            except psycopg.Error:
                self.close()
