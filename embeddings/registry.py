"""Which models exist and which one is active.

Stage: embeddings. Reads and writes ``embeddings.model`` in the warehouse.
"""

from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from cordsearch.database import connect
from cordsearch.sql import load_query
from embeddings.encoder import ModelError


class RegisteredModel(NamedTuple):
    """One row of ``embeddings.model``."""

    name: str
    version: str
    model_id: str
    dimensions: int
    path: str
    metrics: dict[str, Any]


def create_schema(connection: Connection[Any]) -> None:
    """Create the schema ``embeddings`` and its tables where they are missing."""
    with connection.transaction():
        connection.execute(load_query(__file__, "sql/create_schema.sql"))


def active_model(warehouse_url: str) -> RegisteredModel | None:
    """Return the active model, or None when none is (also in a warehouse that never had one)."""
    with connect(warehouse_url, autocommit=True) as connection:
        create_schema(connection)
        return read_active_model(connection)


def read_active_model(connection: Connection[Any]) -> RegisteredModel | None:
    """Return the active model, or None when none is; the schema must exist."""
    row = connection.execute(load_query(__file__, "sql/active_model.sql")).fetchone()
    return RegisteredModel(*row) if row else None


def register_model(connection: Connection[Any], model: RegisteredModel, *, activate: bool = True) -> None:
    """Record a model and make it the active one, in one transaction: readers see the old one or the new one."""
    with connection.transaction():
        row = model._asdict() | {"metrics": Jsonb(model.metrics)}
        connection.execute(load_query(__file__, "sql/register_model.sql"), row)
        if activate:
            activate_model(connection, model.model_id)


def activate_model(connection: Connection[Any], model_id: str) -> None:
    """Make a registered model the active one.

    Raises:
        ModelError: the model is not registered.
    """
    with connection.transaction():
        connection.execute(load_query(__file__, "sql/deactivate_models.sql"), {"model_id": model_id})
        if (
            connection.execute(load_query(__file__, "sql/activate_model.sql"), {"model_id": model_id}).fetchone()
            is None
        ):
            raise ModelError(f"The model {model_id} is not registered in embeddings.model.")
