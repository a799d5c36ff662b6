"""Meaning: the nearest product vectors to the vector of the query.

Stage: service, retrieval. Reads the vectors of the query encoder's own model; writes nothing.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cordsearch.sql import load_query
from embeddings.encoder import vector_table_name
from service.search import tsquery
from service.search.candidate import NOTHING, Closeness, Retrieved
from service.search.filter_clause import apply_filters
from service.search.filters import NO_FILTERS
from service.search.query import Query
from service.search.retrieve import RetrieverOffError
from service.search.rows import HIGHEST, Connection, Row, candidate


class QueryEncoder(Protocol):
    """The one thing this retriever needs of a model."""

    @property
    def model_id(self) -> str:
        """Name and version of the model."""

    @property
    def is_slow(self) -> bool:
        """Whether encoding takes milliseconds."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of ``text``, shape (dimensions,), or zeros when it has no words."""


class MissingVectors:
    """Stands where the vector retriever would be while no encoder is in use: answers say that its part is missing."""

    name = "vector"

    def wants(self, query: Query) -> bool:
        """Whether meaning would have had a say."""
        return query.has_words

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        """Raise RetrieverOffError."""
        raise RetrieverOffError("No encoder is in use.")


class VectorRetriever:
    """Approximate nearest neighbours by cosine; finds what shares no word with the query."""

    name = "vector"

    def __init__(self, encoder: QueryEncoder, smallest_similarity: float) -> None:
        """Leave out neighbours whose cosine similarity is under ``smallest_similarity`` (-1..1)."""
        self._encoder = encoder
        # A name made of hexadecimal digits. Another model has another table, so the two are never compared.
        self._statement, self._filtered, self._comparison = (
            load_query(__file__, file).replace("{vectors}", vector_table_name(encoder.model_id))
            for file in ("vector.sql", "vector_filtered.sql", "closeness.sql")
        )
        self._smallest_similarity = smallest_similarity

    def wants(self, query: Query) -> bool:
        """Whether the query has words: the vector of a part number or a size means nothing."""
        return query.has_words

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` products (and at most the 100 of vector.sql), the nearest first."""
        vector = await self._encoded(query)
        if not vector.any():
            return NOTHING
        asked = (vector.tolist(), self._smallest_similarity, limit)
        filters = query.filters
        if filters == NO_FILTERS:
            rows = await connection.fetch(self._statement, *asked)
        else:
            statement, values = apply_filters(self._filtered, filters, own_values=6)
            codes = (None, None) if filters.supplier is None else (filters.supplier, filters.supplier + HIGHEST)
            rows = await connection.fetch(statement, *asked, filters.has_index, *codes, *values)
        found = [candidate(row, coverage=0.0, matched=query.repaired) for row in rows]
        return Retrieved(found, len(found), bounded=False)

    async def compare(
        self, connection: Connection, query: Query, product_ids: Sequence[int], other_models: Sequence[str] = ()
    ) -> dict[int, Closeness]:
        """Return how near each of the products is to ``query``; one that has no vector is left out.

        ``other_models``: lexemes of models that the query does not ask for.
        """
        vector = await self._encoded(query)
        if not vector.any():
            return {}
        vehicle = [tsquery.condition(term) for term in query.terms if term.is_vehicle]
        others = " | ".join(map(tsquery.quoted, other_models)) or None
        rows = await connection.fetch(self._comparison, product_ids, vector.tolist(), vehicle, others)
        return {
            row["product_id"]: Closeness(
                similarity=row["similarity"],
                vehicle=row["vehicle_terms"] / len(vehicle) if vehicle else 0.0,
                other_vehicle=_is_for_another(row, len(vehicle)),
            )
            for row in rows
        }

    async def _encoded(self, query: Query) -> NDArray[np.float32]:
        if self._encoder.is_slow:  # other requests must not wait for it
            return await asyncio.to_thread(self._encoder.encode_query, query.to_encode)
        return self._encoder.encode_query(query.to_encode)


def _is_for_another(row: Row, asked: int) -> bool:
    """Whether a compared product, of which ``asked`` words name the vehicle, says that it is for another one."""
    found: int = row["vehicle_terms"]
    names_another_make = row["names_a_make"] and not found
    return found < asked and bool(names_another_make or row["names_another_model"])
