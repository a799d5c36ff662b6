"""Retrievers: siblings that never import each other, each one Python file and its SQL; two share ``words.sql``.

To add one: write ``name.py`` and ``name.sql`` here, add it to :func:`build_retrievers`, give it a weight in the
settings, and inherit the contract suite in ``tests/contract/service/``. Nothing else changes.
"""

from service.search.retrieve import Retriever
from service.search.retrievers.code import CodeRetriever
from service.search.retrievers.fulltext import FulltextRetriever
from service.search.retrievers.trigram import TrigramRetriever
from service.search.retrievers.vector import MissingVectors, QueryEncoder, VectorRetriever


def build_retrievers(
    encoder: QueryEncoder | None, *, smallest_similarity: float, is_in_mart: bool = False
) -> tuple[Retriever, ...]:
    """Return the retrievers of the service; without an encoder (no model is active) the vector one says so.

    ``is_in_mart``: the mart holds a copy of the vectors of the encoder's model.
    """
    vector: Retriever = MissingVectors()
    if encoder is not None:
        vector = VectorRetriever(encoder, smallest_similarity, is_in_mart=is_in_mart)
    return (CodeRetriever(), FulltextRetriever(), TrigramRetriever(), vector)
