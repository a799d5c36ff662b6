"""The other encoder: any ``sentence-transformers`` model, by hub name or local path.

Stage: embeddings. Reads the model's files (the library downloads hub models); writes nothing. Needs the extra
``cordsearch[transformers]``; this module is imported only when such a model is used. A GPU is used when the library
finds one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import md5
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings.bag import normalise_rows
from embeddings.encoder import TRANSFORMER_PREFIX, ModelError

# E5 models are trained with these words before a text (Wang et al. 2022, arXiv:2212.03533, section 4; model cards).
_E5_PREFIXES = ("query: ", "passage: ")
_BATCH = 64


@dataclass(frozen=True)
class TransformerOptions:
    """How a model is opened. None takes what the model says of itself.

    ``dimensions``: keep so many of the first ones (Matryoshka models: Kusupati et al. 2022, arXiv:2205.13147), then
    scale to length one. ``backend``: ``onnx`` needs ``sentence-transformers[onnx]``. ``device``: ``cpu``, ``cuda``.
    """

    query_prefix: str | None = None
    passage_prefix: str | None = None
    dimensions: int | None = None
    backend: Literal["torch", "onnx"] = "torch"
    device: str | None = None
    revision: str | None = None

    def chosen(self) -> dict[str, Any]:
        """Return what differs from the defaults."""
        defaults = asdict(TransformerOptions())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    def model_id(self, path: str) -> str:
        """Return the id of a model opened this way; where it runs does not matter, everything else does."""
        chosen = {name: value for name, value in self.chosen().items() if name != "device"}
        if not chosen:
            return path
        return f"{path}@{md5(repr(sorted(chosen.items())).encode(), usedforsecurity=False).hexdigest()[:8]}"


class TransformerEncoder:
    """Wraps a ``SentenceTransformer``. ``path`` is ``sentence-transformers:`` and the name or path of the model."""

    def __init__(self, path: str, options: TransformerOptions | None = None, model_id: str | None = None) -> None:
        self._model_id = model_id or path
        name = path.removeprefix(TRANSFORMER_PREFIX)
        options = options or TransformerOptions()
        self._model = _load(name, options)
        # Renamed in sentence-transformers 6; the extra allows 5 as well.
        rename = getattr(self._model, "get_embedding_dimension", None)
        dimensions = rename() if rename is not None else self._model.get_sentence_embedding_dimension()
        if not dimensions:
            raise ModelError(f"The model {name!r} does not say how many dimensions its vectors have.")
        if options.dimensions is not None and options.dimensions > dimensions:
            raise ModelError(f"The model {name!r} has {dimensions} dimensions; {options.dimensions} cannot be kept.")
        self._dimensions = int(dimensions)
        self._query_prefix, self._passage_prefix = _prefixes(name, options, self._model)

    @property
    def model_id(self) -> str:
        """The prefix, the name or path of the model, and what stands for its options."""
        return self._model_id

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    @property
    def is_slow(self) -> bool:
        """Yes: a query takes milliseconds."""
        return True

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
                prompt="",  # prefixes are put here, in one place
            )
        return normalise_rows(vectors)


def _prefixes(name: str, options: TransformerOptions, model: Any) -> tuple[str, str]:
    """Return what stands before queries and before texts: as told, as the model's own files say, or as E5 wants."""
    prompts = getattr(model, "prompts", None) or {}
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    if not query and not passage and "e5" in _parts(name):
        query, passage = _E5_PREFIXES
    return (
        query if options.query_prefix is None else options.query_prefix,
        passage if options.passage_prefix is None else options.passage_prefix,
    )


def _parts(name: str) -> list[str]:
    return name.lower().rstrip("/").rsplit("/", maxsplit=1)[-1].replace("_", "-").split("-")


def _load(name: str, options: TransformerOptions) -> Any:
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds and 700 MB when not needed
    except ImportError as error:
        raise ModelError(
            f"The model {name!r} is a transformer, and sentence-transformers is not installed. "
            f"Install it with: pip install 'cordsearch[transformers]'"
        ) from error
    try:
        return SentenceTransformer(
            name,
            backend=options.backend,
            device=options.device,
            revision=options.revision,
            truncate_dim=options.dimensions,
        )
    except Exception as error:  # the library raises bare exceptions, for a missing backend for one
        raise ModelError(f"The sentence-transformers model {name!r} cannot be opened: {error}") from error
