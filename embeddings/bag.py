"""Texts as sparse matrices: texts x words, words x feature buckets.

Stage: embeddings. Reads and writes nothing.

A catalogue repeats few words many times, so the sum of feature rows is taken once per distinct word and then once per
text: two small sparse products instead of a large one. Encoder and training share this module, so they cannot drift.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from embeddings.text import word_features, words

FloatMatrix = NDArray[np.float32]


def row_lists_to_csr(rows: Sequence[NDArray[np.int32]], columns: int) -> sparse.csr_matrix:
    """Return the count matrix with ``rows[i]`` as the column numbers of row i, shape (len(rows), columns)."""
    starts = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    indices = np.concatenate(rows) if rows else np.empty(0, dtype=np.int32)
    return sparse.csr_matrix((np.ones(len(indices), dtype=np.float32), indices, starts), shape=(len(rows), columns))


def text_matrix(texts: Iterable[str]) -> tuple[list[str], sparse.csr_matrix]:
    """Return the distinct words and the counts of each in each text, shape (texts, words)."""
    numbers: dict[str, int] = {}
    rows = [
        np.fromiter((numbers.setdefault(word, len(numbers)) for word in words(text)), dtype=np.int32) for text in texts
    ]
    return list(numbers), row_lists_to_csr(rows, len(numbers))


def feature_matrix(vocabulary: Sequence[str], buckets: int) -> sparse.csr_matrix:
    """Return words x buckets; a row holds 1/sqrt(n) for each of the word's n features.

    The square root lies between sum (long words drown short ones) and mean (a make of three letters weighs as much as
    a word of fifteen); measured best of the three on the demo catalogue.
    """
    matrix = row_lists_to_csr([word_features(word) for word in vocabulary], buckets)
    lengths = np.diff(matrix.indptr)
    matrix.data /= np.sqrt(np.repeat(lengths, lengths), dtype=np.float32)
    return matrix


def used_columns(matrix: sparse.csr_matrix) -> tuple[NDArray[np.int64], sparse.csr_matrix]:
    """Return the numbers of the non-empty columns and the matrix with only those columns."""
    seen = np.zeros(matrix.shape[1], dtype=bool)
    seen[matrix.indices] = True
    columns = np.flatnonzero(seen)
    renumbered = np.empty(matrix.shape[1], dtype=np.int32)
    renumbered[columns] = np.arange(len(columns), dtype=np.int32)
    compact = sparse.csr_matrix(
        (matrix.data, renumbered[matrix.indices], matrix.indptr), shape=(matrix.shape[0], len(columns))
    )
    return columns, compact


def normalise_rows(vectors: FloatMatrix) -> FloatMatrix:
    """Scale every row to length one in place; a zero row (a text without words) stays zero. Returns ``vectors``."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    lengths[lengths == 0] = 1
    vectors /= lengths[:, None]
    return vectors
