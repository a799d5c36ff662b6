"""Full text: every word first, then fewer (the vehicle before the part) when few products have them all.

Stage: service, retrieval. Reads ``dim_product_search``; writes nothing.
"""

from cordsearch.sql import load_query
from service.search import tsquery
from service.search.candidate import NOTHING, Retrieved
from service.search.comparison import candidate_statement, closeness_of
from service.search.query import Query
from service.search.rows import Connection, candidate


class FulltextRetriever:
    """Words of names, synonyms, makes, sizes and groups, by the lexemes both sides share."""

    name = "fulltext"

    def wants(self, query: Query) -> bool:
        """Whether the query has known words, all of them spelled as in the catalogue (the rest is for trigrams)."""
        return bool(query.terms) and not query.was_respelled

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` products, those with more of the words first, then by score."""
        terms = query.terms
        first, second = tsquery.relaxations(terms)
        statement, values = candidate_statement(load_query(__file__, "words.sql"), query, own_values=4)
        conditions = (tsquery.all_of(terms), first.condition, second.condition)
        rows = await connection.fetch(statement, *conditions, limit, *values)
        if not rows:
            return NOTHING
        asked = len(terms) + len(query.unknown)
        kept = (len(terms), first.kept, second.kept)
        matched = " ".join(alternative for term in terms for alternative in term.alternatives[0])
        compared = query.comparison
        found = [candidate(row, kept[row["dropped"]] / asked, matched, closeness_of(row, compared)) for row in rows]
        is_filled = len(rows) == limit and not rows[-1]["dropped"] and not query.unknown
        return Retrieved(found, rows[0]["total"], bounded=rows[0]["bounded"], is_filled=is_filled)
