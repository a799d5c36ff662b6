"""Conditions of the full-text retrievers."""

import pytest

from service.search.query import Term
from service.search.tsquery import all_but, all_of, condition, quoted

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
