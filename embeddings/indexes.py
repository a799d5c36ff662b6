"""The indexes over vectors and search documents, and the order of the table below them.

Stage: embeddings. Reads and writes the physical form of ``staging_marts.dim_product_search`` only.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from psycopg import Connection, errors

from cordsearch.sql import load_query

# In building order, name -> file.
_INDEXES = {
    "dim_product_search_search_vector_best": "sql/create_index_best.sql",
    "dim_product_search_search_vector": "sql/create_index_fulltext.sql",
    "dim_product_search_embedding": "sql/create_index_vector.sql",
}
# A parallel HNSW build reserves all of maintenance_work_mem in shared memory, so ask for what it needs: a node of
# 256 half floats with 16 + 32 neighbours takes about 1,100 bytes (278,698 rows: 300 MB).
_BYTES_PER_ROW = 1_400
_LEAST_MEMORY_MB, _MOST_MEMORY_MB = 64, 4_096
_PARALLEL_WORKERS = 3


def drop_indexes(connection: Connection[Any]) -> None:
    """Drop the search indexes: the rows are about to be written anew."""
    with connection.transaction():
        connection.execute(load_query(__file__, "sql/drop_indexes.sql"))


def order_heap(connection: Connection[Any]) -> None:
    """Rewrite the table with the best products first. Locks it for the seconds that takes."""
    with connection.transaction():
        _set_resources(connection, rows=None, workers=_PARALLEL_WORKERS)
        connection.execute(load_query(__file__, "sql/order_heap.sql"))


def build_indexes(
    connection: Connection[Any], rows: int, timed: Callable[[str], AbstractContextManager[None]]
) -> tuple[str, ...]:
    """Build the search indexes that are missing; ``rows`` sizes the memory. Returns their names."""
    query = load_query(__file__, "sql/missing_indexes.sql")
    missing = tuple(row[0] for row in connection.execute(query, {"names": list(_INDEXES)}))
    for name in missing:
        with timed(f"index {name.removeprefix('dim_product_search_')}"):
            _build(connection, name, rows)
    return missing


def _build(connection: Connection[Any], name: str, rows: int) -> None:
    for workers in (_PARALLEL_WORKERS, 0):
        try:
            with connection.transaction():
                _set_resources(connection, rows, workers)
                connection.execute(f"drop index if exists staging_marts.{name}")  # left invalid by another
                connection.execute(load_query(__file__, _INDEXES[name]))
        except errors.DiskFull:  # a container with a small /dev/shm: the build then works alone
            if not workers:
                raise
        else:
            return


def _set_resources(connection: Connection[Any], rows: int | None, workers: int) -> None:
    megabytes = min(
        _MOST_MEMORY_MB, max(_LEAST_MEMORY_MB, (rows or 0) * _BYTES_PER_ROW >> 20, 256 if rows is None else 0)
    )
    connection.execute("select set_config('maintenance_work_mem', %s, true)", [f"{megabytes}MB"])
    connection.execute("select set_config('max_parallel_maintenance_workers', %s, true)", [str(workers)])
