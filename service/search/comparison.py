"""The comparison of products with the query, as parts of the statements that propose them.

Stage: service, inside the retrievers. Reads nothing itself; the parts read the row of the product, which the statement
has at hand, and the vectors of the encoder's model where the mart holds no copy of them. A statement calls the product
``product``. It says ``{vehicle_conditions}`` where its first common table expression begins, and ``{similarity}`` and
``{vehicle}`` at the end of its columns; both become nothing where the query has nothing to compare with.

Apart from the retrievers this was a statement of its own for all their products by primary key: docs/adr/0030.
"""

from functools import cache, lru_cache

from cordsearch.sql import load_query
from embeddings.encoder import vector_table_name
from service.search.candidate import Closeness
from service.search.filter_clause import Filtered, apply_filters, number_places, read_parts
from service.search.meaning import Comparison
from service.search.query import Query
from service.search.rows import Row


def candidate_statement(statement: str, query: Query, own_values: int) -> Filtered:
    """Return ``statement`` with the filters and the comparison of ``query``, and their values, bound after its own."""
    statement, values = apply_filters(statement, query.filters, own_values)
    compared = query.comparison
    if compared is None:
        return Filtered(_without_comparison(statement), values)
    similarity = ""
    bound = own_values + len(values)
    if "{similarity}" not in statement:  # it has the cosine itself
        pass
    elif compared.is_in_mart:
        similarity = "similarity_in_mart"
        values += (compared.vector, compared.model_id)
    else:
        similarity = "similarity_in_table"
        values += (compared.vector,)
    names_vehicle = bool(compared.vehicle)
    if names_vehicle:
        values += (list(compared.vehicle), compared.other_models)
    composed = _with_comparison(statement, similarity, compared.model_id, bound, names_vehicle=names_vehicle)
    return Filtered(composed, values)


@lru_cache(maxsize=1_000)
def _without_comparison(statement: str) -> str:
    return statement.replace("{similarity}", "").replace("{vehicle_conditions}", "").replace("{vehicle}", "")


@lru_cache(maxsize=1_000)
def _with_comparison(statement: str, similarity: str, model_id: str, bound: int, *, names_vehicle: bool) -> str:
    if similarity:
        part = number_places(_parts()[similarity].replace("{vectors}", vector_table_name(model_id)), bound)
        statement = statement.replace("{similarity}", part)
        bound += 2 if similarity == "similarity_in_mart" else 1
    if names_vehicle:
        for name in ("vehicle_conditions", "vehicle"):
            statement = statement.replace(f"{{{name}}}", number_places(_parts()[name], bound))
    return _without_comparison(statement)


@cache
def _parts() -> dict[str, str]:
    return read_parts(load_query(__file__, "comparison.sql"), "part")


def closeness_of(row: Row, compared: Comparison | None, column: str = "similarity") -> Closeness | None:
    """Return how near the product of ``row`` is to the query; None for one that has no vector.

    ``column`` holds the cosine of both vectors.
    """
    if compared is None or (similarity := row[column]) is None:
        return None
    asked = len(compared.vehicle)
    if not asked:
        return Closeness(similarity, 0.0, False)  # noqa: FBT003 - by name it takes twice as long, hundreds of times
    found: int = row["vehicle_terms"]
    names_another_make = row["names_a_make"] and not found
    is_for_another = found < asked and bool(names_another_make or row["names_another_model"])
    return Closeness(similarity, found / asked, is_for_another)
