"""Which past queries are offered, and where they stand among the completions."""

from contextlib import AbstractAsyncContextManager

from service.events.past_queries import choose_past_queries
from service.search.autocomplete import Autocompleter, Suggestion, complete_queries, merge
from service.search.phrases import Phrase, PhraseIndex
from service.search.rows import Connection
from service.search.typing import read_typing, readings
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "гальмівні", "daf", "масло", "масляний", "фільтр", "petrenko")


def chosen(**weights: float) -> list[tuple[str, float]]:
    rows = [{"text": text.replace("_", " "), "weight": weight} for text, weight in weights.items()]
    return [(phrase.text, phrase.popularity) for phrase in choose_past_queries(rows, WORDS)]


def test_queries_of_known_words_are_offered_by_their_share_of_the_most_searched() -> None:
    assert chosen(колодки_daf=8.0, фільтр_для_daf=4.0, daf_105=2.0) == [
        ("колодки daf", 1.0), ("фільтр для daf", 0.5), ("daf 105", 0.25),
    ]  # fmt: skip


def test_unknown_words_half_words_and_numbers_are_not() -> None:
    assert chosen(іван_колодки=9, колодк=9, фільтр_масл=9, daf_0671234567=9, **{"81432206012": 9}, **{"12": 9}) == []


def test_another_form_of_a_word_is_known_but_not_as_the_last_one() -> None:
    assert [text for text, _ in chosen(колодок_daf=1, daf_колодок=1)] == ["колодок daf"]


class NoDatabase:
    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        raise AssertionError("the database was asked")


INDEX = PhraseIndex(
    [
        Phrase("колодки daf", "колодки daf", "und", 0, 1.0),
        Phrase("колодки гальмівні", "колодки гальмівні", "uk", 0, 0.5),
        Phrase("колодки", "колодки", "und", 0, 0.4),
        Phrase("колодки задні", "колодки задні", "uk", 0, 0.3),
        Phrase("колодки man", "колодки man", "und", 0, 0.2),
    ]
)


def queries(text: str, language: str | None = None) -> list[str]:
    return [each.text for each in complete_queries(read_typing(text), readings(text, WORDS), INDEX, language)]


def test_the_most_searched_come_first_three_at_most() -> None:
    assert queries("кол") == ["колодки daf", "колодки гальмівні", "колодки"]


def test_those_in_the_language_asked_for_come_before() -> None:
    assert queries("кол", "uk") == ["колодки гальмівні", "колодки задні", "колодки daf"]


def test_other_keyboard_layouts_and_scripts_find_them() -> None:
    assert queries("rjkjlr") == queries("колодк")
    assert queries("kolodk")[:1] == ["колодки daf"]


def test_what_is_typed_already_is_not_offered() -> None:
    assert queries("колодки") == ["колодки daf", "колодки гальмівні", "колодки задні"]


def test_one_letter_is_too_few() -> None:
    assert queries("к") == []


async def test_past_queries_take_no_database() -> None:
    names = PhraseIndex([Phrase("колодки гальмівні", "Колодки гальмівні", "uk", 318, 1.0)])
    autocompleter = Autocompleter(NoDatabase(), lambda: WORDS, lambda: names, lambda: INDEX)
    answer = await autocompleter.complete("кол", None, 1)
    assert [each.text for each in answer.suggestions] == ["колодки daf"]


def test_a_query_that_is_the_name_of_a_part_is_offered_once_with_its_products() -> None:
    names = [Phrase("колодки гальмівні", "Колодки гальмівні", "uk", 318, 1.0)]
    past = complete_queries(read_typing("кол"), (), INDEX, None)
    merged = merge(read_typing("кол"), past, names, (), ["колодки"], None, 8)
    assert merged == [
        Suggestion("query", "колодки daf"),
        Suggestion("query", "колодки"),
        Suggestion("name", "Колодки гальмівні", "uk", None, 318),
    ]
