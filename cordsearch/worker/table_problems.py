"""Tables that cannot be followed just now. Reads and writes ``worker.table_problem``, which all workers share."""

import logging
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import TypeVar

import psycopg

from cordsearch.sql import load_query
from ingest.snapshot import TableFailure
from ingest.warehouse_session import Connection, WarehouseSession

log = logging.getLogger("cordsearch.worker")
Result = TypeVar("Result")


class TableProblems:
    """Remembers failures in the warehouse; used by several threads, on one connection."""

    def __init__(self, warehouse_url: str) -> None:
        self._session = WarehouseSession(warehouse_url)
        self._lock = Lock()
        self._known: dict[str, str] = {}

    def without_left_out(self, tables: Sequence[str]) -> list[str]:
        """Return ``tables`` without those whose pause is not over. Raises psycopg.Error, DatabaseUnavailableError."""
        with self._lock:
            query = load_query(__file__, "sql/problems.sql")
            rows = self._run(lambda connection: connection.execute(query, {"tables": list(tables)}).fetchall())
            for name in tables:
                self._known.pop(name, None)
            self._known |= {name: reason for name, reason, _ in rows}
            left_out = {name for name, _, is_left_out in rows if is_left_out}
        return [name for name in tables if name not in left_out]

    def settle(self, failures: Collection[TableFailure], done: Collection[str]) -> None:
        """Record ``failures``, and forget what was known of tables that went well."""
        with self._lock:
            recovered = [name for name in done if name in self._known]
            for failure in failures:
                level = logging.DEBUG if self._known.get(failure.table) == failure.reason else logging.ERROR
                log.log(level, "table.failed", extra={"table": failure.table, "reason": failure.reason})
                self._known[failure.table] = failure.reason
            for name in recovered:
                log.info("table.recovered", extra={"table": name})
                del self._known[name]
            if failures or recovered:
                self._run(lambda connection: _write(connection, failures, recovered))

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        self._session.close()

    def _run(self, work: Callable[[Connection], Result]) -> Result:
        try:
            return work(self._session.open())
        except psycopg.OperationalError:  # the connection was dropped while it lay idle; a second try tells
            self._session.close()
            return work(self._session.open())


def _write(connection: Connection, failures: Collection[TableFailure], recovered: Sequence[str]) -> None:
    for failure in failures:
        values = {"source_name": failure.source, "table_name": failure.table, "reason": failure.reason}
        connection.execute(load_query(__file__, "sql/record_problem.sql"), values)
    connection.execute(load_query(__file__, "sql/forget_problems.sql"), {"tables": list(recovered)})
