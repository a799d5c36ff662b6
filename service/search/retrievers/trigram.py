"""Misspelled words: full text with the nearest words of the dictionary in their place.

Stage: service, retrieval. Reads ``dim_product_search``; writes nothing. The neighbours come from
``service.search.spelling`` by trigram similarity and edit distance: only words of the dictionary are compared so, never
product texts, which would cost 230-670 ms.
"""

from cordsearch.sql import load_query
from service.search import tsquery
from service.search.candidate import NOTHING, Retrieved
from service.search.comparison import candidate_statement, closeness_of
from service.search.query import Query
from service.search.rows import Connection, candidate

CERTAINTY = 0.9  # a corrected word is a guess: the same match counts less than with the word as typed


class TrigramRetriever:
    """Words the dictionary does not know, by words it does."""

    name = "trigram"

    def wants(self, query: Query) -> bool:
        """Whether a word was replaced by a dictionary neighbour."""
        return query.was_respelled

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` products, those with all words first, then by score; one may be missing."""
        terms = query.terms
        relaxed, _ = tsquery.relaxations(terms)
        statement, values = candidate_statement(load_query(__file__, "words.sql"), query, own_values=4)
        rows = await connection.fetch(statement, tsquery.all_of(terms), relaxed.condition, None, limit, *values)
        if not rows:
            return NOTHING
        asked = len(terms) + len(query.unknown)
        matched = " ".join(term.text for term in terms)
        kept = (len(terms), relaxed.kept)
        compared = query.comparison
        found = [
            candidate(row, CERTAINTY * kept[row["dropped"]] / asked, matched, closeness_of(row, compared))
            for row in rows
        ]
        is_filled = len(rows) == limit and not rows[-1]["dropped"] and not query.unknown
        return Retrieved(found, rows[0]["total"], bounded=rows[0]["bounded"], is_filled=is_filled)
