"""The vocabulary in memory."""

import pytest

from cordsearch.analysis.stem import stem
from service.search.term import Term
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


def test_every_word_is_held_once() -> None:
    assert len(WORDS) == 4


def test_an_empty_vocabulary_knows_nothing() -> None:
    empty = CatalogueVocabulary(())
    assert not empty.knows("тяга")
    assert empty.completions("т", 3) == []


def test_beginnings_and_words_near_a_misspelt_one() -> None:
    words = CatalogueVocabulary(
        [("амортизатор", "а", 50), ("амортизаторы", "а", 70), ("армированный", "б", 900), ("klocki", "k", 5)]
    )
    assert words.nearest_beginnings("амотриз")[0].startswith("амортиз")
    assert words.nearest_beginnings("армиоров")[0].startswith("армиров")
    assert words.nearest_beginnings("тормоз") == []
    assert words.nearest("kolcki") == ["klocki"]
    assert words.nearest("kolkci") == []
    assert words.nearest("lkocki") == ["klocki"]


def test_a_rare_word_beside_a_far_commoner_one_is_doubted() -> None:
    counts = {"тормозные": 900, "тормозыне": 2, "фильтр": 40}
    words = CatalogueVocabulary((word, stem(word), count) for word, count in counts.items())
    assert words.commoner("тормозыне") == "тормозные"
    assert words.commoner("тормозные") is None
    assert words.commoner("фильтр") is None
    assert words.commoner("неведомый") is None


COUNTED = CatalogueVocabulary(
    [("filtr", "filtr", 800), ("olej", "olej", 300), ("filtry", "filtr", 200), ("daf", "daf", 100)]
)


def term(*alternatives: tuple[str, ...], is_vehicle: bool = False) -> Term:
    return Term("", "word", alternatives, is_vehicle)


@pytest.mark.parametrize(
    ("terms", "likely"),
    [
        ([], 0),
        ([term(("filtr",))], 1000),
        ([term(("filtr",)), term(("olej",))], 300),
        ([term(("filtr", "olej"))], 300),
        ([term(("filtr",), ("olej",))], 1300),
        ([term(("filtr",)), term(("nieznane",))], 0),
        ([term(("daf",), is_vehicle=True)], 100),
        ([term(("olej",)), term(("daf",), is_vehicle=True)], 30),
    ],
)
def test_words_of_a_part_come_together_and_a_vehicle_with_its_share(terms: list[Term], likely: float) -> None:
    assert COUNTED.likely_matches(terms) == likely


def test_nothing_is_likely_without_words() -> None:
    assert CatalogueVocabulary(()).likely_matches([term(("filtr",))]) == 0
