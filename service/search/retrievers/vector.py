"""Meaning: the nearest product vectors to the vector of the query.

Stage: service, retrieval. Reads the vectors of the query encoder's own model; writes nothing.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from cordsearch.sql import load_query
from embeddings.encoder import vector_table_name
from service.search import tsquery
from service.search.candidate import NOTHING, Candidate, Retrieved, RetrieverRun
from service.search.comparison import candidate_statement, closeness_of
from service.search.filters import NO_FILTERS
from service.search.meaning import Comparison
from service.search.query import Query
from service.search.retrieve import RetrieverOffError
from service.search.rows import HIGHEST, Connection, candidate

_ALL, _FILTERED = "vector.sql", "vector_filtered.sql"
# Neighbours read: for first pages, whose products the comparison puts in order, and for the others. Forty are as good
# there as a hundred (docs/adr/0030).
_FEW, _MANY = 40, 100
_FIRST_PAGES = 60  # candidates wanted


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

    def __init__(self, encoder: QueryEncoder, smallest_similarity: float, *, is_in_mart: bool = False) -> None:
        """Leave out neighbours whose cosine similarity is under ``smallest_similarity`` (-1..1).

        ``is_in_mart``: the mart holds a copy of the vectors of the encoder's model.
        """
        self._encoder = encoder
        # A name made of hexadecimal digits. Another model has another table, so the two are never compared.
        table = vector_table_name(encoder.model_id)
        # How many neighbours are read is a literal: a plan made once for all arguments must know it.
        self._statements = {
            (file, read): load_query(__file__, file).replace("{vectors}", table).replace("{nearest}", str(read))
            for file in (_ALL, _FILTERED)
            for read in (_FEW, _MANY)
        }
        self._smallest_similarity = smallest_similarity
        self._is_in_mart = is_in_mart

    def wants(self, query: Query) -> bool:
        """Whether the query has words: the vector of a part number or a size means nothing."""
        return query.has_words

    async def compare(self, query: Query, other_models: Sequence[str] = ()) -> Comparison | None:
        """Return what every proposed product is to be compared with; None for a query that means nothing.

        That is one without words, and one with a size, whose vector says less than the size itself.
        ``other_models``: lexemes of models that the query does not ask for.
        """
        if not query.has_words or any(term.kind == "size" for term in query.terms):
            return None
        vector = await self._encoded(query)
        if vector is None:
            return None
        vehicle = tuple(tsquery.condition(term) for term in query.terms if term.is_vehicle)
        others = " | ".join(map(tsquery.quoted, other_models)) or None
        return Comparison(vector, self._encoder.model_id, self._is_in_mart, vehicle, others)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` products (and never more than 100), the nearest first."""
        compared = query.comparison
        if compared is not None and compared.model_id == self._encoder.model_id:
            vector: HalfVector | None = compared.vector
        else:
            vector = await self._encoded(query)
        if vector is None:
            return NOTHING
        own: tuple[object, ...] = (vector, self._smallest_similarity, limit)
        filters, file = query.filters, _ALL
        if filters != NO_FILTERS:
            file = _FILTERED
            codes = (None, None) if filters.supplier is None else (filters.supplier, filters.supplier + HIGHEST)
            own += (filters.has_index, *codes)
        statement = self._statements[file, _FEW if limit <= _FIRST_PAGES else _MANY]
        statement, values = candidate_statement(statement, query, own_values=len(own))
        rows = await connection.fetch(statement, *own, *values)
        matched = query.repaired
        found = [candidate(row, 0.0, matched, closeness_of(row, compared, "score")) for row in rows]
        return Retrieved(found, len(found), bounded=False)

    def follows_from(self, query: Query, runs: Sequence[RetrieverRun], limit: int) -> Retrieved | None:
        """Return the nearest of what has every word, where that fills the list; None where it does not.

        Those products were compared with the query already, and what has not every word would come behind them. None
        as well where the words were not put in order by the comparison.
        """
        compared = query.comparison
        if compared is None or not compared.is_in_mart:
            return None
        whole = next((run.retrieved for run in runs if run.retrieved.is_filled), None)
        if whole is None:
            return None
        near = [
            (-each.closeness.similarity, -each.signals.static_quality, each.product_id, each)
            for each in whole.candidates
            if each.closeness is not None and each.closeness.similarity >= self._smallest_similarity
        ]
        near.sort()  # no product comes twice, so the last of a tuple is never looked at
        read = min(limit, _FEW if limit <= _FIRST_PAGES else _MANY)
        matched = query.repaired
        found = [
            Candidate(product, -score, 0.0, matched, each.signals, 0, each.closeness)
            for score, _, product, each in near[:read]
        ]
        return Retrieved(found, len(found), bounded=False)

    async def _encoded(self, query: Query) -> HalfVector | None:
        """Return the vector of the query, None when it has no words the model knows."""
        if self._encoder.is_slow:  # other requests must not wait for it
            vector = await asyncio.to_thread(self._encoder.encode_query, query.to_encode)
        else:
            vector = self._encoder.encode_query(query.to_encode)
        return HalfVector(vector) if vector.any() else None
