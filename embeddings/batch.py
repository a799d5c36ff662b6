"""One batch of products: analyse, encode what has no vector yet, write.

Stage: embeddings. Reads ``embeddings.vector_store``; writes it, the version's own vector table and, for the active
version, the job's columns of ``staging_marts.dim_product_search``. Encoding happens outside any transaction; a batch
is one transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from struct import pack
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

from cordsearch.sql import load_query
from embeddings.encoder import Encoder
from embeddings.failures import encode_what_can_be, park
from embeddings.queue import Claim
from embeddings.search_document import DocumentFields, array_field, search_vector
from embeddings.text import ProductText, product_text, text_hash
from embeddings.versions import vector_table

# PostgreSQL manual, COPY, "Binary Format": signature, flags, length of the header extension; then rows; then -1.
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + pack(">ii", 0, 0)
_COPY_END = pack(">h", -1)
_NULL = pack(">i", -1)


class PendingProduct(NamedTuple):
    """A row of ``sql/read_claimed.sql``."""

    product_id: int
    content_hash: str | None
    vendor_code: str | None
    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None
    size: str | None
    car_brand_names: Sequence[str | None] | None
    group_names: Sequence[str | None] | None
    category_names: Sequence[str | None] | None


@dataclass(frozen=True)
class Version:
    """What a worker writes: one version of the vectors, and whether it is the one that is searched."""

    model_id: str
    is_active: bool
    worker: int

    @property
    def arguments(self) -> dict[str, Any]:
        """Return what the statements of a batch are bound to."""
        return {"model": self.model_id, "worker": self.worker}


@dataclass(frozen=True)
class PreparedBatch:
    """A batch ready to be written: COPY streams for the two temporary tables.

    ``gone``: claimed products that left the mart. ``failed``: (product id, text, error) of texts without a vector.
    """

    products: tuple[PendingProduct, ...]
    gone: tuple[int, ...]
    vectors: tuple[bytes, ...]
    documents: tuple[bytes, ...]
    new_hashes: frozenset[str]
    restored: int
    failed: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class _Document:
    product: PendingProduct
    touch: int
    text: str
    text_hash: str
    search_vector: bytes | None


def read_products(connection: Connection[Any], claims: Sequence[Claim]) -> list[PendingProduct]:
    """Return the texts of claimed products; those that left the mart are not among them."""
    query = load_query(__file__, "sql/read_claimed.sql")
    rows = connection.execute(query, {"products": [claim.product_id for claim in claims]}, binary=True)
    return sorted((PendingProduct(*row) for row in rows), key=lambda product: product.product_id)


def prepare_batch(
    connection: Connection[Any],
    encoder: Encoder,
    version: Version,
    claims: Sequence[Claim],
    being_stored: AbstractSet[str] = frozenset(),
) -> PreparedBatch:
    """Read, analyse and encode claimed products; holds no transaction meanwhile.

    Texts whose vector is stored, or is ``being_stored`` by the batch written before this one, are not encoded.

    Raises:
        ModelError: the model encodes nothing at all.
    """
    products = read_products(connection, claims)
    touches = dict(claims)
    documents = [_document(product, touches[product.product_id], version) for product in products]
    texts = {document.text_hash: document.text for document in documents}
    known = _known(connection, encoder.model_id, list(texts))
    new = [key for key in texts if key not in known and key not in being_stored]
    vectors, errors = encode_what_can_be(encoder, [texts[key] for key in new])
    failed = {new[at]: error for at, error in errors.items()}
    kept = np.flatnonzero(vectors.any(axis=1))  # a text without words has no direction: its embedding stays null
    return PreparedBatch(
        products=tuple(products),
        gone=tuple(touches.keys() - {product.product_id for product in products}),
        vectors=tuple(_vector_rows([new[at] for at in kept], vectors[kept])),
        documents=tuple(_document_rows(documents)),
        new_hashes=frozenset(new),
        restored=len(texts) - len(new),
        failed=tuple(
            (each.product.product_id, each.text, failed[each.text_hash])
            for each in documents
            if each.text_hash in failed
        ),
    )


def write_batch(connection: Connection[Any], version: Version, batch: PreparedBatch) -> int:
    """Write a batch in one transaction; return how many products were written.

    A product that changed since it was read, or was taken over by another worker, is not written: it is still queued.
    """
    with connection.transaction():
        if batch.gone:
            statement = _for_vectors("sql/remove_gone.sql", version)
            connection.execute(statement, version.arguments | {"products": list(batch.gone)})
        if not batch.documents:
            return 0
        connection.execute(load_query(__file__, "sql/create_batch_tables.sql"))
        if batch.vectors:
            _copy(connection, "copy incoming_vector from stdin (format binary)", batch.vectors)
            connection.execute(load_query(__file__, "sql/store_vectors.sql"), version.arguments)
        _copy(connection, "copy incoming_document from stdin (format binary)", batch.documents)
        connection.execute(load_query(__file__, "sql/keep_claimed.sql"), version.arguments)
        connection.execute(load_query(__file__, "sql/keep_unchanged.sql"))
        connection.execute(_for_vectors("sql/write_vectors.sql", version), version.arguments)
        if version.is_active:
            connection.execute(load_query(__file__, "sql/write_documents.sql"), version.arguments)
        connection.execute(load_query(__file__, "sql/settle_dead_letters.sql"), version.arguments)
        park(connection, version.model_id, batch.failed)
        return connection.execute(load_query(__file__, "sql/finish_products.sql"), version.arguments).rowcount


def _for_vectors(file: str, version: Version) -> sql.Composed:
    return sql.SQL(load_query(__file__, file)).format(vectors=vector_table(version.model_id))


def _document(product: PendingProduct, touch: int, version: Version) -> _Document:
    makes = array_field(product.car_brand_names)
    text = product_text(
        ProductText(product.name_ru, product.name_uk, product.name_pl, product.synonyms, product.size, makes)
    )
    if not version.is_active:  # documents are the same for all versions
        return _Document(product, touch, text, text_hash(text), None)
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
    return _Document(product, touch, text, text_hash(text), search_vector(fields))


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
            pack(">hiqii", 6, 8, document.product.product_id, 4, document.touch)
            + _text(document.product.content_hash)
            + _text(document.product.vendor_code)
            + _text(document.text_hash if document.text else None)
            + (_NULL if vector is None else pack(">i", len(vector)) + vector)
        )


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    return pack(">i", len(encoded)) + encoded


def _copy(connection: Connection[Any], statement: str, rows: Iterable[bytes]) -> None:
    with connection.cursor().copy(statement) as copy:
        copy.write(_COPY_HEADER + b"".join(rows) + _COPY_END)
