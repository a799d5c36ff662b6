"""Register a ``sentence-transformers`` model, so that a version can be built with it.

Stage: embeddings. Reads the model's files; writes a row of ``embeddings.model``.
"""

from cordsearch.database import connect
from embeddings.encoder import TRANSFORMER_PREFIX
from embeddings.registry import RegisteredModel, create_schema, register_model
from embeddings.transformer_encoder import TransformerEncoder, TransformerOptions


def register_transformer(warehouse_url: str, name: str, options: TransformerOptions) -> RegisteredModel:
    """Open the model once, to see that it works here, and record it. It is not active before it is built.

    Args:
        warehouse_url: libpq URL of the warehouse.
        name: hub name or local path.
        options: how to open it; the same name with other options is another version.

    Raises:
        ModelError: the model cannot be opened, or the extra is not installed.
    """
    path = TRANSFORMER_PREFIX + name
    model_id = options.model_id(path)
    encoder = TransformerEncoder(path, options, model_id)
    version = model_id.removeprefix(path).removeprefix("@") or "default"
    model = RegisteredModel(path, version, model_id, encoder.dimensions, path, {}, options.chosen())
    with connect(warehouse_url, autocommit=True) as connection:
        create_schema(connection)
        register_model(connection, model, activate=False)
    return model
