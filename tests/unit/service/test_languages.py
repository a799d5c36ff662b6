"""A language that a shop leaves out brings nothing to a query; without it the others are read as before."""

import pytest

from cordsearch.analysis.languages import LANGUAGES, Language
from cordsearch.analysis.stem import stem
from service.search.languages import ALL_SEARCHED, searched_languages
from service.search.query import Query, spelling_forms, understand
from service.search.synonyms import load_synonyms, parse_synonyms
from service.search.typing import readings
from tests.unit.service.builders import vocabulary

CATALOGUE = (
    "тяга", "підшипник", "подшипник", "колодки", "przedni", "передний", "front", "filtr", "pads", "daf",
    "фільтр", "ремкомплект",
)  # fmt: skip


def read(text: str, *languages: Language) -> Query:
    return understand(text, vocabulary(*CATALOGUE, languages=languages or LANGUAGES))


@pytest.mark.parametrize(
    ("typed", "meant", "typed_in"),
    [
        ("nzuf", "тяга", {"ru", "uk"}),
        ("gslibgybr", "підшипник", {"uk"}),
        ("зфвы", "pads", {"pl", "en"}),
    ],
)
def test_a_keyboard_layout_is_tried_for_its_languages_only(typed: str, meant: str, typed_in: set[Language]) -> None:
    assert read(typed).repaired == meant
    assert {language: read(typed, language).repaired for language in LANGUAGES} == {
        language: meant if language in typed_in else typed for language in LANGUAGES
    }


@pytest.mark.parametrize(
    ("typed", "meant", "written_in"),
    [
        ("kolodki", "колодки", {"ru", "uk"}),
        ("падс", "pads", {"pl", "en"}),
    ],
)
def test_the_other_script_is_tried_where_a_searched_language_has_it(
    typed: str, meant: str, written_in: set[Language]
) -> None:
    assert read(typed).repaired == meant
    assert {language: read(typed, language).repaired for language in LANGUAGES} == {
        language: meant if language in written_in else typed for language in LANGUAGES
    }


def test_letters_of_a_language_left_out_are_not_spelled() -> None:
    assert {"диск", "діск"} <= set(ALL_SEARCHED.in_other_script("disk"))
    assert "діск" not in searched_languages(["ru"]).in_other_script("disk")
    assert "пыл" in ALL_SEARCHED.in_other_script("pyl")
    assert "пыл" not in searched_languages(["uk"]).in_other_script("pyl")


def test_the_spelling_of_a_language_left_out_is_not_looked_up() -> None:
    assert dict(spelling_forms("kolotki"))["колотки"] == "transliteration"
    assert set(dict(spelling_forms("kolotki", searched_languages(["pl"])))) == {"kolotki"}


def test_synonyms_of_a_language_left_out_are_not_asked_for() -> None:
    alternatives = {lexeme for (lexeme,) in read("передний", "ru", "en").terms[0].alternatives}
    assert {stem("передний"), "front"} <= alternatives
    assert not alternatives & {stem("przedni"), "przod"}
    assert read("przedni", "ru").terms[0].alternatives == ((stem("przedni"),),)


def test_abbreviations_of_a_language_left_out_are_not_spelled_out() -> None:
    assert [term.text for term in read("р/к", "ru").terms] == ["ремкомплект"]
    assert [term.text for term in read("р/к", "pl").terms] == []


def test_stop_words_of_a_language_left_out_are_words() -> None:
    assert read("pads for daf").unknown == ()
    assert read("pads for daf", "uk", "ru").unknown == ("for",)
    assert "dla" not in searched_languages(["en"]).stop_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_makes_belong_to_no_language(language: Language) -> None:
    assert [term.text for term in read("даф", language).terms] == ["daf"]
    assert searched_languages([language]).synonyms.makes == load_synonyms().makes


def test_completions_are_read_in_the_searched_languages() -> None:
    assert "тяга" in {reading.last for reading in readings("nzuf", vocabulary(*CATALOGUE))}
    assert "тяга" not in {reading.last for reading in readings("nzuf", vocabulary(*CATALOGUE, languages=["pl"]))}


def test_the_choice_and_its_order_make_one_object() -> None:
    assert searched_languages(reversed(LANGUAGES)) is ALL_SEARCHED
    assert ALL_SEARCHED.synonyms is not searched_languages(["pl"]).synonyms


def test_a_table_of_synonyms_is_read_by_its_columns() -> None:
    table = "group\t\tлевый\tлівий\tlewy\tleft\nalias\t\t\t\tlewy l\tleft l\nmake\tdaf даф\n"
    assert parse_synonyms(table, {"pl", "en"}).lexemes["left"] == (stem("lewy"),)
    assert parse_synonyms(table, {"en"}).lexemes["l"] == ("left",)
    assert parse_synonyms(table, {"ru"}).lexemes == {}
    with pytest.raises(ValueError, match="Line 1 of the synonyms has more than 5 cells"):
        parse_synonyms("group\ta\tb\tc\td\te\tf\n")
