"""One batch of products: analyse, encode what has no vector yet, write.

Stage: embeddings. Reads ``embeddings.vector_store``; writes it and the job's columns of
``staging_marts.dim_product_search``. Encoding happens outside any transaction; a batch is one transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from struct import pack
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from cordsearch.sql import load_query
from embeddings.encoder import Encoder
from embeddings.search_document import DocumentFields, array_field, search_vector
from embeddings.text import ProductText, product_text, text_hash

# PostgreSQL manual, COPY, "Binary Format": signature, flags, length of the header extension; then rows; then -1.
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + pack(">ii", 0, 0)
_COPY_END = pack(">h", -1)
_NULL = pack(">i", -1)


class PendingProduct(NamedTuple):
    """A row of ``sql/read_pending.sql``."""

    product_id: int
    content_hash: str | None
    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None
    size: str | None
    car_brand_names: Sequence[str | None] | None
    group_names: Sequence[str | None] | None
    category_names: Sequence[str | None] | None


@dataclass(frozen=True)
class PreparedBatch:
    """A batch ready to be written: COPY streams for the two temporary tables."""

    products: int
    vectors: tuple[bytes, ...]
    documents: tuple[bytes, ...]
    new_hashes: frozenset[str]
    restored: int


@dataclass(frozen=True)
class _Document:
    product: PendingProduct
    text: str
    text_hash: str
    search_vector: bytes


def prepare_batch(
    connection: Connection[Any],
    encoder: Encoder,
    products: Sequence[PendingProduct],
    being_stored: AbstractSet[str] = frozenset(),
) -> PreparedBatch:
    """Analyse and encode a batch; holds no transaction meanwhile.

    Texts whose vector is stored, or is ``being_stored`` by the batch written before this one, are not encoded.
    """
    documents = [_document(product) for product in products]
    texts = {document.text_hash: document.text for document in documents}
    known = _known(connection, encoder.model_id, list(texts))
    new = [key for key in texts if key not in known and key not in being_stored]
    vectors = encoder.encode_texts([texts[key] for key in new])
    kept = np.flatnonzero(vectors.any(axis=1))  # a text without words has no direction: its embedding stays null
    return PreparedBatch(
        products=len(products),
        vectors=tuple(_vector_rows([new[at] for at in kept], vectors[kept])),
        documents=tuple(_document_rows(documents)),
        new_hashes=frozenset(new),
        restored=len(texts) - len(new),
    )


def write_batch(connection: Connection[Any], model_id: str, batch: PreparedBatch) -> int:
    """Write a batch in one transaction; return how many products were written.

    A product whose content changed since it was read is not written; its hash still differs, so the next run takes it.
    """
    with connection.transaction():
        connection.execute(load_query(__file__, "sql/create_batch_tables.sql"))
        if batch.vectors:
            _copy(connection, "copy incoming_vector from stdin (format binary)", batch.vectors)
            connection.execute(load_query(__file__, "sql/store_vectors.sql"), {"model": model_id})
        _copy(connection, "copy incoming_document from stdin (format binary)", batch.documents)
        written = connection.execute(load_query(__file__, "sql/write_documents.sql"), {"model": model_id})
        return written.rowcount


def _document(product: PendingProduct) -> _Document:
    makes = array_field(product.car_brand_names)
    text = product_text(
        ProductText(product.name_ru, product.name_uk, product.name_pl, product.synonyms, product.size, makes)
    )
    fields = DocumentFields(
        product.name_ru,
        product.name_uk,
        product.name_pl,
        product.synonyms,
        product.size,
        makes,
        array_field(product.group_names),
        array_field(product.category_names),
    )
    return _Document(product, text, text_hash(text), search_vector(fields))


def _known(connection: Connection[Any], model_id: str, hashes: list[str]) -> set[str]:
    query = load_query(__file__, "sql/known_vectors.sql")
    return {row[0] for row in connection.execute(query, {"hashes": hashes, "model": model_id})}


def _vector_rows(hashes: Sequence[str], vectors: NDArray[np.float32]) -> Iterator[bytes]:
    """Return COPY rows (content_hash, embedding); a halfvec is its length, zero, and big-endian half floats."""
    dimensions = vectors.shape[1]
    header = pack(">ihh", 4 + 2 * dimensions, dimensions, 0)
    halves = vectors.astype(">f2").tobytes()
    for at, key in enumerate(hashes):
        yield pack(">h", 2) + _text(key) + header + halves[at * 2 * dimensions : (at + 1) * 2 * dimensions]


def _document_rows(documents: Iterable[_Document]) -> Iterator[bytes]:
    for document in documents:
        vector = document.search_vector
        yield (
            pack(">hiq", 4, 8, document.product.product_id)
            + _text(document.product.content_hash)
            + _text(document.text_hash if document.text else None)
            + pack(">i", len(vector))
            + vector
        )


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    return pack(">i", len(encoded)) + encoded


def _copy(connection: Connection[Any], statement: str, rows: Iterable[bytes]) -> None:
    with connection.cursor().copy(statement) as copy:
        copy.write(_COPY_HEADER + b"".join(rows) + _COPY_END)
