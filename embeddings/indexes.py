"""The indexes over vectors and search documents, and the order of the mart below them.

Stage: embeddings. Reads and writes the physical form of ``staging_marts.dim_product_search`` and of a version's table.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from psycopg import Connection, errors, sql

from cordsearch.sql import load_query
from embeddings.versions import SCHEMA, supplier_index_name, vector_index_name, vector_table

_MART = "staging_marts"
_BUILD_LOCK = 0x636F7266  # one builder at a time: the next one finds nothing missing
# A parallel HNSW build reserves all of maintenance_work_mem in shared memory, so ask for what it needs: a node of
# 256 half floats with 16 + 32 neighbours takes about 1,100 bytes (278,698 rows: 300 MB).
_BYTES_PER_ROW, _BYTES_PER_DIMENSION = 900, 2
_LEAST_MEMORY_MB, _MOST_MEMORY_MB = 64, 4_096
_REWRITE_MEMORY_MB = 256
_PARALLEL_WORKERS = 3


class Index(NamedTuple):
    """An index that search needs.

    ``bytes_per_row``: memory that building it takes. ``before``: what puts its table in order first.
    """

    schema: str
    name: str
    label: str
    statement: sql.Composed
    bytes_per_row: int = 0
    before: sql.Composed | None = None


def document_indexes() -> tuple[Index, ...]:
    """Return the indexes of the mart that words and filters use, in building order."""
    files = {
        "dim_product_search_words_and_filters_best": "sql/create_index_best.sql",
        "dim_product_search_words_and_filters": "sql/create_index_fulltext.sql",
        "dim_product_search_vendor_code": "sql/create_index_vendor_code.sql",
    }
    return tuple(
        Index(_MART, name, name.removeprefix("dim_product_search_"), sql.SQL(load_query(__file__, file)).format())
        for name, file in files.items()
    )


def vector_indexes(model_id: str, dimensions: int) -> tuple[Index, Index]:
    """Return the indexes of a version in building order: over its suppliers, and HNSW over its vectors."""
    table, supplier, nearest = vector_table(model_id), supplier_index_name(model_id), vector_index_name(model_id)

    def statement(file: str, index: str) -> sql.Composed:
        return sql.SQL(load_query(__file__, file)).format(index=sql.Identifier(index), vectors=table)

    return (
        Index(SCHEMA, supplier, "supplier", statement("sql/create_index_vector_supplier.sql", supplier)),
        Index(
            SCHEMA,
            nearest,
            "embedding",
            statement("sql/create_index_vector.sql", nearest),
            _BYTES_PER_ROW + _BYTES_PER_DIMENSION * dimensions,
            before=statement("sql/order_vectors.sql", supplier),
        ),
    )


def missing_indexes(connection: Connection[Any], wanted: Sequence[Index]) -> list[Index]:
    """Return those that are not there or were left invalid."""
    names = [f"{index.schema}.{index.name}" for index in wanted]
    missing = {row[0] for row in connection.execute(load_query(__file__, "sql/missing_indexes.sql"), {"names": names})}
    return [index for index, name in zip(wanted, names, strict=True) if name in missing]


def order_heap(connection: Connection[Any]) -> None:
    """Rewrite the mart with the best products first. Locks it for the seconds that takes."""
    _rewrite(connection, sql.SQL(load_query(__file__, "sql/order_heap.sql")).format(), _PARALLEL_WORKERS)


def build_indexes(
    connection: Connection[Any],
    wanted: Sequence[Index],
    rows: int,
    timed: Callable[[str], AbstractContextManager[None]],
    *,
    alone: bool = False,
) -> tuple[Index, ...]:
    """Build the indexes that are missing, one job at a time; ``rows`` sizes the memory. Returns those it built.

    ``alone``: with one process, which takes longer and leaves the other processors to the searches.
    """
    connection.execute("select pg_advisory_lock(%s)", [_BUILD_LOCK])
    try:
        missing = missing_indexes(connection, wanted)
        for index in missing:
            with timed(f"index {index.label}"):
                _build(connection, index, rows, alone=alone)
        return tuple(missing)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [_BUILD_LOCK])


def _build(connection: Connection[Any], index: Index, rows: int, *, alone: bool) -> None:
    left = sql.SQL("drop index if exists {}").format(sql.Identifier(index.schema, index.name))
    connection.execute(left)  # left invalid by another
    if index.before is not None:
        _rewrite(connection, index.before)
    megabytes = rows * index.bytes_per_row >> 20
    for workers in (0,) if alone else (_PARALLEL_WORKERS, 0):
        try:
            with connection.transaction():
                _set_resources(connection, megabytes, workers)
                connection.execute(index.statement)
        except errors.DiskFull:  # a container with a small /dev/shm: the build then works alone
            if not workers:
                raise
        else:
            return


def _rewrite(connection: Connection[Any], statement: sql.Composed, workers: int = 0) -> None:
    with connection.transaction():
        _set_resources(connection, _REWRITE_MEMORY_MB, workers)
        connection.execute(statement)


def _set_resources(connection: Connection[Any], megabytes: int, workers: int) -> None:
    memory = min(_MOST_MEMORY_MB, max(_LEAST_MEMORY_MB, megabytes))
    connection.execute("select set_config('maintenance_work_mem', %s, true)", [f"{memory}MB"])
    connection.execute("select set_config('max_parallel_maintenance_workers', %s, true)", [str(workers)])
