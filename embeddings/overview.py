"""The versions as a person wants to see them. Stage: embeddings. Reads ``embeddings``; writes nothing."""

from typing import Any

from psycopg import Connection

from cordsearch.sql import load_query
from embeddings.registry import RegisteredModel, create_schema, read_models


def models_table(connection: Connection[Any]) -> str:
    """Return one line per version: state, dimensions, products waiting, size, recall of the index, id."""
    create_schema(connection)
    rows = connection.execute(load_query(__file__, "sql/version_sizes.sql")).fetchall()
    sizes = {model_id: (pending, size) for model_id, pending, size in rows}
    lines = [f"{'state':<11} {'dimensions':>10} {'waiting':>9} {'size':>9} {'recall@10':>9}  model"]
    for model in read_models(connection):
        pending, size = sizes[model.model_id]
        recall = model.metrics.get("index", {}).get("recall_at_10")
        shown = "-" if recall is None else f"{recall:.4f}"
        lines.append(
            f"{_state(model):<11} {model.dimensions:>10,} {pending:>9,} {size:>9} {shown:>9}  {model.model_id}"
        )
    return "\n".join(lines)


def _state(model: RegisteredModel) -> str:
    if model.active:
        return "active" if model.built is not None else "active, new"
    if model.built is not None:
        return "built"
    return "registered" if model.vector_table is None else "begun"
