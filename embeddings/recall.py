"""How much the approximate index finds of what exact search finds.

Stage: embeddings. Reads a version's table and names of products; writes ``embeddings.model.metrics``.

The queries are names of randomly drawn products in one language, encoded as queries: what people type, not what was
indexed. Exact search is one matrix product over all vectors in this process.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from cordsearch.sql import load_query
from embeddings.encoder import Encoder
from embeddings.versions import vector_table

_QUERIES = 100
_NEIGHBOURS = 10
_ROUNDING = 1e-3  # half floats on both sides: neighbours this close to the last one are as good
_COPY_HEADER_BYTES = 19
_CHUNK_ROWS = 50_000


class IndexRecall(NamedTuple):
    """Share of the ten nearest vectors that the index finds, on average over the queries."""

    recall_at_10: float
    queries: int
    vectors: int
    ef_search: int

    def __str__(self) -> str:
        return (
            f"recall@10 {self.recall_at_10:.4f} against exact search ({self.queries} queries, "
            f"{self.vectors:,} vectors, ef_search {self.ef_search})"
        )


def measure_recall(connection: Connection[Any], encoder: Encoder, ef_search: int) -> IndexRecall | None:
    """Compare the HNSW index with exact search and keep the result; None when there is nothing to compare.

    A neighbour counts as found when its similarity is that of the tenth exact one or better: products with equal
    texts have equal vectors, and which of them comes back does not matter.
    """
    queries = _queries(connection, encoder)
    if not len(queries):
        return None
    worst, vectors = _tenth_similarity(connection, encoder, queries)
    wanted = min(_NEIGHBOURS, vectors)
    found = 0
    statement = sql.SQL(load_query(__file__, "sql/nearest.sql")).format(vectors=vector_table(encoder.model_id))
    with connection.transaction():
        connection.execute("set local enable_seqscan = off")
        connection.execute("select set_config('hnsw.ef_search', %s, true)", [str(ef_search)])
        for query, least in zip(queries, worst, strict=True):
            text = "[" + ",".join(map(str, query.tolist())) + "]"
            rows = connection.execute(statement, {"query": text, "limit": wanted}).fetchall()
            found += sum(row[0] >= least - _ROUNDING for row in rows)
    recall = IndexRecall(round(found / (wanted * len(queries)), 4), len(queries), vectors, ef_search)
    connection.execute(
        load_query(__file__, "sql/keep_metrics.sql"),
        {"model": encoder.model_id, "metrics": Jsonb({"index": recall._asdict()})},
    )
    return recall


def _queries(connection: Connection[Any], encoder: Encoder) -> NDArray[np.float32]:
    names = connection.execute(load_query(__file__, "sql/draw_names.sql"), {"limit": _QUERIES}).fetchall()
    vectors = [encoder.encode_query(name) for (name,) in names]
    return np.array([vector for vector in vectors if vector.any()], dtype=np.float32)


def _tenth_similarity(
    connection: Connection[Any], encoder: Encoder, queries: NDArray[np.float32]
) -> tuple[NDArray[np.float32], int]:
    """Return the similarity of each query's tenth nearest vector, shape (queries,), and how many vectors there are."""
    best = np.full((len(queries), _NEIGHBOURS), -np.inf, dtype=np.float32)
    total = 0
    for vectors in _all_vectors(connection, encoder):
        total += len(vectors)
        together = np.concatenate([best, queries @ vectors.T], axis=1)
        best = -np.partition(-together, _NEIGHBOURS - 1, axis=1)[:, :_NEIGHBOURS]
    best.sort(axis=1)
    return best[:, max(0, _NEIGHBOURS - total)], total


def _all_vectors(connection: Connection[Any], encoder: Encoder) -> Iterator[NDArray[np.float32]]:
    """Yield every vector of the version, in chunks of shape (rows, dimensions).

    A row of the binary COPY format is the number of fields, a length, and what ``halfvec_send`` gives: the number of
    dimensions, zero, big-endian half floats. All rows are equally long.
    """
    row = np.dtype([("fields", ">i2"), ("length", ">i4"), ("header", ">i2", 2), ("vector", ">f2", encoder.dimensions)])
    statement = sql.SQL(load_query(__file__, "sql/copy_vectors.sql")).format(vectors=vector_table(encoder.model_id))
    waiting = bytearray()
    skip = _COPY_HEADER_BYTES
    with connection.cursor().copy(statement) as copy:
        for data in copy:
            waiting += data
            if skip and len(waiting) >= skip:
                del waiting[:skip]
                skip = 0
            if not skip and len(waiting) >= _CHUNK_ROWS * row.itemsize:
                whole = len(waiting) // row.itemsize
                yield np.frombuffer(bytes(waiting[: whole * row.itemsize]), row)["vector"].astype(np.float32)
                del waiting[: whole * row.itemsize]
    whole = len(waiting) // row.itemsize  # what is left after them is the end mark
    if whole:
        yield np.frombuffer(bytes(waiting[: whole * row.itemsize]), row)["vector"].astype(np.float32)
