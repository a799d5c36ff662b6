"""The table of synonyms, and what a query makes of it."""

import pytest

from cordsearch.analysis.stem import stem
from service.search.query import Query, understand
from service.search.synonyms import load_synonyms, parse_synonyms
from tests.unit.service.builders import vocabulary

WORDS = vocabulary(
    "klocki", "hamulcowe", "przednie", "ham", "фонарь", "задний", "левый", "ремкомплект", "суппорта", "колодки",
    "daf", "xf", "renault", "premium", "filtr", "oleju", "бампер", "pow", "повітряний", "фільтр",
)  # fmt: skip


def read(text: str) -> Query:
    return understand(text, WORDS)


def meanings(text: str) -> list[set[str]]:
    return [{lexeme for alternative in term.alternatives for lexeme in alternative} for term in read(text).terms]


def test_words_of_a_group_find_each_other() -> None:
    for typed in ("przod", "front", "передние", "передні"):
        assert {stem("przednie"), stem("передний"), "front", "przod"} <= meanings(f"klocki {typed}")[1]


def test_an_alias_holds_in_one_direction() -> None:
    assert stem("hamulcowy") in meanings("klocki ham")[1]
    assert "ham" not in meanings("klocki hamulcowe")[1]


@pytest.mark.parametrize(
    ("typed", "meant"), [("ham.", "hamulcowe"), ("лев.", "левый"), ("l.", "lewy"), ("пов.", "повітряний")]
)
def test_a_word_with_a_point_is_an_abbreviation(typed: str, meant: str) -> None:
    assert stem(meant) in meanings(f"фонарь {typed}")[1]


def test_a_letter_without_a_point_asks_for_nothing() -> None:
    assert len(read("фонарь l").terms) == 1


@pytest.mark.parametrize("typed", ["р/к суппорта", "р-к суппорта", "Рем. к-т суппорта"])
def test_abbreviations_that_are_no_word_are_spelled_out(typed: str) -> None:
    assert [term.text for term in read(typed).terms] == ["ремкомплект", "суппорта"]


def test_makes_and_models_are_read_in_cyrillic() -> None:
    query = read("бампер рено премиум")
    assert [(term.text, term.is_vehicle) for term in query.terms] == [
        ("бампер", False), ("renault", True), ("premium", True),
    ]  # fmt: skip
    assert [(c.typed, c.meant) for c in query.corrections] == [("рено", "renault"), ("премиум", "premium")]
    assert [term.text for term in read("колодки даф хф 105").terms] == ["колодки", "daf", "xf", "105"]


def test_a_make_the_catalogue_lacks_stays_as_typed() -> None:
    assert read("бампер вольво").unknown == ("вольво",)


@pytest.mark.parametrize(
    ("typed", "vehicle"),
    [
        ("колодки daf xf105", ["daf", "xf105"]),
        ("колодки daf 105", ["daf", "105"]),
        ("daf filtr oleju", ["daf"]),
        ("filtr oleju renault premium", ["renault", "premium"]),
        ("колодки", []),
    ],
)
def test_what_names_the_vehicle_is_told_from_what_names_the_part(typed: str, vehicle: list[str]) -> None:
    assert [term.text for term in read(typed).terms if term.is_vehicle] == vehicle


def test_the_table_can_be_read_and_says_where_it_is_wrong() -> None:
    assert {"daf", "volvo", "renault"} <= load_synonyms().makes
    table = parse_synonyms("# remark\nkind\tany\tru\ngroup\t\tлевый\t\t\tleft\nmake\tdaf даф\n")
    assert table.lexemes["left"] == (stem("левый"),)
    assert dict(table.names) == {"даф": "daf"}
    assert table.makes == frozenset({"daf"})
    with pytest.raises(ValueError, match="Line 2"):
        parse_synonyms("group\tлевый left\nfamily\tлевый left\n")
