"""Synonyms and stop words of staff, and what a query makes of them."""

from collections.abc import Sequence

import pytest

from cordsearch.analysis.stem import stem
from service.search.query import Query, Spelling, correct_spelling, understand
from service.search.wording import NO_WORDING, Wording, compile_wording, phrase_key
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "гальмівні", "сідло", "тягача", "лампа", "диск", "front", "daf", "купити")


def one_way(typed: Sequence[str], found: Sequence[str]) -> Wording:
    return compile_wording([], [(7, tuple(typed), tuple(found))])


def two_way(*phrases: str) -> Wording:
    return one_way(phrases, phrases)


def without(*words: str) -> Wording:
    return compile_wording([(3, words)], [])


def read(text: str, wording: Wording) -> Query:
    return understand(text, WORDS, wording=wording)


def alternatives(query: Query, place: int = 0) -> tuple[tuple[str, ...], ...]:
    return query.terms[place].alternatives


def test_without_rules_nothing_is_touched() -> None:
    assert NO_WORDING.leave_out("купити колодки") == ("купити колодки", [])
    assert NO_WORDING.over(WORDS) is WORDS
    terms = read("колодки daf", NO_WORDING).terms
    assert NO_WORDING.expand(terms) == (terms, [], "")
    assert read("колодки", NO_WORDING).rules == ()


@pytest.mark.parametrize("typed", ["п'яте колесо", "П’ЯТЕ КОЛЕСО", "п'ятого колеса"])
def test_a_phrase_that_the_catalogue_does_not_know_finds_its_meaning_in_any_form(typed: str) -> None:
    query = read(typed, two_way("п'яте колесо", "сідло тягача"))
    assert len(query.terms) == 1
    assert alternatives(query) == (phrase_key(typed), phrase_key("сідло тягача"))
    assert query.unknown == ()
    assert query.corrections == ()
    assert query.to_encode.endswith("сідло тягача")
    assert [(rule.rule_id, rule.kind) for rule in query.rules] == [(7, "synonyms")]
    assert "сідло тягача" in query.rules[0].effect


def test_two_way_holds_in_both_directions_and_one_way_in_one() -> None:
    assert phrase_key("п'яте колесо") in alternatives(read("сідло тягача", two_way("п'яте колесо", "сідло тягача")))
    assert len(read("сідло тягача", one_way(["п'яте колесо"], ["сідло тягача"])).terms) == 2


def test_the_rest_of_the_query_stays_and_several_phrases_are_met() -> None:
    wording = compile_wording([], [(1, ("лампа",), ("ліхтар",)), (2, ("диск гальмівний",), ("ротор",))])
    query = read("лампа daf диск гальмівний", wording)
    assert [term.text for term in query.terms] == ["лампа", "daf", "диск гальмівний"]
    assert (stem("ліхтар"),) in alternatives(query)
    assert (stem("ротор"),) in alternatives(query, 2)
    assert [rule.rule_id for rule in query.rules] == [1, 2]


def test_the_longest_phrase_wins() -> None:
    wording = compile_wording([], [(1, ("диск",), ("круг",)), (2, ("диск гальмівний",), ("ротор",))])
    assert [rule.rule_id for rule in read("диск гальмівний", wording).rules] == [2]


def test_a_synonym_that_comes_with_the_project_is_kept_beside() -> None:
    meanings = alternatives(read("front", two_way("front", "фронтальний")))
    assert {("front",), (stem("передний"),), (stem("фронтальний"),)} <= set(meanings)


def test_the_beginning_of_a_word_is_not_a_phrase_of_a_rule() -> None:
    assert read("колод", two_way("колодки", "башмаки")).rules == ()


def test_a_word_of_a_rule_is_reached_from_the_wrong_layout() -> None:
    query = read("gzymrf", two_way("пянька", "лампа"))  # the keys of "пянька"
    assert (stem("лампа"),) in alternatives(query)


def test_a_misspelled_word_of_a_rule_is_met_once_it_is_corrected() -> None:
    wording = two_way("лампа", "ліхтар")
    neighbours = {"лмапа": [Spelling("лампа", stem("лампа"), 1, 10)]}
    query = correct_spelling(read("лмапа диск", wording), neighbours, wording=wording)
    assert [term.text for term in query.terms] == ["диск", "лампа"]
    assert alternatives(query, 1) == ((stem("лампа"),), (stem("ліхтар"),))
    again = correct_spelling(query, {}, wording=wording)
    assert (again.terms, again.rules) == (query.terms, query.rules)
    assert len(query.rules) == 1


def test_stop_words_are_left_out_in_any_case_and_never_corrected() -> None:
    query = read("КУПИТИ, колодки daf цена", without("купити", "цена"))
    assert [term.text for term in query.terms] == ["колодки", "daf"]
    assert query.repaired == "колодки daf"
    assert query.text == "КУПИТИ, колодки daf цена"
    assert query.unknown == ()
    assert [rule.kind for rule in query.rules] == ["stop_words", "stop_words"]


@pytest.mark.parametrize("text", ["купити", "купити для", "купити !"])
def test_a_query_of_stop_words_alone_is_searched_as_it_is(text: str) -> None:
    query = read(text, without("купити"))
    assert [term.text for term in query.terms] == ["купити"]
    assert query.rules == ()


def test_a_phrase_that_begins_with_a_number_or_a_make_is_still_a_word_of_the_part() -> None:
    term = read("daf лампа", two_way("daf лампа", "диск")).terms[0]
    assert (term.kind, term.is_vehicle) == ("word", False)
    assert read("105 лампа", two_way("105 лампа", "диск")).has_words


def test_a_number_may_have_another_number_as_synonym() -> None:
    query = read("колодки xf105", two_way("xf105", "xf 106"))
    assert ("xf", "106") in alternatives(query, 1)


def test_every_text_is_read() -> None:
    wording = compile_wording([(3, ["купити"])], [(7, ("п'яте колесо",), ("сідло",))])
    for text in ("", " ", "!", "п'яте", "колесо п'яте колесо п'яте колесо", "\u0301", "a" * 200, "купити " * 30):
        read(text, wording)
