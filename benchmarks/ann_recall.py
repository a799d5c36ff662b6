"""How much the HNSW index finds of what exact search finds, as it was built and after a fifth of the rows changed.

Takes the warehouse of ``--data-directory`` (``benchmarks.pipeline --keep`` and ``cordsearch demo`` build one). Two
kinds of queries: names of randomly drawn products, and the searches of the latency suite, understood and encoded as
the service does. The second are harder: a word or two lies at the edge of thousands of products that are all about as
near. Works on a copy of the table of vectors in a schema of its own, ``benchmark_ann``, which it drops at the end: the
copy is indexed as the embedding job does, measured at several ``ef_search``, then every fifth product gets the vector
of another one, and it is measured again.

    python -m benchmarks.ann_recall --data-directory .cordsearch
"""

import argparse
import asyncio
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

from benchmarks.latency.queries import read_questions
from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect, warehouse
from cordsearch.settings import Settings, load_settings
from cordsearch.sql import load_query
from embeddings import indexes
from embeddings.encoder import load_encoder
from embeddings.indexes import vector_indexes
from embeddings.versions import vector_table
from service.search.query import understand
from service.state import open_state
from service.telemetry import Telemetry

NEIGHBOURS = 10
ROUNDING = 1e-6  # equal texts have equal vectors; neighbours as near as the last exact one are as good
EF_SEARCH = (40, 80, 120, 200)
GOALS = {"as built": 0.98, "a fifth changed": 0.95}  # at the shipped ef_search
SCHEMA = "benchmark_ann"
COPY = sql.Identifier(SCHEMA, "vectors")
MODEL = "select path, model_id, options::text, dimensions from embeddings.model where active"
NAMES = """
select coalesce(name_ru, name_uk, name_pl) as name
from staging_marts.dim_product_search
where coalesce(name_ru, name_uk, name_pl) is not null
order by md5(product_id::text)
limit %s
"""
NEAREST = """
with query as materialized (select %s::halfvec as vector)
select 1 - (embedding <=> (select vector from query)) from {vectors}
order by (embedding <=> (select vector from query)) {exactly}
limit %s
"""
CHANGE = """
update {copy} as changed
set embedding = other.embedding
from (select product_id, row_number() over (order by md5(product_id::text)) as place from {copy}) as chosen
inner join (select embedding, row_number() over (order by product_id) as place from {copy}) as other using (place)
where changed.product_id = chosen.product_id and changed.product_id % 5 = 0
"""


def main() -> None:
    """Measure and write ``benchmarks/results/ann_recall.{json,md}``."""
    parser = argparse.ArgumentParser(description="Measure the recall of the HNSW index against exact search.")
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--queries", type=int, default=400, help="how many of each kind at most")
    arguments = parser.parse_args()
    settings = load_settings().model_copy(update={"database_url": None, "data_directory": arguments.data_directory})
    with warehouse(settings) as url, connect(url, autocommit=True) as connection, copied(connection) as build:
        path, model_id, options = build["model"]
        encoder = load_encoder(path, settings.model_directory, model_id=model_id, options=json.loads(options))
        names = connection.execute(NAMES, [arguments.queries]).fetchall()
        queries = {
            "names": as_text(encoder.encode_query(name) for (name,) in names),
            "searches": asyncio.run(searched(settings, url, arguments.queries)),
        }
        recalls = {"as built": recall(connection, queries)}
        started = time.perf_counter()
        changed = connection.execute(sql.SQL(CHANGE).format(copy=COPY)).rowcount
        change_seconds = time.perf_counter() - started
        recalls["a fifth changed"] = recall(connection, queries)
    rows = [
        [state, kind, *(found[kind][size] for size in EF_SEARCH), GOALS[state]]
        for state, found in recalls.items()
        for kind in queries
    ]
    counts = ", ".join(f"{len(vectors)} {kind}" for kind, vectors in queries.items())
    facts = (
        f"{build['vectors']:,} vectors, indexed in {build['seconds']:.1f} s; "
        f"{changed:,} changed in {change_seconds:.1f} s; "
        f"{counts}; the service ships ef_search {settings.search_ef_search}."
    )
    header = ["recall@10", "queries", *(f"ef_search {size}" for size in EF_SEARCH), "goal"]
    figures = {
        "vectors": build["vectors"],
        "index_seconds": build["seconds"],
        "changed": changed,
        "change_seconds": change_seconds,
        "queries": {kind: len(vectors) for kind, vectors in queries.items()},
        "shipped_ef_search": settings.search_ef_search,
        "recall_at_10": {
            state: {kind: {str(size): value for size, value in of_kind.items()} for kind, of_kind in found.items()}
            for state, found in recalls.items()
        },
    }
    write_result("ann_recall", figures, f"{facts}\n\n{markdown_table(header, rows)}")


async def searched(settings: Settings, url: str, count: int) -> list[str]:
    """Return the vectors of ``count`` different searches of the latency suite: those that the index would be asked."""
    texts = {parse_qs(urlsplit(question.address).query)["q"][0] for question in read_questions(url, count).searches}
    async with open_state(settings, url, Telemetry()) as state:
        vocabulary, encoder = state.vocabulary(), state.encoder
        if encoder is None:
            raise SystemExit("The service has no encoder there. Build one: cordsearch demo, or cordsearch embed run.")
        understood = [understand(text, vocabulary) for text in sorted(texts)]
        encoded = [encoder.encode_query(query.to_encode) for query in understood if query.has_words]
    return sorted(set(as_text(encoded)), key=hash_of)[:count]


def hash_of(text: str) -> bytes:
    """Return what puts texts in an order that has nothing to do with them, and is the same every time."""
    return hashlib.sha256(text.encode()).digest()


def as_text(vectors: Iterable[NDArray[np.float32]]) -> list[str]:
    """Return pgvector's form of the vectors that mean something."""
    return ["[" + ",".join(map(str, vector.tolist())) + "]" for vector in vectors if vector.any()]


@contextmanager
def copied(connection: Connection[Any]) -> Iterator[dict[str, Any]]:
    """Copy the active model's vectors and index them; yield the model, the vectors and the seconds of the index."""
    active = connection.execute(MODEL).fetchone()
    if active is None:
        raise SystemExit("No model is active there. Build one: cordsearch demo, or cordsearch embed train and run.")
    path, model_id, options, dimensions = active
    _, nearest = vector_indexes(model_id, dimensions)
    table, name = vector_table(model_id), sql.Identifier("benchmark_ann_nearest")
    connection.execute(sql.SQL("drop schema if exists {schema} cascade").format(schema=sql.Identifier(SCHEMA)))
    connection.execute(sql.SQL("create schema {schema}").format(schema=sql.Identifier(SCHEMA)))
    try:
        connection.execute(sql.SQL("create table {} (like {})").format(COPY, table))
        vectors = connection.execute(
            sql.SQL("insert into {} select * from {} order by vendor_code").format(COPY, table)
        ).rowcount
        megabytes = max(64, vectors * nearest.bytes_per_row >> 20)
        connection.execute("select set_config('maintenance_work_mem', %s, false)", [f"{megabytes}MB"])
        statement = load_query(indexes.__file__, "sql/create_index_vector.sql")
        started = time.perf_counter()
        connection.execute(sql.SQL(statement).format(index=name, vectors=COPY))
        yield {
            "model": (path, model_id, options), "vectors": vectors, "seconds": time.perf_counter() - started
        }  # fmt: skip
    finally:
        connection.execute(sql.SQL("drop schema if exists {schema} cascade").format(schema=sql.Identifier(SCHEMA)))


def recall(connection: Connection[Any], queries: Mapping[str, Sequence[str]]) -> dict[str, dict[int, float]]:
    """Return by kind of query and ``ef_search`` the share of the ten nearest that the index finds, on average.

    A neighbour counts as found when it is as near as the tenth exact one: products with equal texts have equal vectors.
    """
    return {kind: recall_of(connection, vectors) for kind, vectors in queries.items()}


def recall_of(connection: Connection[Any], queries: Sequence[str]) -> dict[int, float]:
    """Return the recall@10 of ``queries`` by ``ef_search``."""
    exact = sql.SQL(NEAREST).format(vectors=COPY, exactly=sql.SQL("+ 0"))
    indexed = sql.SQL(NEAREST).format(vectors=COPY, exactly=sql.SQL(""))
    least = [connection.execute(exact, [query, NEIGHBOURS]).fetchall()[-1][0] for query in queries]
    connection.execute("set enable_seqscan = off")
    found = {}
    for size in EF_SEARCH:
        connection.execute("select set_config('hnsw.ef_search', %s, false)", [str(size)])
        near = 0
        for query, worst in zip(queries, least, strict=True):
            near += sum(row[0] >= worst - ROUNDING for row in connection.execute(indexed, [query, NEIGHBOURS]))
        found[size] = round(near / (NEIGHBOURS * len(queries)), 4)
    connection.execute("reset enable_seqscan")
    return found


if __name__ == "__main__":
    main()
