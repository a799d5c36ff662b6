"""A version of the vectors: one model's table beside those of other models, and what keeps it complete.

Stage: embeddings. Writes ``embeddings.vectors_<hash>``, its indexes, and the row of ``embeddings.model``.

Several versions stand side by side (ADR 0013). Which one is searched is one row of ``embeddings.model``; the model and
the table it points to change together, so a query is never compared with vectors of another model.
"""

from typing import Any

from psycopg import Connection, sql

from cordsearch.sql import load_query
from embeddings.encoder import Encoder, ModelError, vector_table_name
from embeddings.queue import (
    analysis_is_current,
    has_triggers,
    install_triggers,
    lock_mart,
    queue_documents_of_other_analysis,
    queue_missing,
)
from embeddings.registry import RegisteredModel

SCHEMA = "embeddings"
_PREPARE_LOCK = 0x636F7269
_CHECK_EVERY = "1 hour"  # comparing everything heals what no trigger saw; half a second at full size


def vector_table(model_id: str) -> sql.Identifier:
    """Return the table with the vectors of a model for use in a statement."""
    return sql.Identifier(SCHEMA, vector_table_name(model_id))


def vector_index_name(model_id: str) -> str:
    """Return the name, in schema ``embeddings``, of the HNSW index of that table."""
    return f"{vector_table_name(model_id)}_hnsw"


def supplier_index_name(model_id: str) -> str:
    """Return the name, in schema ``embeddings``, of the index of that table over vendor codes."""
    return f"{vector_table_name(model_id)}_supplier"


def prepare_version(connection: Connection[Any], model: RegisteredModel, encoder: Encoder, *, check: bool) -> int:
    """Make sure the version has its table and the mart tells of its changes; return how many products there are.

    Everything is compared with the mart (``check``) when one of them is new, and once an hour; otherwise this takes
    a millisecond. Documents that a release with other rules of analysis made are queued to be written anew.

    Raises:
        ModelError: the mart is missing, or the encoder makes vectors of another length than the model's record says.
    """
    if encoder.dimensions != model.dimensions:
        raise ModelError(
            f"The model {model.model_id} is registered with {model.dimensions} dimensions and makes vectors of "
            f"{encoder.dimensions}. Register it anew: cordsearch embed register, or cordsearch embed train"
        )
    is_known = model.vector_table is not None and has_triggers(connection) and analysis_is_current(connection)
    if not check and is_known:
        row = connection.execute(
            load_query(__file__, "sql/version_checked.sql"), {"model": model.model_id, "every": _CHECK_EVERY}
        ).fetchone()
        if row is not None:
            return int(row[0])
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [_PREPARE_LOCK])
        _create_table(connection, model)
        lock_mart(connection)
        install_triggers(connection)
        queue_documents_of_other_analysis(connection)
        return queue_missing(connection, model.model_id, vector_table(model.model_id), is_active=model.active)


def _create_table(connection: Connection[Any], model: RegisteredModel) -> None:
    statement = sql.SQL(load_query(__file__, "sql/create_vector_table.sql")).format(
        vectors=vector_table(model.model_id), dimensions=sql.Literal(model.dimensions)
    )
    row = connection.execute("select to_regclass(%s)", [f"{SCHEMA}.{vector_table_name(model.model_id)}"]).fetchone()
    if row != (None,):
        return
    connection.execute(statement)
    connection.execute("drop index if exists staging_marts.dim_product_search_embedding")  # of earlier versions
    connection.execute(
        load_query(__file__, "sql/register_vector_table.sql"),
        {"model": model.model_id, "vectors": vector_table_name(model.model_id)},
    )
