"""Does the encoder place a product whose name in one language is missing near that name? By vector alone.

Reads the names of ``staging_marts.dim_product_search`` and the part types of ``demo.product_truth`` in the demo source;
writes ``benchmarks/results/embeddings_recall.{json,md}``. Trains models of its own and registers none.

What is measured. Names are compared as their folded words, so spelling variants of a name count as one name.

* *Random 30%*: of all distinct names in one language, 30% are drawn at random and taken away from **every** product
  that carries them.
* *30% of part types*: 30% of the part types are drawn, and every name they have in that language is taken away. No name
  of such a part is left in that language; only cognates, makes, sizes and words shared with other parts can help.

A name that is taken away goes from every field: a Ukrainian field that repeats the missing Russian name loses it too.
Then a model is trained on what is left; it never sees a removed name. Synonyms are left out on both sides, as they
would give removed words away. Documents are the distinct tuples of the names that are left, over the whole catalogue.
The query is a removed name; it is *found* when a document it was removed from is among the ten nearest by cosine over
all documents. Products with the same names are one document. Only names that leave another name behind are asked for.

The baseline is latent semantic analysis, trained and asked in the same way: TF-IDF of character 3-5-grams within words,
truncated singular value decomposition to the same number of dimensions (Deerwester et al. 1990; randomised as in Halko,
Martinsson and Tropp 2011, algorithm 5.1), fitted on at most 20,000 documents.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg, sparse

from benchmarks.report import markdown_table, write_result
from cordsearch.database import DEMO_SOURCE_DATABASE, connect, database_url, warehouse
from cordsearch.settings import load_settings
from embeddings.bag import FloatMatrix, normalise_rows
from embeddings.contrastive import TrainingSettings, train
from embeddings.parallel import Names, build_corpus
from embeddings.static_encoder import StaticEncoder, metadata_of
from embeddings.text import ProductText, is_junk, product_text, words

LANGUAGES = ("ru", "uk", "pl")
REMOVED = 0.3
MOST_QUERIES = 2_000
MOST_LSA_DOCUMENTS = 20_000
GOAL = 0.95
_NAMES_SQL = "select product_id, name_ru, name_uk, name_pl from staging_marts.dim_product_search order by product_id"
_TRUTH_SQL = "select product_id, part_type from demo.product_truth"

Entry = tuple[str | None, str | None, str | None]


class Row(NamedTuple):
    """The names of a product and its true part type."""

    names: Entry
    part_type: str


@dataclass(frozen=True)
class Task:
    """Names with some taken away: what is left, what is asked, and where each removed name belongs."""

    left: list[Entry]  # distinct documents
    queries: list[str]
    answers: list[set[int]]  # per query, numbers of documents


def read_catalogue(warehouse_url: str, source_url: str | None) -> list[Row]:
    """Return every product with its names and its true part type."""
    with connect(source_url or database_url(warehouse_url, DEMO_SOURCE_DATABASE)) as source:
        truth = dict(source.execute(_TRUTH_SQL).fetchall())
    with connect(warehouse_url) as connection:
        return [Row((ru, uk, pl), truth.get(key, "?")) for key, ru, uk, pl in connection.execute(_NAMES_SQL)]


@cache
def name_key(name: str | None) -> tuple[str, ...]:
    """Return what makes two spellings the same name; empty for junk."""
    return () if name is None or is_junk(name) else tuple(words(name))


def removed_keys(rows: Sequence[Row], language: int, kind: str, random: np.random.Generator) -> set[tuple[str, ...]]:
    """Draw the names to take away."""
    if kind == "random":
        distinct = sorted({name_key(row.names[language]) for row in rows} - {()})
        return {distinct[at] for at in random.permutation(len(distinct))[: int(len(distinct) * REMOVED)]}
    part_types = sorted({row.part_type for row in rows})
    chosen = {part_types[at] for at in random.permutation(len(part_types))[: int(len(part_types) * REMOVED)]}
    return {name_key(row.names[language]) for row in rows if row.part_type in chosen} - {()}


def make_task(rows: Sequence[Row], language: int, kind: str, random: np.random.Generator) -> Task:
    """Take names in one language away (see the module's description) and say what to ask for."""
    gone = removed_keys(rows, language, kind, random)
    documents: dict[Entry, int] = {}
    asked: dict[tuple[str, ...], str] = {}
    answers: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for row in rows:
        ru, uk, pl = (None if not name_key(name) or name_key(name) in gone else name for name in row.names)
        if (ru, uk, pl) == (None, None, None):
            continue
        number = documents.setdefault((ru, uk, pl), len(documents))
        key = name_key(row.names[language])
        if key in gone:
            asked.setdefault(key, row.names[language] or "")
            answers[key].add(number)
    keys = sorted(asked)
    keys = [keys[at] for at in sorted(random.permutation(len(keys))[:MOST_QUERIES])]
    return Task(list(documents), [asked[key] for key in keys], [answers[key] for key in keys])


def recall(queries: FloatMatrix, documents: FloatMatrix, answers: Sequence[set[int]], top: int = 10) -> float:
    """Return the share of queries with one of their documents among the ``top`` nearest."""
    found = 0
    for start in range(0, len(queries), 250):
        scores = queries[start : start + 250] @ documents.T
        nearest = np.argpartition(-scores, min(top, scores.shape[1] - 1), axis=1)[:, :top]
        found += sum(bool(answers[start + at] & set(row.tolist())) for at, row in enumerate(nearest))
    return found / max(1, len(queries))


def document_text(entry: Entry) -> str:
    """Return the text the job would encode for a product with these names."""
    return product_text(ProductText(*entry))


def contrastive_recall(task: Task, settings: TrainingSettings) -> tuple[float, dict[str, Any]]:
    """Train the model on what is left; return recall and facts of the training."""
    corpus = build_corpus(Names(*entry) for entry in task.left)
    result = train(corpus, settings)
    encoder = StaticEncoder(metadata_of(result.table, {}), result.table.astype(np.float16))
    documents = encoder.encode_texts([document_text(entry) for entry in task.left])
    value = recall(encoder.encode_texts(task.queries), documents, task.answers)
    return value, {"steps": result.steps, "seconds": round(result.seconds, 1), "entries": corpus.entries}


class LatentSemanticAnalysis:
    """TF-IDF of character 3-5-grams and a truncated singular value decomposition."""

    def __init__(self, texts: Sequence[str], dimensions: int, random: np.random.Generator) -> None:
        sample = [texts[at] for at in sorted(random.permutation(len(texts))[:MOST_LSA_DOCUMENTS])]
        self._columns: dict[str, int] = {}
        counts = self._counts(sample, grow=True)
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        self._idf = (np.log((1 + counts.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
        self._projection = _right_singular_vectors(self._weighted(counts), dimensions, random)

    def _counts(self, texts: Sequence[str], *, grow: bool) -> sparse.csr_matrix:
        indices: list[int] = []
        starts = [0]
        for text in texts:
            for word in words(text):
                marked = f"<{word}>"
                for size in (3, 4, 5):
                    for at in range(len(marked) - size + 1):
                        ngram = marked[at : at + size]
                        column = (
                            self._columns.setdefault(ngram, len(self._columns)) if grow else self._columns.get(ngram)
                        )
                        if column is not None:
                            indices.append(column)
            starts.append(len(indices))
        data = np.ones(len(indices), dtype=np.float32)
        matrix = sparse.csr_matrix((data, indices, starts), shape=(len(texts), len(self._columns)))
        matrix.sum_duplicates()
        return matrix

    def _weighted(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        counts.data = (1 + np.log(counts.data)) * self._idf[counts.indices]
        lengths = np.sqrt(np.bincount(_row_numbers(counts), counts.data**2, minlength=counts.shape[0]))
        counts.data /= np.maximum(lengths, 1e-9)[_row_numbers(counts)]
        return counts

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of texts, shape (len(texts), dimensions), length one."""
        projected = self._weighted(self._counts(texts, grow=False)) @ self._projection
        return normalise_rows(np.ascontiguousarray(projected, dtype=np.float32))


def _row_numbers(matrix: sparse.csr_matrix) -> Any:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _right_singular_vectors(matrix: sparse.csr_matrix, dimensions: int, random: np.random.Generator) -> FloatMatrix:
    """Return the leading right singular vectors, shape (columns, dimensions), by three subspace iterations."""
    width = min(dimensions + 20, *matrix.shape)
    basis = random.standard_normal((matrix.shape[1], width), dtype=np.float32)
    transposed = matrix.T.tocsr()
    for _ in range(3):
        left, _r = linalg.qr(matrix @ basis, mode="economic")
        basis, _r = linalg.qr(transposed @ left, mode="economic")
    _u, _s, right = linalg.svd(matrix @ basis, full_matrices=False)
    vectors: FloatMatrix = basis @ right[:dimensions].T
    return vectors


def lsa_recall(task: Task, dimensions: int, random: np.random.Generator) -> float:
    """Return the recall of latent semantic analysis on the same task."""
    documents = [document_text(entry) for entry in task.left]
    model = LatentSemanticAnalysis(documents, dimensions, random)
    return recall(model.encode(task.queries), model.encode(documents), task.answers)


def measure(rows: Sequence[Row], settings: TrainingSettings, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Run every task; return one record each."""
    records = []
    for kind in kinds:
        for number, language in enumerate(LANGUAGES):
            random = np.random.default_rng([settings.seed, number, kind == "random"])
            task = make_task(rows, number, kind, random)
            started = time.perf_counter()
            value, facts = contrastive_recall(task, settings)
            record = {
                "removed": kind,
                "language": language,
                "documents": len(task.left),
                "queries": len(task.queries),
                "recall_at_10": round(value, 4),
                "lsa_recall_at_10": round(lsa_recall(task, settings.dimensions, random), 4),
                "training": facts,
                "seconds": round(time.perf_counter() - started, 1),
            }
            records.append(record)
            print(json.dumps(record), flush=True)
    return records


def markdown(products: int, results: Sequence[dict[str, Any]]) -> str:
    """Return the results as a page."""
    titles = {"random": "random 30% of names", "part_types": "30% of part types"}
    header = ("removed", "language", "documents", "queries", "static model", "semantic analysis", "trained in, s")
    table = [
        (
            titles[each["removed"]],
            each["language"],
            each["documents"],
            each["queries"],
            each["recall_at_10"],
            each["lsa_recall_at_10"],
            round(each["training"]["seconds"]),
        )
        for each in results
    ]
    return (
        f"A product whose name in one language is missing, found by vector alone; demo catalogue of {products:,} "
        f"products.\nQuery: the missing name. Found: a document it was removed from is among the ten nearest of all "
        f"distinct documents.\nTraining never sees a removed name. Goal for the random 30%: {GOAL}.\n"
        f"`python -m benchmarks.embeddings_recall` says precisely what is counted.\n\n{markdown_table(header, table)}"
    )


def main() -> None:
    """Measure and write the result files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--warehouse-url", help="default: the warehouse of the settings")
    parser.add_argument("--source-url", help="default: the demo source beside the warehouse")
    parser.add_argument("--kinds", nargs="+", choices=("random", "part_types"), default=["random", "part_types"])
    arguments = parser.parse_args()
    settings = load_settings()
    if arguments.warehouse_url:
        rows = read_catalogue(arguments.warehouse_url, arguments.source_url)
    else:
        with warehouse(settings) as url:
            rows = read_catalogue(url, arguments.source_url)
    training = TrainingSettings(dimensions=settings.embedding_dimensions)
    results = measure(rows, training, arguments.kinds)
    figures = {"products": len(rows), "goal_random": GOAL, "training": asdict(training), "results": results}
    write_result("embeddings_recall", figures, markdown(len(rows), results))


if __name__ == "__main__":
    main()
