"""Statements with the comparison put in: every place is filled, every value has its number."""

import re
from dataclasses import replace

import pytest
from pgvector import HalfVector

from cordsearch.sql import load_query
from service.search.candidate import Closeness
from service.search.comparison import candidate_statement, closeness_of
from service.search.filters import Filters
from service.search.meaning import Comparison
from service.search.query import Query
from service.search.retrievers import fulltext, vector

VECTOR = HalfVector([1.0, 0.0])
IN_MART = Comparison(VECTOR, "model@1", is_in_mart=True)
OF_VEHICLE = IN_MART._replace(vehicle=("'daf'", "'xf105'"), other_models="'cf85'")
QUERY = Query("фара daf xf105", "фара daf xf105", (), ())
STATEMENTS = {
    "words": (load_query(fulltext.__file__, "words.sql"), 4),
    "vector": (load_query(vector.__file__, "vector.sql"), 3),
    "vector_filtered": (load_query(vector.__file__, "vector_filtered.sql"), 6),
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("filters", [Filters(), Filters(supplier="SEM1", available=True)], ids=["all", "filtered"])
@pytest.mark.parametrize(
    "comparison",
    [None, IN_MART, OF_VEHICLE, IN_MART._replace(is_in_mart=False), OF_VEHICLE._replace(is_in_mart=False)],
    ids=["nothing", "mart", "mart, vehicle", "table", "table, vehicle"],
)
def test_every_place_is_filled_and_every_value_numbered(
    name: str, filters: Filters, comparison: Comparison | None
) -> None:
    text, own_values = STATEMENTS[name]
    if name == "vector":
        filters = Filters()  # with filters it is the other statement
    query = replace(QUERY, filters=filters, comparison=comparison)
    statement, values = candidate_statement(text, query, own_values)
    code = re.sub("--.*", "", statement)
    assert set(re.findall(r"\{[a-z_ ${}\d]*\}", code)) <= {"{vectors}", "{nearest}", "{a}"}
    numbers = {int(number) for number in re.findall(r"\$(\d+)", code)}
    assert numbers == set(range(1, own_values + len(values) + 1))
    assert (VECTOR in values) == (comparison is not None and not name.startswith("vector"))
    assert ("embeddings.vectors_" in code) == (
        comparison is not None and not comparison.is_in_mart and not name.startswith("vector")
    )


def test_words_are_scored_by_the_vectors_of_the_mart_and_else_by_the_words() -> None:
    text, own_values = STATEMENTS["words"]
    by_meaning = candidate_statement(text, replace(QUERY, comparison=IN_MART), own_values).statement
    by_words = candidate_statement(text, QUERY, own_values).statement
    assert ("ts_rank" in by_meaning, "<=>" in by_meaning) == (False, True)
    assert ("ts_rank" in by_words, "<=>" in by_words) == (True, False)


def test_how_near_a_product_is() -> None:
    row = {"score": 0.8, "vehicle_terms": 1, "names_a_make": True, "names_another_model": False}
    assert closeness_of(row, IN_MART, "score") == Closeness(0.8, 0.0, other_vehicle=False)
    assert closeness_of(row, OF_VEHICLE, "score") == Closeness(0.8, 0.5, other_vehicle=False)
    assert closeness_of(row | {"names_another_model": True}, OF_VEHICLE, "score") == Closeness(
        0.8, 0.5, other_vehicle=True
    )
    assert closeness_of(row | {"vehicle_terms": 0}, OF_VEHICLE, "score") == Closeness(0.8, 0.0, other_vehicle=True)
    assert closeness_of(row | {"vehicle_terms": 2, "names_another_model": True}, OF_VEHICLE, "score") == Closeness(
        0.8, 1.0, other_vehicle=False
    )


def test_what_was_not_compared_has_no_closeness() -> None:
    assert closeness_of({"score": 0.8}, None, "score") is None
    assert closeness_of({"similarity": None}, IN_MART) is None


@pytest.mark.parametrize("name", ["vector", "vector_filtered"])
def test_how_many_neighbours_are_read_is_left_to_the_retriever(name: str) -> None:
    text, _ = STATEMENTS[name]
    code = re.sub("--.*", "", text)
    assert "limit {nearest}" in code
    assert "limit 100\n" not in code
