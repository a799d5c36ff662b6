"""Misspelled beginnings of words."""

import pytest

from service.search.spelling import nearest_beginning

WORDS = [("амортизатор", 50), ("амортизаторы", 70), ("аморт", 1), ("армированный", 900)]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("амотриз", "амортизаторы"),
        ("амартизат", "амортизаторы"),
        ("армиоров", "армированный"),
        ("тормоз", None),
        ("ва", None),
    ],
)
def test_fewest_edits_then_the_commoner_word(typed: str, word: str | None) -> None:
    assert nearest_beginning(typed, WORDS) == word


def test_no_words_no_answer() -> None:
    assert nearest_beginning("амотриз", []) is None
