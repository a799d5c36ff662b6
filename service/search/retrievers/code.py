"""Part numbers: exact matches first, then codes that begin with what was typed.

Stage: service, retrieval. Reads ``product_code`` and ``dim_product_search``; writes nothing.
"""

from cordsearch.sql import load_query
from service.search import tsquery
from service.search.candidate import NOTHING, Retrieved
from service.search.filter_clause import Filtered, apply_filters
from service.search.filters import Filters
from service.search.query import Query
from service.search.rows import HIGHEST, Connection, Row, candidate

PREFIX_COVERAGE = 0.5  # low enough that no ranking signal lifts a longer code over the one that was typed in full
_WITHOUT_THE_WORDS = 0.8  # "2218205 scania": the same number for another make


class CodeRetriever:
    """Vendor codes, main and other original numbers, in whatever punctuation."""

    name = "code"

    def wants(self, query: Query) -> bool:
        """Whether the query holds anything that may be a code."""
        return bool(query.codes)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:
        """Return at most ``limit`` products; an exact match scores 1, a prefix the share of the code that was typed."""
        statement, filter_values = _statement(query.filters)
        beyond = [code + HIGHEST for code in query.codes]
        words = tsquery.all_of([term for term in query.terms if term.kind in ("word", "spelling")]) or None
        rows = await connection.fetch(statement, list(query.codes), beyond, limit, words, *filter_values)
        if not rows:
            return NOTHING
        found = [
            candidate(row, coverage=_coverage(row), matched=row["code_display"])._replace(make=row["make"])
            for row in rows
        ]
        return Retrieved(found, rows[0]["total"], bounded=rows[0]["bounded"])


def _statement(filters: Filters) -> Filtered:
    """Return the statement for ``filters``, and what to bind after its own four values."""
    supplier = filters.supplier
    found = load_query(__file__, "code_found.sql" if supplier is None else "code_of_supplier.sql")
    passing = load_query(__file__, "code_passing.sql")
    found = found.replace("{passing}", passing if filters.names else "")
    found = found.replace("{others}", passing if filters.names != ("supplier",) else "")
    statement = load_query(__file__, "code.sql").replace("{found}", found)
    if supplier is None:
        return apply_filters(statement, filters, own_values=4)
    filtered = apply_filters(statement, filters, own_values=6)
    return filtered._replace(values=(supplier, supplier + HIGHEST, *filtered.values))


def _coverage(row: Row) -> float:
    if not row["exact"]:
        return PREFIX_COVERAGE
    return 1.0 if row["has_words"] else _WITHOUT_THE_WORDS
