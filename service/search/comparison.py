"""The comparison of products with the query, as parts of the statements that propose them.

Stage: service, inside the retrievers. Reads nothing itself; the parts read the row of the product, which the statement
has at hand, and the vectors of the encoder's model where the mart holds no copy of them. A statement calls the product
``product``. It says ``{score of $1}`` for the score of a match of the condition ``$1``, ``{vehicle_conditions}`` where
its first common table expression begins, ``{similarity}`` and ``{vehicle}`` at the end of its columns; the last three
become nothing where the query has nothing to compare with.

Before, this was a statement of its own for the products of all retrievers, by primary key: docs/adr/0030.
"""

import re
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from cordsearch.sql import load_query
from embeddings.encoder import vector_table_name
from service.search.candidate import Closeness
from service.search.filter_clause import Filtered, apply_filters, number_places, read_parts
from service.search.meaning import Comparison
from service.search.query import Query
from service.search.rows import Row

_SCORE = re.compile(r"\{score of (\$\d)\}")


class _Form(NamedTuple):
    """Which of the parts a statement gets."""

    similarity: Literal["none", "in_mart", "in_table", "its_own"] = "none"
    model_id: str = ""
    has_vehicle: bool = False


def candidate_statement(statement: str, query: Query, own_values: int) -> Filtered:
    """Return ``statement`` with the filters and the comparison of ``query``, and their values, bound after its own."""
    statement, values = apply_filters(statement, query.filters, own_values)
    form, compared_by = _form(statement, query.comparison)
    return Filtered(_compose(statement, form, own_values + len(values)), values + compared_by)


def _form(statement: str, compared: Comparison | None) -> tuple[_Form, tuple[object, ...]]:
    if compared is None:
        return _Form(), ()
    vehicle = (list(compared.vehicle), compared.other_models) if compared.vehicle else ()
    form = _Form("its_own", compared.model_id, has_vehicle=bool(vehicle))
    if "{similarity}" not in statement:  # the statement of the vectors
        return form, vehicle
    if compared.is_in_mart:
        return form._replace(similarity="in_mart"), (compared.vector, compared.model_id, *vehicle)
    return form._replace(similarity="in_table"), (compared.vector, *vehicle)


@lru_cache(maxsize=1_000)
def _compose(statement: str, form: _Form, bound: int) -> str:
    parts = _parts()
    chosen = dict.fromkeys(("similarity", "vehicle_conditions", "vehicle"), "")
    score = parts["score_by_words"]
    if form.similarity == "in_mart":
        score = number_places(parts["score_by_meaning"], bound)
        chosen["similarity"] = parts["similarity_is_score"]
        bound += 2
    elif form.similarity == "in_table":
        part = parts["similarity_in_table"].replace("{vectors}", vector_table_name(form.model_id))
        chosen["similarity"] = number_places(part, bound)
        bound += 1
    if form.has_vehicle:
        chosen |= {name: number_places(parts[name], bound) for name in ("vehicle_conditions", "vehicle")}
    for place, part in chosen.items():
        statement = statement.replace(f"{{{place}}}", part)
    return _SCORE.sub(lambda place: score.replace("{words}", place[1]), statement)


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
