"""The other encoder: any ``sentence-transformers`` model, by hub name or local path.

Stage: embeddings. Reads the model's files (the library downloads hub models); writes nothing. Needs the extra
``cordsearch[transformers]``; this module is imported only when such a model is active.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.bag import normalise_rows
from embeddings.encoder import TRANSFORMER_PREFIX, ModelError

# E5 models are trained with these words before a text (Wang et al. 2022, arXiv:2212.03533, section 4; model cards).
_E5_PREFIXES = ("query: ", "passage: ")
_BATCH = 64


class TransformerEncoder:
    """Wraps a ``SentenceTransformer``. ``model_id`` is ``sentence-transformers:`` and the name or path of the model."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        name = model_id.removeprefix(TRANSFORMER_PREFIX)
        self._model = _load(name)
        # Renamed in sentence-transformers 6; the extra allows 5 as well.
        rename = getattr(self._model, "get_embedding_dimension", None)
        dimensions = rename() if rename is not None else self._model.get_sentence_embedding_dimension()
        if not dimensions:
            raise ModelError(f"The model {name!r} does not say how many dimensions its vectors have.")
        self._dimensions = int(dimensions)
        self._query_prefix, self._passage_prefix = _E5_PREFIXES if "e5" in _parts(name) else ("", "")

    @property
    def model_id(self) -> str:
        """The prefix and the name or path of the model."""
        return self._model_id

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a query, shape (dimensions,); zero when the text is blank."""
        vector: NDArray[np.float32] = self._encode([text], self._query_prefix)[0]
        return vector

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of product texts, shape (len(texts), dimensions); zero rows for blank texts."""
        return self._encode(texts, self._passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        filled = [at for at, text in enumerate(texts) if any(character.isalnum() for character in text)]
        if filled:
            vectors[filled] = self._model.encode(
                [prefix + texts[at] for at in filled],
                batch_size=_BATCH,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return normalise_rows(vectors)


def _parts(name: str) -> list[str]:
    return name.lower().rstrip("/").rsplit("/", maxsplit=1)[-1].replace("_", "-").split("-")


def _load(name: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds and 700 MB when not needed
    except ImportError as error:
        raise ModelError(
            f"The active model {name!r} is a transformer, and sentence-transformers is not installed. "
            f"Install it with: pip install 'cordsearch[transformers]'"
        ) from error
    try:
        return SentenceTransformer(name)
    except (OSError, ValueError) as error:
        raise ModelError(f"The sentence-transformers model {name!r} cannot be opened: {error}") from error
