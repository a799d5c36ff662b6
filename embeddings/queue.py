"""The work that is left: which products a version of the vectors has yet to take up.

Stage: embeddings. Reads ``staging_marts.dim_product_search``; writes ``embeddings.pending`` and the triggers that fill
it. A row of the queue is one product of one version; any number of workers on any number of machines claim rows.
"""

from secrets import randbelow
from typing import Any, NamedTuple

from psycopg import Connection, errors, sql

from cordsearch.analysis.version import ANALYSIS_VERSION
from cordsearch.sql import load_query
from embeddings.encoder import ModelError

LOCK_WAIT = "60s"  # for a lock on the mart, in a transaction that holds no other
_MANY = 1_000
_WORKER_LOCKS = 0x656D6264  # class of the advisory locks that say which workers live


class Claim(NamedTuple):
    """A claimed product, and the count of its changes at that time."""

    product_id: int
    touch: int


class WorkQueue:
    """The queue of one version, as one worker sees it. The worker lives as long as ``connection``."""

    def __init__(self, connection: Connection[Any], model_id: str) -> None:
        self._connection = connection
        self._model_id = model_id
        self.worker = _register_worker(connection)

    def count(self) -> int:
        """Return how many products are queued, claimed ones included."""
        row = self._connection.execute(
            load_query(__file__, "sql/count_pending.sql"), {"model": self._model_id}
        ).fetchone()
        return int(row[0]) if row else 0

    def claim(self, limit: int, after: int) -> list[Claim]:
        """Claim at most ``limit`` free products with a greater id than ``after``, in key order."""
        arguments = {
            "model": self._model_id,
            "worker": self.worker,
            "lock_class": _WORKER_LOCKS,
            "after": after,
            "limit": limit,
        }
        rows = self._connection.execute(load_query(__file__, "sql/claim.sql"), arguments)
        return sorted(Claim(*row) for row in rows)

    def release(self) -> None:
        """Give back what this worker still holds."""
        values = {"model": self._model_id, "worker": self.worker}
        self._connection.execute(load_query(__file__, "sql/release.sql"), values)


def _register_worker(connection: Connection[Any]) -> int:
    """Take a number nobody else has, and the lock that shows that its holder lives."""
    while True:
        number = randbelow(2**31)
        row = connection.execute("select pg_try_advisory_lock(%s, %s)", [_WORKER_LOCKS, number]).fetchone()
        if row == (True,):
            return number


def install_triggers(connection: Connection[Any]) -> None:
    """Let the mart tell of its changes. Inside a transaction, with the mart locked."""
    if not has_triggers(connection):
        connection.execute(load_query(__file__, "sql/queue_trigger.sql"))


def has_triggers(connection: Connection[Any]) -> bool:
    """Whether the mart is there and tells of its changes."""
    return connection.execute(load_query(__file__, "sql/has_queue_trigger.sql")).fetchone() == (True,)


def lock_mart(connection: Connection[Any]) -> None:
    """Let nobody write the mart until the transaction ends; readers go on.

    Raises:
        ModelError: the mart is missing.
    """
    connection.execute("select set_config('lock_timeout', %s, true)", [LOCK_WAIT])
    try:
        connection.execute("lock table staging_marts.dim_product_search in share row exclusive mode")
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise ModelError("staging_marts.dim_product_search is missing. Make it with: cordsearch transform") from error
    except errors.LockNotAvailable as error:
        raise ModelError(
            f"staging_marts.dim_product_search is being written for longer than {LOCK_WAIT}. Run again afterwards."
        ) from error


def queue_missing(connection: Connection[Any], model_id: str, vectors: sql.Identifier, *, is_active: bool) -> int:
    """Compare the whole mart with a version and queue what differs; return how many products the mart has.

    Takes half a second for 300,000 products. With the mart locked: waiting for a writer here could be a deadlock.
    """
    statement = sql.SQL(load_query(__file__, "sql/queue_missing.sql")).format(vectors=vectors)
    queued = connection.execute(statement, {"model": model_id, "active": is_active})
    if queued.rowcount > _MANY:
        connection.execute("analyze embeddings.pending")  # plans made for an empty queue would take minutes
    row = connection.execute(load_query(__file__, "sql/queue_checked.sql"), {"model": model_id}).fetchone()
    return int(row[0]) if row else 0


def analysis_is_current(connection: Connection[Any]) -> bool:
    """Whether the documents are made, or queued to be made, by this release's rules of analysis."""
    query = load_query(__file__, "sql/analysis_is_current.sql")
    return connection.execute(query, {"analysis": ANALYSIS_VERSION}).fetchone() == (True,)


def queue_documents_of_other_analysis(connection: Connection[Any]) -> None:
    """Queue every document, and call the dictionary outdated, if another release's rules made them.

    Inside a transaction, with the mart locked. Vectors do not depend on the rules: they are restored, not encoded.
    """
    if analysis_is_current(connection):
        return
    queued = connection.execute(load_query(__file__, "sql/queue_documents.sql"))
    connection.execute(load_query(__file__, "sql/dictionary_outdated.sql"))
    connection.execute(load_query(__file__, "sql/keep_analysis.sql"), {"analysis": ANALYSIS_VERSION})
    if queued.rowcount > _MANY:
        connection.execute("analyze embeddings.pending")
