"""Write the dictionary: the words of the catalogue and its completions.

Stage: embeddings. Reads the texts of ``staging_marts.dim_product_search``; writes ``staging_marts.search_term`` and
``staging_marts.search_suggestion``, built beside the live tables and swapped in one transaction.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from cordsearch.sql import load_query
from embeddings.dictionary import DictionaryBuilder, TextGroup

_GROUPS_AT_ONCE = 20_000


def dictionary_exists(connection: Connection[Any]) -> bool:
    """Whether both tables are there."""
    row = connection.execute(load_query(__file__, "sql/dictionary_exists.sql")).fetchone()
    return bool(row and row[0])


def rebuild_dictionary(reader: Connection[Any], writer: Connection[Any]) -> None:
    """Count all words and names anew and swap the two tables. ``reader`` streams in a transaction of its own."""
    builder = DictionaryBuilder()
    with reader.transaction(), reader.cursor("dictionary_source", binary=True) as cursor:
        cursor.itersize = _GROUPS_AT_ONCE
        cursor.execute(load_query(__file__, "sql/read_dictionary_source.sql"))
        for row in cursor:
            builder.add(TextGroup(*row))
    with writer.transaction():
        writer.execute(load_query(__file__, "sql/create_dictionary.sql"))
        _copy(writer, "copy staging_marts.search_term_new from stdin", sorted(builder.terms()))
        _copy(writer, "copy staging_marts.search_suggestion_new from stdin", builder.suggestions())
        writer.execute(load_query(__file__, "sql/index_dictionary.sql"))
        writer.execute(load_query(__file__, "sql/swap_dictionary.sql"))
    writer.execute("analyze staging_marts.search_term, staging_marts.search_suggestion")


def _copy(connection: Connection[Any], statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
