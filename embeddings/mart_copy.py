"""The copy of the active version's vectors in ``dim_product_search.embedding``, for readers outside this project.

Stage: embeddings. Writes ``embedding`` and ``embedding_model`` of ``staging_marts.dim_product_search``. Search does not
read them (ADR 0013), so after a switch they may follow at leisure.
"""

from time import monotonic, sleep
from typing import Any

from psycopg import Connection, errors, sql

from cordsearch.progress import Progress
from cordsearch.sql import load_query
from embeddings.drain import Pace
from embeddings.encoder import ModelError
from embeddings.registry import RegisteredModel
from embeddings.versions import vector_table

_COPY_LOCK = 0x636F7268
_MOST_TRIES = 120
_BEFORE_ALL = -(2**63)


def fit_column(connection: Connection[Any], dimensions: int) -> None:
    """Give the column the length of the active version's vectors. An instant: the catalogue changes, no row does.

    The lock keeps readers out, and those that come while it waits for an earlier one wait behind it. So it waits a
    tenth of a second, and tries again later.

    Raises:
        ModelError: somebody kept reading the mart for minutes.
    """
    statement = sql.SQL(load_query(__file__, "sql/fit_embedding_column.sql")).format(dimensions=sql.Literal(dimensions))
    for _ in range(_MOST_TRIES):
        row = connection.execute(load_query(__file__, "sql/embedding_dimensions.sql")).fetchone()
        if row is None or row[0] in (-1, dimensions):
            return
        try:
            with connection.transaction():
                connection.execute("set local lock_timeout = '100ms'")
                connection.execute(statement)
        except errors.LockNotAvailable:
            sleep(1)
    raise ModelError(
        "staging_marts.dim_product_search.embedding cannot be given another length: somebody reads the table without "
        "pause. End long transactions (pg_stat_activity shows them), then run: cordsearch embed run"
    )


def copy_all_to_mart(connection: Connection[Any], model: RegisteredModel, pace: Pace) -> int:
    """Copy every vector that the mart does not have yet; return how many. One copies, others leave it to that one."""
    if model.mart_copied:
        return 0
    row = connection.execute("select pg_try_advisory_lock(%s)", [_COPY_LOCK]).fetchone()
    if row != (True,):
        return 0
    try:
        fit_column(connection, model.dimensions)
        return _copy(connection, model, pace)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [_COPY_LOCK])


def _copy(connection: Connection[Any], model: RegisteredModel, pace: Pace) -> int:
    statement = sql.SQL(load_query(__file__, "sql/copy_to_mart.sql")).format(vectors=vector_table(model.model_id))
    after, copied, left_out = _BEFORE_ALL, 0, False
    with Progress("vectors into the mart", total=None, unit="products") as progress:
        while True:
            started = monotonic()
            values = {"model": model.model_id, "after": after, "limit": pace.claimed_at_once}
            row = connection.execute(statement, values).fetchone()
            if row is None or row[0] is None:
                break
            after, wanted, written = row
            copied += written
            left_out = left_out or wanted > written  # being changed by somebody else: the next pass takes them
            progress.advance(written)
            sleep((monotonic() - started) * pace.rest)
    if not left_out:
        connection.execute(load_query(__file__, "sql/mart_copied.sql"), {"model": model.model_id})
    return copied
