"""The batch job that makes the catalogue searchable.

Stage: embeddings (MARTS -> VECTORS). Reads ``staging_marts.dim_product_search``; writes its columns ``embedding``,
``embedding_model``, ``indexed_content_hash`` and ``search_vector``, the indexes over them, ``search_term``,
``search_suggestion`` and ``embeddings.vector_store``.

Only products whose ``content_hash`` is not the indexed one, or whose vector is of another model, are touched. Batches
are committed one by one: a job that was killed goes on where it stopped.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from psycopg import Connection

from cordsearch.database import connect
from cordsearch.progress import Progress
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.batch import PendingProduct, PreparedBatch, prepare_batch, write_batch
from embeddings.encoder import Encoder, ModelError, load_encoder
from embeddings.index_progress import index_progress
from embeddings.indexes import build_indexes, drop_indexes, order_heap
from embeddings.registry import create_schema, read_active_model
from embeddings.vocabulary import most_additions, update_dictionary

_LOCK = 0x636F7264  # "cord": one job at a time per warehouse
_REBUILD_FRACTION = 0.3  # from here on dropping and rebuilding the indexes is faster than updating them row by row
_FEWEST_TO_REBUILD = 1_000


@dataclass
class EmbeddingReport:
    """What a run did. ``seconds`` per step."""

    model_id: str
    products: int = 0
    pending: int = 0
    written: int = 0
    encoded_texts: int = 0
    restored_texts: int = 0
    rebuilt: bool = False
    indexes_built: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        steps = ", ".join(f"{step} {seconds:.1f}s" for step, seconds in self.seconds.items())
        return (
            f"{self.written:,} of {self.products:,} products written with {self.model_id}: {self.encoded_texts:,} "
            f"texts encoded, {self.restored_texts:,} taken from the vector store ({steps or 'nothing to do'})"
        )

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of a ``with`` block to the step."""
        started = monotonic()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + monotonic() - started


def run_embedding_job(warehouse_url: str, settings: Settings) -> EmbeddingReport:
    """Bring vectors, search documents, dictionary and indexes up to date with the mart.

    Raises:
        ModelError: no model is active, it cannot be opened, or its vectors do not fit the column.
        CordSearchError: the warehouse cannot be reached.
    """
    with connect(warehouse_url, autocommit=True) as connection, connect(warehouse_url, autocommit=True) as writer:
        create_schema(connection)
        _take_lock(connection)
        encoder = _open_encoder(connection, settings)
        report = EmbeddingReport(encoder.model_id)
        report.products, report.pending = _count_pending(connection, encoder.model_id)
        report.rebuilt = report.pending > max(_FEWEST_TO_REBUILD, report.products * _REBUILD_FRACTION)
        if report.rebuilt:
            drop_indexes(writer)
        with report.timed("documents"):
            changed = _write_pending(connection, writer, encoder, report, settings.embedding_batch_size)
        if report.rebuilt:
            with report.timed("order"):
                order_heap(writer)

        @contextmanager
        def watched(step: str) -> Iterator[None]:
            with report.timed(step), index_progress(warehouse_url, writer.info.backend_pid, step):
                yield

        report.indexes_built = build_indexes(writer, report.products, watched)
        with report.timed("dictionary"):
            update_dictionary(connection, writer, report.products, changed, report.written)
        if report.written > most_additions(report.products):  # 3.6 s at full size: a few rows are left to autovacuum
            with report.timed("analyse"):
                writer.execute("vacuum (analyze) staging_marts.dim_product_search")
    return report


def _take_lock(connection: Connection[Any]) -> None:
    row = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    if row is None or not row[0]:
        raise ModelError("Another embedding job is at work on this warehouse. Wait for it to end, then run again.")


def _open_encoder(connection: Connection[Any], settings: Settings) -> Encoder:
    model = read_active_model(connection)
    if model is None:
        raise ModelError("No embedding model is active. Train one with: cordsearch embed train")
    encoder = load_encoder(model.path, settings.model_directory)
    column = connection.execute(load_query(__file__, "sql/embedding_dimensions.sql")).fetchone()
    if column is None:
        raise ModelError("staging_marts.dim_product_search is missing. Make it with: cordsearch transform")
    if column[0] not in (-1, encoder.dimensions):
        raise ModelError(
            f"The model {model.model_id} makes vectors of {encoder.dimensions} dimensions, the column "
            f"staging_marts.dim_product_search.embedding holds {column[0]}. Train a model that fits, or set "
            f"CORDSEARCH_EMBEDDING_DIMENSIONS and rebuild the mart: cordsearch transform --full-refresh"
        )
    return encoder


def _count_pending(connection: Connection[Any], model_id: str) -> tuple[int, int]:
    row = connection.execute(load_query(__file__, "sql/count_pending.sql"), {"model": model_id}).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _write_pending(
    connection: Connection[Any], writer: Connection[Any], encoder: Encoder, report: EmbeddingReport, batch_size: int
) -> list[PendingProduct]:
    """Prepare one batch while the one before is being written; return the first products that changed."""

    def finish(writing: Future[int] | None) -> int:
        return writing.result() if writing is not None else 0

    def write(batch: PreparedBatch) -> int:
        return write_batch(writer, encoder.model_id, batch)

    writing: Future[int] | None = None
    being_stored: frozenset[str] = frozenset()
    changed: list[PendingProduct] = []
    with (
        Progress("vectors and documents", total=report.pending, unit="products") as progress,
        ThreadPoolExecutor(max_workers=1) as thread,
    ):
        for products in _pending_batches(connection, encoder.model_id, batch_size):
            batch = prepare_batch(connection, encoder, products, being_stored)
            being_stored = batch.new_hashes
            report.encoded_texts += len(batch.new_hashes)
            report.restored_texts += batch.restored
            if len(changed) <= most_additions(report.products):  # beyond, the dictionary is built anew
                changed.extend(products)
            report.written += finish(writing)
            writing = thread.submit(write, batch)
            progress.advance(batch.products)
        report.written += finish(writing)
    return changed


def _pending_batches(connection: Connection[Any], model_id: str, size: int) -> Iterator[list[PendingProduct]]:
    query = load_query(__file__, "sql/read_pending.sql")
    after = -(2**63)
    while True:
        rows = connection.execute(query, {"after": after, "model": model_id, "limit": size}, binary=True).fetchall()
        if not rows:
            return
        yield [PendingProduct(*row) for row in rows]
        after = rows[-1][0]
