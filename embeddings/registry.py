"""Which models exist and which one is active.

Stage: embeddings. Reads and writes ``embeddings.model`` in the warehouse.
"""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from cordsearch.database import connect
from cordsearch.sql import load_query
from embeddings.encoder import ModelError

_SCHEMA_VERSION = "cordsearch embeddings 3"  # what create_schema.sql says of itself
_SCHEMA_LOCK = 0x636F7265


class RegisteredModel(NamedTuple):
    """One row of ``embeddings.model``.

    ``vector_table`` is the name, in schema ``embeddings``, of the table with this version's vectors; None before its
    first run. ``built`` is None until that table was complete and indexed.
    """

    name: str
    version: str
    model_id: str
    dimensions: int
    path: str
    metrics: dict[str, Any]
    options: dict[str, Any] = {}  # noqa: RUF012 - a row is never modified
    vector_table: str | None = None
    built: datetime | None = None
    active: bool = False
    mart_copied: bool = False
    activated: datetime | None = None
    deactivated: datetime | None = None


def create_schema(connection: Connection[Any]) -> None:
    """Create the schema ``embeddings`` and its tables unless this version of them is there.

    Asking first matters: even ``create index if not exists`` waits for writers, and makes later ones wait for it.
    """
    if _has_schema(connection):
        return
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
        if not _has_schema(connection):
            connection.execute(load_query(__file__, "sql/create_schema.sql"))


def _has_schema(connection: Connection[Any]) -> bool:
    return connection.execute(load_query(__file__, "sql/schema_version.sql")).fetchone() == (_SCHEMA_VERSION,)


def active_model(warehouse_url: str) -> RegisteredModel | None:
    """Return the active model, or None when none is (also in a warehouse that never had one)."""
    with connect(warehouse_url, autocommit=True) as connection:
        create_schema(connection)
        return read_active_model(connection)


def read_active_model(connection: Connection[Any]) -> RegisteredModel | None:
    """Return the active model, or None when none is; the schema must exist."""
    row = connection.execute(load_query(__file__, "sql/active_model.sql")).fetchone()
    return RegisteredModel(*row) if row else None


def read_models(connection: Connection[Any]) -> list[RegisteredModel]:
    """Return every registered model, the newest first; the schema must exist."""
    return [RegisteredModel(*row) for row in connection.execute(load_query(__file__, "sql/read_models.sql"))]


def find_model(connection: Connection[Any], model_id: str) -> RegisteredModel:
    """Return the model with this id, or the only one whose id begins with it.

    Raises:
        ModelError: no model or several have that id; the message names those there are.
    """
    models = read_models(connection)
    exact = [model for model in models if model.model_id == model_id]
    found = exact or [model for model in models if model.model_id.startswith(model_id)]
    if len(found) != 1:
        known = ", ".join(model.model_id for model in found or models) or "none"
        what = "Several models begin" if found else "No model is registered that begins"
        raise ModelError(f"{what} with {model_id!r}. Those there are: {known}")
    return found[0]


def register_model(connection: Connection[Any], model: RegisteredModel, *, activate: bool = True) -> None:
    """Record a model and make it the active one, in one transaction: readers see the old one or the new one."""
    with connection.transaction():
        row = model._asdict() | {"metrics": Jsonb(model.metrics), "options": Jsonb(model.options)}
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
        connection.execute(load_query(__file__, "sql/activate_model.sql"), {"model_id": model_id})
        active = read_active_model(connection)
        if active is None or active.model_id != model_id:
            raise ModelError(f"The model {model_id} is not registered in embeddings.model.")
