"""Conditions of the full-text retrievers."""

import pytest

from service.search.term import Term
from service.search.tsquery import all_but, all_of, condition, quoted, relaxations

A = Term("a", "word", (("а",),))
B = Term("b", "prefix", (("б",), ("в",)))
C = Term("c", "code", (("xf105",), ("xf", "105")))


def words(count: int) -> list[Term]:
    return [Term(str(n), "word", ((f"w{n}",),)) for n in range(count)]


def test_lexemes_are_quoted() -> None:
    assert quoted("it's \\ here") == "'it''s \\\\ here'"


def test_alternatives_and_their_parts() -> None:
    assert condition(A) == "'а'"
    assert condition(B) == "('б' | 'в')"
    assert condition(C) == "('xf105' | ('xf' & '105'))"


def test_all_of_joins_with_and() -> None:
    assert all_of([A, B]) == "'а' & ('б' | 'в')"
    assert all_of([]) == ""


def test_all_but_one_of_two_is_either() -> None:
    assert all_but(words(2), 1) == "('w0') | ('w1')"
    assert all_but(words(3), 1) == "('w0' & 'w1') | ('w0' & 'w2') | ('w1' & 'w2')"


@pytest.mark.parametrize(("count", "dropped"), [(0, 1), (1, 1), (2, 2), (3, 2), (8, 2)])
def test_too_few_or_too_many_words_to_drop_any(count: int, dropped: int) -> None:
    assert all_but(words(count), dropped) is None


def test_two_of_four_to_seven_may_be_missing() -> None:
    condition_text = all_but(words(5), 2)
    assert condition_text is not None
    assert condition_text.count(" | ") == 9


MAKE = Term("daf", "word", (("daf",),), is_vehicle=True)
MODEL = Term("105", "number", (("105",),), is_vehicle=True)


def test_without_a_vehicle_any_one_word_is_dropped_and_then_any_two() -> None:
    terms = words(4)
    assert relaxations(terms) == ((all_but(terms, 1), 3), (all_but(terms, 2), 2))


def test_of_a_part_and_a_vehicle_the_details_of_the_vehicle_go_first() -> None:
    first, second = relaxations([A, MAKE, MODEL])
    assert first == ("'а' & (('daf') | ('105'))", 2)
    assert second == ("'а'", 1)


def test_of_a_part_and_a_make_the_make_goes_first() -> None:
    first, second = relaxations([*words(2), MAKE])
    assert first == ("'w0' & 'w1'", 2)
    assert second == ("('w0') | ('w1')", 1)
    assert relaxations([A, MAKE])[1].condition is None


def test_a_vehicle_alone_is_relaxed_as_words_are() -> None:
    assert relaxations([MAKE, MODEL])[0] == ("('daf') | ('105')", 1)
