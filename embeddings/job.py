"""The batch job that makes the catalogue searchable.

Stage: embeddings (MARTS -> VECTORS). Reads ``staging_marts.dim_product_search``; writes its columns ``embedding``,
``embedding_model``, ``indexed_content_hash`` and ``search_vector``, the active version's table of vectors, the indexes,
``search_term``, ``search_suggestion`` and ``embeddings.vector_store``.

Only products that the queue names are touched (``embeddings.queue``). Batches are committed one by one: a job that was
killed goes on where it stopped. Any number of jobs may run at once, on any number of machines.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from psycopg import Connection, sql

from cordsearch.database import connect
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.drain import Drained, Pace, Worker
from embeddings.encoder import Encoder, ModelError, load_encoder
from embeddings.index_progress import index_progress
from embeddings.indexes import Index, build_indexes, document_indexes, missing_indexes, order_heap, vector_indexes
from embeddings.mart_copy import copy_all_to_mart, fit_column
from embeddings.recall import IndexRecall, measure_recall
from embeddings.registry import RegisteredModel, create_schema, read_active_model
from embeddings.versions import prepare_version, vector_table
from embeddings.vocabulary import dictionary_is_stale, most_additions, update_dictionary

_REBUILD_FRACTION = 0.3  # a table that is written anew to this share is put in order while nothing searches it
_FEWEST_TO_REBUILD = 1_000
_SECONDS_BETWEEN_LOOKS = 0.5  # at other workers' claims, before indexes are built


@dataclass
class EmbeddingReport:
    """What a run did. ``seconds`` per step.

    ``dictionary_is_stale``: so much changed that the counts of words should be made anew; see ``rebuild_dictionary``.
    """

    model_id: str
    products: int = 0
    pending: int = 0
    written: int = 0
    encoded_texts: int = 0
    restored_texts: int = 0
    failed: int = 0
    rebuilt: bool = False
    indexes_built: tuple[str, ...] = ()
    recall: IndexRecall | None = None
    dictionary_is_stale: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        steps = ", ".join(f"{step} {seconds:.1f}s" for step, seconds in self.seconds.items())
        texts = f"{self.encoded_texts:,} texts encoded, {self.restored_texts:,} taken from the vector store"
        work = f"{self.written:,} of {self.products:,} products written with {self.model_id}"
        lines = [f"{work}: {texts} ({steps or 'nothing to do'})"]
        if self.failed:
            lines.append(f"{self.failed:,} texts could not be encoded: cordsearch embed dead-letters list")
        if self.recall is not None:
            lines.append(f"The vector index: {self.recall}")
        return "\n".join(lines)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of a ``with`` block to the step."""
        started = monotonic()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + monotonic() - started

    def add(self, done: Drained) -> None:
        """Add what a worker did."""
        self.written += done.written
        self.encoded_texts += done.encoded_texts
        self.restored_texts += done.restored_texts
        self.failed += done.failed


def run_embedding_job(
    warehouse_url: str, settings: Settings, *, check: bool = False, rebuild_dictionary: bool = True
) -> EmbeddingReport:
    """Bring vectors, search documents, dictionary and indexes up to date with the mart.

    Args:
        warehouse_url: libpq URL of the warehouse.
        settings: where models are kept, how large batches are and how much rest there is between them.
        check: compare every product with its vector first, instead of trusting the queue.
        rebuild_dictionary: False leaves a stale dictionary (15 s at full size) to :func:`rebuild_dictionary`.

    Raises:
        ModelError: no model is active, it cannot be opened, or it encodes nothing.
        CordSearchError: the warehouse cannot be reached.
    """
    with connect(warehouse_url, autocommit=True) as reader, connect(warehouse_url, autocommit=True) as writer:
        create_schema(reader)
        model = _active_model(reader)
        encoder = open_encoder(model, settings.model_directory)
        report = EmbeddingReport(encoder.model_id)
        report.products = prepare_version(writer, model, encoder, check=check)
        fit_column(writer, model.dimensions)
        pace = Pace(settings.embedding_batch_size, settings.embedding_rest)
        worker = Worker(reader, writer, encoder, pace, is_active=True)
        report.pending = worker.queue.count()
        changed = Drained()
        if report.pending:
            with report.timed("documents"):
                changed = worker.drain_shared(warehouse_url, report.pending, most_additions(report.products))
            report.add(changed)
        indexes = (*document_indexes(), *vector_indexes(model.model_id, model.dimensions))
        if missing_indexes(writer, indexes):
            wait_for_others(worker)
            _build(warehouse_url, writer, indexes, report, encoder, settings)
        with report.timed("dictionary"):
            update_dictionary(
                reader, writer, report.products, changed.changed, report.written, may_rebuild=rebuild_dictionary
            )
            report.dictionary_is_stale = dictionary_is_stale(writer, report.products)
        if model.built is not None and not model.mart_copied:  # a switch was killed after it switched
            with report.timed("copy to the mart"):
                copy_all_to_mart(writer, model, pace)
    return report


def _active_model(connection: Connection[Any]) -> RegisteredModel:
    model = read_active_model(connection)
    if model is None:
        raise ModelError("No embedding model is active. Train one with: cordsearch embed train")
    return model


def open_encoder(model: RegisteredModel, model_directory: Path) -> Encoder:
    """Return the encoder of a model; the last two stay open, for a process that runs the job again and again."""
    return _open_encoder(model.model_id, model.path, json.dumps(model.options, sort_keys=True), model_directory)


@lru_cache(maxsize=2)
def _open_encoder(model_id: str, path: str, options: str, model_directory: Path) -> Encoder:
    return load_encoder(path, model_directory, model_id=model_id, options=json.loads(options))


def wait_for_others(worker: Worker) -> None:
    """Wait until no worker has anything of this version left, and do what a dead one leaves behind."""
    while left := worker.queue.count():
        if not worker.drain(left).written:
            sleep(_SECONDS_BETWEEN_LOOKS)


def _build(
    warehouse_url: str,
    writer: Connection[Any],
    indexes: tuple[Index, ...],
    report: EmbeddingReport,
    encoder: Encoder,
    settings: Settings,
) -> None:
    """Build what is missing. Without its full-text indexes nothing searches the mart, so it may be put in order."""
    mass = max(_FEWEST_TO_REBUILD, report.products * _REBUILD_FRACTION)
    report.rebuilt = report.written > mass and bool(missing_indexes(writer, document_indexes()))
    if report.rebuilt:
        with report.timed("order"):
            order_heap(writer)

    @contextmanager
    def watched(step: str) -> Iterator[None]:
        with report.timed(step), index_progress(warehouse_url, writer.info.backend_pid, step):
            yield

    built = build_indexes(writer, indexes, report.products, watched)
    report.indexes_built = tuple(index.name for index in built)
    finish_version(writer, report, encoder, settings, measure=indexes[-1] in built)
    if report.rebuilt:
        with report.timed("analyse"):
            writer.execute("vacuum (analyze) staging_marts.dim_product_search")


def finish_version(
    writer: Connection[Any], report: EmbeddingReport, encoder: Encoder, settings: Settings, *, measure: bool
) -> None:
    """Say that a version may be searched; ``measure``: its vector index is new, see how good it is."""
    if measure:
        with report.timed("analyse"):
            writer.execute(sql.SQL("vacuum (analyze) {}").format(vector_table(report.model_id)))
        with report.timed("recall"):
            report.recall = measure_recall(writer, encoder, settings.search_ef_search)
    writer.execute(load_query(__file__, "sql/version_built.sql"), {"model": report.model_id})
