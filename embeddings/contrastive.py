"""The contrastive model: one vector per feature bucket, trained so that names of one product meet.

Stage: embeddings (training). Pure numpy and scipy; reads and writes nothing.

A step draws entries, makes of each a *query* (one side, often shortened) and a *document* (other sides), and pushes
each query towards its document and away from the other documents of the batch, and the reverse: InfoNCE with in-batch
negatives (van den Oord et al. 2018, arXiv:1807.03748), symmetric as in CLIP (Radford et al. 2021, arXiv:2103.00020),
temperature 1/20. Gradients are written out by hand; rows are updated by Adagrad (Duchi et al. 2011) with one
accumulator per row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from embeddings.bag import FloatMatrix, used_columns
from embeddings.parallel import ParallelCorpus

_SIDE_KEPT = 0.7  # of the other sides of a document: products often lack a translation

BoolMatrix = NDArray[np.bool_]


@dataclass(frozen=True)
class TrainingSettings:
    """How to train. Times in seconds; fractions are of the entries of a batch."""

    dimensions: int = 256
    batch: int = 512
    epochs: float = 8
    most_steps: int = 700
    least_steps: int = 120
    time_budget: float = 60.0
    learning_rate: float = 0.05
    inverse_temperature: float = 20.0
    sibling_fraction: float = 0.5  # drawn in groups that share a word: the hard negatives (left/right, front/rear)
    sibling_group: int = 4
    shared_words_dropped: float = 0.4  # makes and sizes are equal in all languages: without them the words must do
    query_shortened: float = 0.5
    seed: int = 20240501


@dataclass(frozen=True)
class Batch:
    """Counts of words, shape (batch, words), and which pairs are not negatives, shape (batch, batch)."""

    queries: sparse.csr_matrix
    documents: sparse.csr_matrix
    not_negative: BoolMatrix


@dataclass
class TrainingResult:
    """The table, shape (buckets, dimensions), and how training went."""

    table: FloatMatrix
    steps: int
    planned_steps: int
    seconds: float
    loss: float
    accuracy: float


class BatchSampler:
    """Draws batches from a corpus; deterministic for a seed."""

    def __init__(self, corpus: ParallelCorpus, settings: TrainingSettings, random: np.random.Generator) -> None:
        self._corpus = corpus
        self._settings = settings
        self._random = random
        self._words_of_entry = _merge_sides(corpus.sides, corpus.texts)
        self._words_of_entry.data[:] = 1
        self._entries_of_word = self._words_of_entry.T.tocsr()

    def draw(self) -> Batch:
        """Return the next batch."""
        corpus, random = self._corpus, self._random
        chosen = self._draw_entries()
        sides = corpus.sides[chosen]
        present = sides >= 0
        order = np.where(present, random.random(sides.shape), -1)
        query_side = order.argmax(axis=1)
        here = np.arange(len(chosen))
        others = present.copy()
        others[here, query_side] = False
        kept = others & (random.random(sides.shape) < _SIDE_KEPT)
        none = ~kept.any(axis=1)
        kept[none] = others[none]
        queries = corpus.texts[sides[here, query_side]]
        documents = _merge_sides(np.where(kept, sides, -1), corpus.texts)
        self._drop_shared(queries, documents)
        self._shorten(queries)
        return Batch(queries, documents, self._not_negative(queries, chosen, sides))

    def _draw_entries(self) -> NDArray[np.int64]:
        settings, random, total = self._settings, self._random, self._corpus.entries
        size = min(settings.batch, total)
        groups = int(size * settings.sibling_fraction) // settings.sibling_group
        siblings = [self._draw_siblings(int(anchor)) for anchor in random.integers(total, size=groups)]
        alone: NDArray[np.int64] = random.integers(total, size=size - groups * settings.sibling_group)
        return np.concatenate([*siblings, alone]).astype(np.int64)

    def _draw_siblings(self, anchor: int) -> NDArray[np.int64]:
        matrix, inverse, random = self._words_of_entry, self._entries_of_word, self._random
        own = matrix.indices[matrix.indptr[anchor] : matrix.indptr[anchor + 1]]
        if not len(own):  # a name of nothing but punctuation
            return np.full(self._settings.sibling_group, anchor, dtype=np.int64)
        word = own[random.integers(len(own))]
        first, last = inverse.indptr[word], inverse.indptr[word + 1]
        drawn = inverse.indices[random.integers(first, last, size=self._settings.sibling_group)].astype(np.int64)
        drawn[0] = anchor
        return drawn

    def _drop_shared(self, queries: sparse.csr_matrix, documents: sparse.csr_matrix) -> None:
        """Take the words that query and document have in common out of both, for some rows, if words are left."""
        query_keys, document_keys = _entry_keys(queries), _entry_keys(documents)
        affected = self._random.random(queries.shape[0]) < self._settings.shared_words_dropped
        for matrix, keys, others in ((queries, query_keys, document_keys), (documents, document_keys, query_keys)):
            lengths = np.diff(matrix.indptr)
            row = np.repeat(np.arange(matrix.shape[0]), lengths)
            drop = affected[row] & np.isin(keys, others)
            left = lengths - np.bincount(row[drop], minlength=matrix.shape[0])
            matrix.data[drop & (left[row] > 0)] = 0

    def _shorten(self, queries: sparse.csr_matrix) -> None:
        """Cut some queries after a random word and drop words of others: people type part of a name."""
        random = self._random
        count = queries.shape[0]
        row = np.repeat(np.arange(count), np.diff(queries.indptr))
        queries_left = queries.data > 0
        position = np.cumsum(queries_left) - 1
        first = np.full(count, len(position))
        np.minimum.at(first, row[queries_left], position[queries_left])
        position = position - first[row]
        length = np.bincount(row[queries_left], minlength=count)
        kind = random.random(count)
        shortened = self._settings.query_shortened
        cut_below = 0.6 * shortened
        cut = 1 + (random.random(count) * length).astype(np.int64)
        drop = (kind[row] < cut_below) & (position >= cut[row])
        drop |= (kind[row] >= cut_below) & (kind[row] < shortened) & (position > 0) & (random.random(len(row)) < 0.4)
        queries.data[drop & queries_left] = 0

    def _not_negative(
        self, queries: sparse.csr_matrix, chosen: NDArray[np.int64], sides: NDArray[np.int32]
    ) -> BoolMatrix:
        """Mark (i, j) when document j is no wrong answer to query i: it holds all its words, or shares a whole name."""
        queries.eliminate_zeros()
        asked = queries.sign()
        held = (asked @ self._words_of_entry[chosen].T).toarray()
        masked: BoolMatrix = held >= asked.sum(axis=1).A1[:, None] - 0.5
        for column in range(sides.shape[1]):
            names = sides[:, column]
            masked |= (names[:, None] == names[None, :]) & (names >= 0)[:, None]
        np.fill_diagonal(masked, val=False)
        return masked


def _merge_sides(sides: NDArray[np.int32], texts: sparse.csr_matrix) -> sparse.csr_matrix:
    present = sides >= 0
    starts = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    pick = sparse.csr_matrix(
        (np.ones(int(starts[-1]), dtype=np.float32), sides[present], starts), shape=(len(sides), texts.shape[0])
    )
    return sparse.csr_matrix(pick @ texts)


def _entry_keys(matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    keys: NDArray[np.int64] = rows * matrix.shape[1] + matrix.indices
    return keys


class BagModel:
    """The table and its optimiser state."""

    def __init__(self, features: sparse.csr_matrix, settings: TrainingSettings, random: np.random.Generator) -> None:
        buckets = features.shape[1]
        self.table: FloatMatrix = random.standard_normal((buckets, settings.dimensions), dtype=np.float32)
        self.table *= np.float32(settings.dimensions**-0.5)
        self._features = features
        self._squares = np.full(buckets, 1e-8, dtype=np.float32)
        self._settings = settings

    def step(self, batch: Batch, learning_rate: float) -> tuple[float, float]:
        """Take one step; return the loss and the share of queries whose own document scores best."""
        count = batch.queries.shape[0]
        both = sparse.vstack([batch.queries, batch.documents], format="csr")
        vocabulary, both = used_columns(both)
        rows, features = used_columns(self._features[vocabulary])
        raw = np.asarray(both @ (features @ self.table[rows]))
        lengths = np.sqrt(np.einsum("ij,ij->i", raw, raw))[:, None] + np.float32(1e-6)
        unit = raw / lengths
        loss, accuracy, towards_queries, towards_documents = self._loss(unit[:count], unit[count:], batch.not_negative)
        gradient = np.concatenate([towards_queries, towards_documents])
        gradient -= np.einsum("ij,ij->i", gradient, unit)[:, None] * unit
        gradient /= lengths
        # .tocsr(): a transposed product walks memory by columns and takes twice as long
        of_rows = np.asarray(features.T.tocsr() @ (both.T.tocsr() @ gradient))
        self._squares[rows] += np.einsum("ij,ij->i", of_rows, of_rows) / of_rows.shape[1]
        self.table[rows] -= of_rows * (learning_rate / np.sqrt(self._squares[rows]))[:, None]
        return loss, accuracy

    def _loss(
        self, queries: FloatMatrix, documents: FloatMatrix, not_negative: BoolMatrix
    ) -> tuple[float, float, FloatMatrix, FloatMatrix]:
        scale = np.float32(self._settings.inverse_temperature)
        scores = (queries @ documents.T) * scale
        scores[not_negative] = -np.inf
        own = scores.diagonal().copy()
        across = _softmax(scores, axis=1)
        down = _softmax(scores, axis=0)
        chosen = np.maximum(across.diagonal() * down.diagonal(), np.float32(1e-30))
        loss = float(-0.5 * np.log(chosen).mean())
        accuracy = float((own >= scores.max(axis=1)).mean())
        of_scores = across
        of_scores += down
        of_scores[np.diag_indices_from(of_scores)] -= 2
        of_scores *= scale / np.float32(2 * len(scores))
        return loss, accuracy, of_scores @ documents, of_scores.T @ queries


def _softmax(scores: FloatMatrix, axis: int) -> FloatMatrix:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True), dtype=np.float32)


def plan_steps(entries: int, settings: TrainingSettings) -> int:
    """Return the number of steps: ``epochs`` passes over the entries within the bounds of the settings."""
    wanted = round(settings.epochs * entries / settings.batch)
    return max(settings.least_steps, min(settings.most_steps, wanted))


def train(
    corpus: ParallelCorpus, settings: TrainingSettings, report: Callable[[int], None] = lambda _steps: None
) -> TrainingResult:
    """Train a table on a corpus with at least one entry; ``report`` is called after every step.

    The result is the same for the same corpus, settings and machine unless the time budget ends it early.
    """
    random = np.random.default_rng(settings.seed)
    model = BagModel(corpus.features, settings, random)
    sampler = BatchSampler(corpus, settings, random)
    steps = plan_steps(corpus.entries, settings)
    started = monotonic()
    loss, accuracy, done = 0.0, 0.0, 0
    for done in range(1, steps + 1):
        rate = settings.learning_rate * max(0.02, 1 - (done - 1) / steps)
        # One thread: with two on two busy processors a step took 220 ms instead of 70, waiting for the other half.
        with threadpool_limits(limits=1, user_api="blas"):
            step_loss, step_accuracy = model.step(sampler.draw(), rate)
        memory = min(0.95, 1 - 1 / done)
        loss = memory * loss + (1 - memory) * step_loss
        accuracy = memory * accuracy + (1 - memory) * step_accuracy
        report(1)
        if monotonic() - started > settings.time_budget:
            break
    return TrainingResult(model.table, done, steps, monotonic() - started, loss, accuracy)
