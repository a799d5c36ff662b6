"""The vocabulary in memory."""

from service.search.vocabulary import CatalogueVocabulary
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "колодка", "кольцо", "klocki")


def test_other_forms_of_a_word_are_known_too() -> None:
    assert WORDS.knows("колодки")
    assert WORDS.knows("колодками")
    assert WORDS.knows("кілець") is False
    assert not WORDS.knows("колбаса")


def test_completions_are_frequent_first_and_bounded() -> None:
    assert WORDS.completions("кол", 10) == ["колодки", "колодка", "кольцо"]
    assert WORDS.completions("кол", 1) == ["колодки"]
    assert WORDS.completions("klo", 5) == ["klocki"]
    assert WORDS.completions("я", 5) == []


def test_counts() -> None:
    assert WORDS.count("колодки") == 100
    assert WORDS.count("нет") == 0
    assert len(WORDS) == 4


def test_an_empty_vocabulary_knows_nothing() -> None:
    empty = CatalogueVocabulary(())
    assert not empty.knows("тяга")
    assert empty.completions("т", 3) == []
