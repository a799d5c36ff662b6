"""What the rest of the system knows about a model: the ``Encoder`` protocol, and how to open one.

Stage: embeddings. Reads a model folder; writes nothing.

A model id names one version of one model. ``cord-static@3f2a...`` is a folder of the model directory made by
``embeddings.train``; ``sentence-transformers:<hub name or local path>`` is a transformer and needs the extra
``cordsearch[transformers]``, which is imported only then.
"""

from collections.abc import Mapping, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cordsearch.errors import CordSearchError

TRANSFORMER_PREFIX = "sentence-transformers:"


class ModelError(CordSearchError):
    """A model is missing, damaged, or cannot be used here."""


class Encoder(Protocol):
    """Turns texts into vectors of length one; a text without any word becomes the zero vector."""

    @property
    def model_id(self) -> str:
        """Name and version; vectors of different ids are never compared."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    @property
    def is_slow(self) -> bool:
        """Whether a query takes milliseconds, so that a server should not wait for it in its event loop."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of what a person typed, shape (dimensions,)."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of product texts, shape (len(texts), dimensions)."""


def vector_table_name(model_id: str) -> str:
    """Return the name, in schema ``embeddings``, of the table that holds the vectors of a model and of no other.

    The job and the service both ask here: a query is compared with the vectors of the model that encoded it, whatever
    was activated meanwhile.
    """
    return f"vectors_{md5(model_id.encode(), usedforsecurity=False).hexdigest()[:12]}"


def load_encoder(
    path: str, model_directory: Path, *, model_id: str | None = None, options: Mapping[str, Any] | None = None
) -> Encoder:
    """Open a model.

    Args:
        path: the folder of a trained model below ``model_directory``, or the prefix and the name of a transformer.
        model_directory: where trained models are kept.
        model_id: what a transformer is called; a trained model knows its own id.
        options: how a transformer is opened (``TransformerOptions``).

    Raises:
        ModelError: the folder is missing or damaged, or the transformer extra is not installed.
    """
    if path.startswith(TRANSFORMER_PREFIX):
        from embeddings.transformer_encoder import TransformerEncoder, TransformerOptions  # noqa: PLC0415 - torch

        return TransformerEncoder(path, TransformerOptions(**(options or {})), model_id or path)
    from embeddings.static_encoder import StaticEncoder  # noqa: PLC0415 - siblings import this module's protocol

    return StaticEncoder.open(model_directory / path)
