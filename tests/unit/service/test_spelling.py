"""Neighbours of misspelled words among the words in memory."""

import pytest

from service.search.query import Spelling, correct_spelling, understand
from service.search.spelling import with_words_in_memory
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("engine", "ліхтар", "light", "амортизатор", "тяга")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("egnine", "engine"),
        ("ліхатр", "ліхтар"),
        ("lihgt", "light"),
        ("negine", "engine"),
        ("aмортзиаторр", "амортизатор"),
    ],
)
def test_swapped_letters_are_put_right(typed: str, meant: str) -> None:
    query = understand(typed, WORDS)
    found = with_words_in_memory(dict.fromkeys(query.unknown, ()), WORDS)
    corrected = correct_spelling(query, found)
    assert (corrected.repaired, corrected.unknown) == (meant, ())


def test_what_the_dictionary_found_stays() -> None:
    found = {"egnine": [Spelling("engines", "engine", 2, 5)], "qqqqq": []}
    assert with_words_in_memory(found, WORDS) == found


def test_three_letters_are_not_corrected() -> None:
    assert with_words_in_memory({"тяа": []}, WORDS) == {"тяа": []}
