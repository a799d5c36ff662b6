"""Other engines on the same texts, each set up as its own documentation recommends.

Reads ``dim_product_search``; writes temporary tables and folders that go when the comparison is done. tantivy and
LanceDB come with the extra ``cordsearch[peers]``.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any

import psycopg

from benchmarks.relevance.engines import DEPTH, Engine
from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.encoder import Encoder, load_encoder
from embeddings.registry import active_model


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
def open_peers(settings: Settings, warehouse_url: str) -> Iterator[Sequence[Engine]]:
    """Build every peer; close them at the end of the block.

    Raises:
        CordSearchError: the extra is not installed, or no encoder is active.
    """
    model = active_model(warehouse_url)
    if model is None:
        raise CordSearchError("No encoder is active. Train one with: cordsearch embed train")
    encoder = load_encoder(model.model_id, settings.model_directory)
    documents = read_documents(warehouse_url)
    with connect(warehouse_url, autocommit=True) as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute("set statement_timeout = '60s'")
        _fill(connection, documents)
        yield (
            PostgresPeer("PostgreSQL full-text", connection, "sql/peer_fulltext.sql"),
            PostgresPeer("PostgreSQL pg_trgm", connection, "sql/peer_trigram.sql"),
            TantivyPeer(documents),
            LancePeer(documents, encoder, folder),
        )


def _fill(connection: psycopg.Connection[Any], documents: Sequence[Document]) -> None:
    connection.execute(load_query(__file__, "sql/peer_tables.sql"))
    copy_statement = "copy peer_document (product_id, names, more, groups, codes) from stdin"
    with connection.cursor() as cursor, cursor.copy(copy_statement) as copy:
        for document in documents:
            copy.write_row(astuple(document))
    connection.execute(load_query(__file__, "sql/peer_indexes.sql"))


class PostgresPeer:
    """One statement on a temporary table."""

    def __init__(self, name: str, connection: psycopg.Connection[Any], statement: str) -> None:
        """``statement`` is a file beside this module."""
        self.name = name
        self._connection = connection
        self._statement = load_query(__file__, statement)

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        rows = self._connection.execute(self._statement, {"text": text, "limit": DEPTH}).fetchall()
        return [row[0] for row in rows]


class TantivyPeer:
    """BM25 over names, other texts and codes, one typo allowed in a word; Russian stemming beside the plain words."""

    name = "tantivy"

    def __init__(self, documents: Sequence[Document]) -> None:
        """Index ``documents`` in memory."""
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

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        fuzzy = {"names": (False, 1, True)}
        query, _ = self._index.parse_query_lenient(text, self._fields, fuzzy_fields=fuzzy)
        found = self._searcher.search(query, DEPTH).hits
        return [self._searcher.doc(address)["product_id"][0] for _, address in found]


class LancePeer:
    """Full text and vectors, merged by reciprocal rank; the vectors are this project's own."""

    name = "LanceDB hybrid"

    def __init__(self, documents: Sequence[Document], encoder: Encoder, folder: str) -> None:
        """Write ``documents`` into ``folder``. Under 100,000 rows LanceDB advises against a vector index."""
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

    def search(self, text: str) -> list[int]:
        """Return product ids, best first."""
        query = self._table.search(query_type="hybrid").vector(self._encoder.encode_query(text)).text(text)
        rows = query.distance_type("cosine").rerank(self._reranker).limit(DEPTH).to_list()
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
