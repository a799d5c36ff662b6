"""Other engines on the same texts, each set up as its own documentation recommends.

Reads ``dim_product_search``; writes the schema ``benchmark_peers`` and folders, which go when the comparison is done.
tantivy and LanceDB come with the extra ``cordsearch[peers]``.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.relevance.engines import DEPTH, Engine
from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.encoder import Encoder, load_encoder
from embeddings.registry import active_model

_SEARCH_PATH = "set search_path = benchmark_peers, public"
_LANCE_INDEX_FROM = 100_000  # rows; with fewer, LanceDB advises against a vector index
_SMALLEST_EF_SEARCH = 40  # pgvector's default; it must not be below the products wanted


@dataclass(frozen=True)
class Document:
    """What a peer may index of one product."""

    product_id: int
    names: str
    more: str
    groups: str
    codes: str

    @property
    def everything(self) -> str:
        """All of it."""
        return f"{self.names} {self.more} {self.groups} {self.codes}"


def read_documents(warehouse_url: str) -> list[Document]:
    """Return the documents of all products."""
    with connect(warehouse_url) as connection:
        rows = connection.execute(load_query(__file__, "sql/documents.sql")).fetchall()
    return [Document(*row) for row in rows]


@contextmanager
def open_peers(settings: Settings, warehouse_url: str, depth: int = DEPTH) -> Iterator[Sequence[Engine]]:
    """Build every peer, each to answer with ``depth`` products; close them at the end of the block.

    Raises:
        CordSearchError: the extra is not installed, or no encoder is active.
    """
    encoder = active_encoder(settings, warehouse_url)
    documents = read_documents(warehouse_url)
    with peer_tables(warehouse_url, encoder.dimensions), tempfile.TemporaryDirectory() as folder:
        tantivy = TantivyPeer(documents, depth)
        with open_connection(warehouse_url, depth) as connection:
            yield (
                PostgresPeer("PostgreSQL full-text", connection, "sql/peer_fulltext.sql", depth),
                PostgresPeer("PostgreSQL pg_trgm", connection, "sql/peer_trigram.sql", depth),
                HybridPeer(connection, encoder, depth),
                tantivy,
                tantivy.without_typos(),
                LancePeer(documents, encoder, folder, depth),
            )


def active_encoder(settings: Settings, warehouse_url: str) -> Encoder:
    """Return the encoder of the searches. Raises CordSearchError when none is active."""
    model = active_model(warehouse_url)
    if model is None:
        raise CordSearchError("No encoder is active. Train one with: cordsearch embed train")
    return load_encoder(model.model_id, settings.model_directory)


@contextmanager
def peer_tables(warehouse_url: str, dimensions: int) -> Iterator[None]:
    """Fill and index the tables of the peers within PostgreSQL; drop them at the end of the block."""
    with connect(warehouse_url, autocommit=True) as connection:
        connection.execute("drop schema if exists benchmark_peers cascade")
        connection.execute("create schema benchmark_peers")
        try:
            connection.execute(_SEARCH_PATH)
            connection.execute(load_query(__file__, "sql/peer_tables.sql").format(dimensions=dimensions))
            documents = load_query(__file__, "sql/documents.sql")
            connection.execute(load_query(__file__, "sql/peer_fill.sql").format(documents=documents))
            connection.execute(load_query(__file__, "sql/peer_indexes.sql"))
            yield
        finally:
            connection.execute("drop schema benchmark_peers cascade")


def open_connection(warehouse_url: str, depth: int) -> psycopg.Connection[Any]:
    """Return a connection on which the statements of the peers find their tables."""
    connection = connect(warehouse_url, autocommit=True)
    connection.execute(_SEARCH_PATH)
    connection.execute("set statement_timeout = '60s'")
    connection.execute(f"set hnsw.ef_search = {max(_SMALLEST_EF_SEARCH, depth)}")
    return connection


class PostgresPeer:
    """One statement on the peers' table."""

    def __init__(self, name: str, connection: psycopg.Connection[Any], statement: str, depth: int) -> None:
        """``statement`` is a file beside this module."""
        self.name = name
        self._connection = connection
        self._statement = load_query(__file__, statement)
        self._depth = depth

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        return self._run({"text": text, "limit": self._depth})

    def _run(self, values: dict[str, object]) -> list[int]:
        return [row[0] for row in self._connection.execute(self._statement, values).fetchall()]


class HybridPeer(PostgresPeer):
    """Full text and vectors, merged by reciprocal rank within one statement."""

    def __init__(self, connection: psycopg.Connection[Any], encoder: Encoder, depth: int) -> None:
        """``encoder`` is the one whose vectors are stored."""
        super().__init__("RRF hybrid in SQL", connection, "sql/peer_hybrid.sql", depth)
        self._encoder = encoder

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        vector = ",".join(map(str, self._encoder.encode_query(text).tolist()))
        return self._run({"text": text, "embedding": f"[{vector}]", "limit": self._depth})


class TantivyPeer:
    """BM25 over names, other texts and codes, one typo allowed in a word; Russian stemming beside the plain words."""

    name = "tantivy"

    def __init__(self, documents: Sequence[Document], depth: int) -> None:
        """Index ``documents`` in memory."""
        self._depth = depth
        self.fuzzy_fields = {"names": (False, 1, True)}  # names: the whole word, one typo, two swapped letters are one
        tantivy = _import("tantivy")
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("product_id", stored=True)
        self._fields = ["names", "more", "groups", "codes", "stemmed"]
        for field in self._fields[:4]:
            builder.add_text_field(field)
        builder.add_text_field("stemmed", tokenizer_name="russian")
        self._index = tantivy.Index(builder.build())
        analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.stemmer("russian"))
            .build()
        )
        self._index.register_tokenizer("russian", analyzer)
        writer = self._index.writer()
        for document in documents:
            writer.add_document(
                tantivy.Document(
                    product_id=document.product_id,
                    names=document.names,
                    more=document.more,
                    groups=document.groups,
                    codes=document.codes,
                    stemmed=document.names,
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def without_typos(self) -> "TantivyPeer":
        """Return the same index searched for the words as they are typed."""
        other = copy(self)
        other.name, other.fuzzy_fields = "tantivy, no typos", {}
        return other

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        query, _ = self._index.parse_query_lenient(text, self._fields, fuzzy_fields=self.fuzzy_fields)
        found = self._searcher.search(query, self._depth).hits
        return [self._searcher.doc(address)["product_id"][0] for _, address in found]


class LancePeer:
    """Full text and vectors, merged by reciprocal rank; the vectors are this project's own."""

    name = "LanceDB hybrid"

    def __init__(self, documents: Sequence[Document], encoder: Encoder, folder: str, depth: int) -> None:
        """Write ``documents`` into ``folder``, with the indexes that LanceDB advises for so many rows."""
        self._depth = depth
        lancedb = _import("lancedb")
        index = _import("lancedb.index")
        self._reranker = _import("lancedb.rerankers").RRFReranker()
        self._encoder = encoder
        vectors = encoder.encode_texts([f"{document.names} {document.more}" for document in documents])
        rows = [
            {"product_id": document.product_id, "text": document.everything, "vector": vector}
            for document, vector in zip(documents, vectors, strict=True)
        ]
        self._table = lancedb.connect(folder).create_table("product", rows)
        self._table.create_index("text", config=index.FTS(language="Russian"))
        if len(documents) >= _LANCE_INDEX_FROM:
            self._table.create_index("vector", config=index.HnswSq(distance_type="cosine"))

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        query = self._table.search(query_type="hybrid").vector(self._encoder.encode_query(text)).text(text)
        rows = query.distance_type("cosine").rerank(self._reranker).limit(self._depth).to_list()
        return [row["product_id"] for row in rows]


def _import(name: str) -> Any:
    import importlib  # noqa: PLC0415

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise CordSearchError(
            f"{name} is not installed, so it cannot be compared with. Install it with: pip install 'cordsearch[peers]' "
            f"or leave the comparison out with --no-peers."
        ) from error
