"""The committed judged set: it says only what the vocabulary knows, and its halves share no concept."""

from collections import Counter

import pytest

from benchmarks.relevance.compose import by_hand, sizes, slipped
from benchmarks.relevance.grading import Part
from benchmarks.relevance.needs import JudgedQuery, Need, query_of_row, read_queries, read_siblings, row_of_query
from ingest.demo.vocabulary import Vocabulary, load_vocabulary

CLASSES = {
    "code", "code_prefix", "cross_number", "name_ru", "name_uk", "name_pl", "name_en", "mixed", "typo", "layout",
    "transliteration", "vehicle", "vehicle_cyrillic", "size", "missing_name", "position", "confusable", "abbreviation",
}  # fmt: skip


@pytest.fixture(scope="module")
def queries() -> list[JudgedQuery]:
    return read_queries()


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def test_there_are_enough_queries_of_every_class_in_both_halves(queries: list[JudgedQuery]) -> None:
    counts = Counter((query.query_class, query.half) for query in queries)
    assert {name for name, _ in counts} == CLASSES
    assert min(counts.values()) >= 15
    assert len(queries) >= 1_000


def test_no_query_is_there_twice(queries: list[JudgedQuery]) -> None:
    assert max(Counter(query.key for query in queries).values()) == 1


def test_no_concept_is_in_both_halves(queries: list[JudgedQuery]) -> None:
    halves = {(query.concept, query.half) for query in queries}
    assert len(halves) == len({concept for concept, _ in halves})


def test_every_word_of_a_judgement_is_of_the_vocabulary(queries: list[JudgedQuery], vocabulary: Vocabulary) -> None:
    types = {each.key for each in vocabulary.part_types}
    models = {(vehicle.make, vehicle.model) for vehicle in vocabulary.vehicles}
    makes = {make for make, _ in models}
    for query in queries:
        need = query.need
        assert set(need.part_types) <= types, query
        assert set(need.qualifiers) <= set(vocabulary.qualifiers), query
        assert not need.make or need.make in makes, query
        assert not need.model or (need.make, need.model) in models, query
        assert need != Need(), query
    assert {key for pair in read_siblings() for key in pair} <= types


def test_a_query_survives_its_row() -> None:
    query = JudgedQuery("vehicle", "колодки daf", Need(("brake_pads",), ("front",), "DAF", "XF105"))
    assert query_of_row(row_of_query(query)) == query


def test_slips_keep_what_was_meant_and_never_repeat_a_name() -> None:
    written = by_hand()
    names = {query.text for query in written}
    needs = {query.need for query in written}
    found = slipped(written)
    assert {query.query_class for query in found} == {"typo", "layout", "transliteration"}
    assert all(query.need in needs and query.text not in names for query in found)
    assert found == slipped(list(reversed(written)))


def test_sizes_are_asked_in_the_spellings_people_use(vocabulary: Vocabulary) -> None:
    def part(number: int) -> Part:
        size = frozenset({f"{300 + number // 2}x242"})
        nothing: frozenset[str] = frozenset()
        return Part(number, "brake_shoes", nothing, nothing, nothing, size, nothing, nothing)

    types = {each.key: each for each in vocabulary.part_types}
    found = sizes([part(number) for number in range(80)], types)
    assert {"x", "х", "*"} <= {character for query in found for character in query.text}
    assert all("x242" in query.need.size for query in found)
    assert any(query.need.part_types == ("brake_shoes",) and "колодки" in query.text for query in found)
