"""Write the dictionary: the words of the catalogue and its completions.

Stage: embeddings. Reads the texts of ``staging_marts.dim_product_search``; writes ``staging_marts.search_term``,
``staging_marts.search_suggestion``, ``staging_marts.search_other_name``, ``staging_marts.search_vehicle_model`` and
``embeddings.dictionary_build``.

A full build counts everything beside the live tables and swaps them in one transaction. A few changed products only
add the words and names that are new: a word can be completed at once; its count, what else a part is called and the
models of a make wait until one product in twenty has changed since the last full build.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from cordsearch.database import connect
from cordsearch.sql import load_query
from embeddings.batch import PendingProduct
from embeddings.dictionary import DictionaryBuilder, TextGroup
from embeddings.other_names import OtherNames
from embeddings.search_document import array_field
from embeddings.vehicle_models import VehicleModels

_BUILD_LOCK = 0x636F7267
_GROUPS_AT_ONCE = 20_000
_REBUILD_FRACTION = 0.05


def most_additions(products: int) -> int:
    """Return how many changed products a catalogue of this size takes without a full build."""
    return int(products * _REBUILD_FRACTION)


def update_dictionary(
    reader: Connection[Any],
    writer: Connection[Any],
    products: int,
    changed: Sequence[PendingProduct],
    written: int,
    *,
    may_rebuild: bool = True,
) -> None:
    """Bring the dictionary up to date with ``written`` changed products of ``products``.

    ``changed`` may end early once it is longer than :func:`most_additions`; the rest then waits for a full build.
    Without ``may_rebuild`` a full build is made only when there is no dictionary yet. ``reader`` streams in a
    transaction of its own.
    """
    state = _changed_since_build(writer)
    if state is None or (may_rebuild and state + written > most_additions(products)):
        _rebuild(reader, writer)
    elif written:
        _add(writer, changed, written)


def dictionary_is_stale(connection: Connection[Any], products: int) -> bool:
    """Whether more of ``products`` changed since the last full build than counts should wait for."""
    state = _changed_since_build(connection)
    return state is None or state > most_additions(products)


def rebuild_dictionary(warehouse_url: str) -> None:
    """Count everything anew, beside the live dictionary, and swap. One at a time; the next waits."""
    with connect(warehouse_url, autocommit=True) as reader, connect(warehouse_url, autocommit=True) as writer:
        _rebuild(reader, writer)


def _changed_since_build(connection: Connection[Any]) -> int | None:
    row = connection.execute(load_query(__file__, "sql/dictionary_state.sql")).fetchone()
    return None if row is None else int(row[0])


def _rebuild(reader: Connection[Any], writer: Connection[Any]) -> None:
    """Two at once would meet in the tables they build."""
    writer.execute("select pg_advisory_lock(%s)", [_BUILD_LOCK])
    try:
        _build(reader, writer)
    finally:
        writer.execute("select pg_advisory_unlock(%s)", [_BUILD_LOCK])


def _build(reader: Connection[Any], writer: Connection[Any]) -> None:
    builder = DictionaryBuilder()
    others, models = OtherNames(), VehicleModels()
    with reader.transaction(), reader.cursor("dictionary_source", binary=True) as cursor:
        cursor.itersize = _GROUPS_AT_ONCE
        cursor.execute(load_query(__file__, "sql/read_dictionary_source.sql"))
        for row in cursor:
            group = TextGroup(*row)
            builder.add(group)
            makes = array_field(group.car_brand_names)
            names = (group.name_ru, group.name_uk, group.name_pl)
            others.add(names, group.synonyms, makes, group.product_count)
            models.add(names, makes, group.product_count)
    with writer.transaction():
        writer.execute(load_query(__file__, "sql/create_dictionary.sql"))
        _copy(writer, "copy staging_marts.search_term_new from stdin", sorted(builder.terms()))
        _copy(writer, "copy staging_marts.search_suggestion_new from stdin", sorted(builder.suggestions()))
        _copy(writer, "copy staging_marts.search_other_name_new from stdin", others.rows())
        _copy(writer, "copy staging_marts.search_vehicle_model_new from stdin", models.rows())
        writer.execute(load_query(__file__, "sql/index_dictionary.sql"))
        writer.execute(load_query(__file__, "sql/swap_dictionary.sql"))
        writer.execute(load_query(__file__, "sql/dictionary_built.sql"))
    writer.execute(load_query(__file__, "sql/analyse_dictionary.sql"))


def _add(writer: Connection[Any], changed: Sequence[PendingProduct], written: int) -> None:
    builder = DictionaryBuilder()
    for product in changed:
        builder.add(
            TextGroup(
                product.name_ru,
                product.name_uk,
                product.name_pl,
                product.synonyms,
                product.car_brand_names,
                product.group_names,
                product.category_names,
                product_count=1,
                popularity=0.0,
            )
        )
    terms, suggestions = list(builder.terms()), builder.suggestions()
    with writer.transaction():
        writer.execute(
            load_query(__file__, "sql/add_terms.sql"),
            {
                "word": [term.word for term in terms],
                "lexeme": [term.lexeme for term in terms],
                "document_count": [term.document_count for term in terms],
                "script": [term.script for term in terms],
            },
        )
        writer.execute(
            load_query(__file__, "sql/add_suggestions.sql"),
            {
                "text_normalised": [each.text_normalised for each in suggestions],
                "text": [each.text for each in suggestions],
                "language": [each.language for each in suggestions],
                "product_count": [each.product_count for each in suggestions],
            },
        )
        writer.execute(load_query(__file__, "sql/dictionary_changed.sql"), {"products": written})


def _copy(connection: Connection[Any], statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
