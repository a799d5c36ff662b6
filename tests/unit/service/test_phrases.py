"""The phrases in memory, and the completions made of them."""

from service.search.autocomplete import complete_names, complete_terms
from service.search.phrases import Phrase, PhraseIndex
from service.search.typing import read_typing, readings
from tests.unit.service.builders import vocabulary

INDEX = PhraseIndex(
    [
        Phrase("фильтр", "Фильтр", "ru", 900, 1.0),
        Phrase("фільтр", "Фільтр", "uk", 800, 0.9),
        Phrase("фільтр масляний", "Фільтр масляний", "uk", 90, 0.8),
        Phrase("фільтр масляний daf", "Фільтр масляний DAF", "uk", 20, 0.5),
        Phrase("фільтр масляний man tga", "Фільтр масляний MAN TGA", "uk", 10, 0.4),
        Phrase("фільтр-сепаратор", "Фільтр-сепаратор", "uk", 30, 0.6),
        Phrase("датчик", "Датчик", "uk", 300, 0.7),
        Phrase("фара", "Фара", "uk", 7, 0.1),
    ]
)
WORDS = vocabulary("фільтр", "масляний", "daf", "man", "tga", "сепаратор", "датчик", "фара", "фильтр", "фаркоп")


def names(text: str, language: str | None = "uk", limit: int = 3) -> list[str]:
    found = complete_names(read_typing(text), readings(text, WORDS), WORDS, INDEX, language, limit)
    return [each.text for each in found]


def terms(text: str) -> list[str]:
    others = readings(text, WORDS)
    found = complete_names(read_typing(text), others, WORDS, INDEX, "uk", 8)
    return list(complete_terms([read_typing(text), *others], found, WORDS))


def test_the_language_asked_for_comes_first_then_the_popular() -> None:
    assert names("ф") == ["Фільтр", "Фільтр масляний", "Фільтр-сепаратор"]
    assert names("ф", "ru", 2) == ["Фильтр", "Фільтр"]
    assert names("ф", None, 2) == ["Фильтр", "Фільтр"]


def test_words_may_stand_in_any_order_and_anywhere() -> None:
    assert names("масляний фільтр d") == ["Фільтр масляний DAF"]
    assert names("сепар") == ["Фільтр-сепаратор"]
    assert names("tga") == ["Фільтр масляний MAN TGA"]


def test_a_make_in_cyrillic_and_a_misspelt_first_word() -> None:
    assert names("фільтр масляний да") == ["Фільтр масляний DAF"]
    assert names("фільрт масл") == ["Фільтр масляний", "Фільтр масляний DAF", "Фільтр масляний MAN TGA"]
    assert names("adkmnh vfckzybq d") == []  # no layout gives that
    assert names("фільтр vfckz") == ["Фільтр масляний", "Фільтр масляний DAF", "Фільтр масляний MAN TGA"]


def test_words_that_nothing_holds_together_are_offered_only_when_nothing_else_is() -> None:
    assert terms("фільтр масляний d") == []
    assert terms("фара d") == ["фара daf"]
    assert terms("фар") == ["фаркоп"]
    assert terms("фільтр ") == []


def test_no_phrases_no_names() -> None:
    assert complete_names(read_typing("ф"), (), WORDS, PhraseIndex(()), "uk", 3) == []
    assert len(PhraseIndex(())) == 0
    assert len(INDEX) == 8
    assert [each.text for each in INDEX.best(INDEX.holding_forms("датчики"), "uk", 5)] == ["Датчик"]
