"""The default encoder: a table of feature vectors, summed per text. Needs numpy and scipy only.

Stage: embeddings. Reads a model folder (``table.npy``, ``model.json``); ``save_model`` writes one.

The table is mapped, not loaded: the workers of a machine share its pages, and a query touches a few hundred rows.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from embeddings.bag import FloatMatrix, feature_matrix, normalise_rows, text_matrix, used_columns
from embeddings.encoder import ModelError
from embeddings.text import BUCKETS, NGRAM_SIZES, word_features, words

NAME = "cord-static"
FEATURES_VERSION = 1  # raise when embeddings.text gives other features: an old table then no longer fits
_TABLE = "table.npy"
_METADATA = "model.json"
_TEXTS_AT_ONCE = 20_000  # bounds the transient copy of the touched rows
_WORDS_KEPT = 4_096  # people use the same words; a kilobyte each, read from a few dozen places of the table otherwise


@dataclass(frozen=True)
class ModelMetadata:
    """What ``model.json`` says about a table."""

    name: str
    version: str
    dimensions: int
    buckets: int
    ngram_sizes: tuple[int, ...]
    features_version: int
    metrics: dict[str, Any]

    @property
    def model_id(self) -> str:
        """The name of the model's folder."""
        return f"{self.name}@{self.version}"

    def __str__(self) -> str:
        return self.model_id


class StaticEncoder:
    """Sum of feature vectors, scaled to length one. Safe to share between threads."""

    def __init__(self, metadata: ModelMetadata, table: NDArray[np.float16]) -> None:
        self.metadata = metadata
        self._table = table
        self._word_vector = lru_cache(maxsize=_WORDS_KEPT)(self._sum_of_features)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a model folder.

        Raises:
            ModelError: the folder is missing, damaged, or made by another version of the features.
        """
        try:
            described = json.loads((folder / _METADATA).read_text(encoding="utf-8"))
            described["ngram_sizes"] = tuple(described["ngram_sizes"])
            metadata = ModelMetadata(**described)
            # still mapped; the class of maps would make every reading of rows slower
            table = np.load(folder / _TABLE, mmap_mode="r").view(np.ndarray)
        except FileNotFoundError as error:
            raise ModelError(f"No model in {folder}. Train one with: cordsearch embed train") from error
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError(
                f"The model in {folder} is damaged ({error}). Train anew: cordsearch embed train"
            ) from error
        expected = (BUCKETS, list(NGRAM_SIZES), FEATURES_VERSION)
        if (metadata.buckets, list(metadata.ngram_sizes), metadata.features_version) != expected or table.shape != (
            metadata.buckets,
            metadata.dimensions,
        ):
            raise ModelError(
                f"The model in {folder} was made by another version of this program. Train anew: cordsearch embed train"
            )
        return cls(metadata, table)

    @property
    def model_id(self) -> str:
        """Name and content hash of the table."""
        return self.metadata.model_id

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self.metadata.dimensions

    @property
    def is_slow(self) -> bool:
        """No: a query takes a tenth of a millisecond."""
        return False

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a query, shape (dimensions,); zero when the text holds no word."""
        vectors = [self._word_vector(word) for word in words(text)]
        if not vectors:
            return np.zeros(self.dimensions, dtype=np.float32)
        vector: NDArray[np.float32] = np.add.reduce(vectors)
        length = float(np.sqrt(vector @ vector))
        return vector / np.float32(length) if length else vector

    def _sum_of_features(self, word: str) -> NDArray[np.float32]:
        """Return what a word adds to the vector of a query, shape (dimensions,)."""
        features = word_features(word)
        vector: NDArray[np.float32] = np.add.reduce(self._table[features].astype(np.float32))
        return vector / np.float32(np.sqrt(len(features)))

    def encode_texts(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of product texts, shape (len(texts), dimensions); zero rows for texts without words."""
        parts = [self._encode(texts[at : at + _TEXTS_AT_ONCE]) for at in range(0, len(texts), _TEXTS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimensions), dtype=np.float32)

    def _encode(self, texts: Sequence[str]) -> FloatMatrix:
        vocabulary, counts = text_matrix(texts)
        rows, compact = used_columns(feature_matrix(vocabulary, BUCKETS))
        word_vectors = compact @ self._table[rows].astype(np.float32)
        return normalise_rows(np.asarray(counts @ word_vectors, dtype=np.float32))


def metadata_of(table: FloatMatrix, metrics: dict[str, Any]) -> ModelMetadata:
    """Describe a trained table; its version is the hash of its content."""
    content = table.astype(np.float16).tobytes() + bytes([FEATURES_VERSION])
    version = blake2b(content, digest_size=6).hexdigest()
    return ModelMetadata(NAME, version, table.shape[1], table.shape[0], NGRAM_SIZES, FEATURES_VERSION, metrics)


def save_model(table: FloatMatrix, metrics: dict[str, Any], model_directory: Path) -> ModelMetadata:
    """Write a trained table as a new folder of ``model_directory``; the version is the hash of its content.

    The folder appears whole or not at all, and the same table always gets the same name.

    Raises:
        ModelError: the folder cannot be written.
    """
    halves = table.astype(np.float16)
    metadata = metadata_of(table, metrics)
    target = model_directory / metadata.model_id
    try:
        model_directory.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return metadata
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=model_directory))
        try:
            np.save(draft / _TABLE, halves)
            (draft / _METADATA).write_text(json.dumps(asdict(metadata), indent=2) + "\n", encoding="utf-8")
            draft.chmod(0o755)
            draft.replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"The model cannot be written to {target}: {error}") from error
    return metadata
