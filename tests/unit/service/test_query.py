"""Understanding a query."""

import pytest

from cordsearch.analysis.stem import stem
from service.search.query import (
    MAXIMUM_CODES,
    MAXIMUM_TERMS,
    Query,
    Spelling,
    allowed_distance,
    choose_spelling,
    correct_spelling,
    spelling_forms,
    understand,
)
from tests.unit.service.builders import vocabulary

WORDS = vocabulary(
    "колодки", "тормозные", "гальмівні", "тяга", "амортизатор", "фильтр", "фільтр", "масляный", "масляний",
    "daf", "scania", "xf", "klocki", "hamulcowe", "барабан", "буфера",
)  # fmt: skip


def read(text: str) -> Query:
    return understand(text, WORDS)


def terms(query: Query) -> list[tuple[str, str]]:
    return [(term.text, term.kind) for term in query.terms]


def test_known_words_are_left_as_they_are() -> None:
    query = read("Тормозні КОЛОДКИ")
    assert terms(query) == [("тормозні", "word"), ("колодки", "word")]
    assert [term.alternatives for term in query.terms] == [((stem("тормозные"),),), ((stem("колодки"),),)]
    assert (query.corrections, query.unknown, query.codes) == ((), (), ())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("nzuf", "тяга"), ("rjkjlrb", "колодки"), (",fhf,fy", "барабан"), ("вфа", "daf"), ("лдщслш", "klocki")],
)
def test_the_wrong_keyboard_layout_is_repaired(typed: str, meant: str) -> None:
    query = read(typed)
    assert [(c.typed, c.meant, c.kind) for c in query.corrections] == [(typed, meant, "keyboard_layout")]
    assert terms(query) == [(meant, "word")]


def test_the_layout_is_repaired_word_by_word() -> None:
    assert terms(read("nzuf daf")) == [("тяга", "word"), ("daf", "word")]


@pytest.mark.parametrize(("typed", "meant"), [("kolodki", "колодки"), ("tyaga", "тяга"), ("даф", "daf")])
def test_the_other_script_is_read(typed: str, meant: str) -> None:
    query = read(typed)
    assert [(c.typed, c.meant, c.kind) for c in query.corrections] == [(typed, meant, "transliteration")]
    assert terms(query) == [(meant, "word")]


def test_the_beginning_of_a_word_stands_for_the_words_it_begins() -> None:
    query = read("масл")
    assert terms(query) == [("масл", "prefix")]
    assert set(query.terms[0].alternatives) == {(stem("масляный"),), (stem("масляний"),)}


def test_a_word_nothing_explains_is_unknown() -> None:
    assert read("амотризатор").unknown == ("амотризатор",)
    assert read("daf амотризатор").unknown == ("амотризатор",)


def test_without_repair_words_are_taken_as_typed() -> None:
    query = understand("nzuf амотризатор колодки", WORDS, repair=False)
    assert (query.corrections, query.unknown) == ((), ())
    assert terms(query) == [("колодки", "word")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("SEM143", ("SEM143",)),
        ("sem", ("SEM",)),
        ("81432206012", ("81432206012",)),
        ("81.43220-6012", ("81432206012",)),
        ("81 43220 6012", ("81432206012", "43220")),
        ("A 006 420 61 20", ("A0064206120",)),
        ("143", ("143",)),
        ("ыуь143", ("ЫУЬ143".replace("У", "Y"), "SEM143")),
        ("колодки SEM14321", ("SEM14321",)),
        ("колодки", ()),
        ("309x242", ()),
        ("daf", ()),
        ("daf 105", ("DAF105",)),
    ],
)
def test_codes_are_found(text: str, codes: tuple[str, ...]) -> None:
    assert set(codes) <= set(read(text).codes)
    if not codes:
        assert read(text).codes == ()


@pytest.mark.parametrize("text", ["SEM143", "81.43220-6012", "309x242", "xf105", "ыуь143", "1234"])
def test_codes_sizes_and_numbers_are_never_corrected(text: str) -> None:
    query = read(text)
    assert (query.corrections, query.unknown) == ((), ())
    assert not query.has_words


def test_a_short_code_may_be_written_in_two_parts() -> None:
    assert read("xf105").terms[0].alternatives == (("xf105",), ("xf", "105"))


def test_a_part_number_beside_words_is_not_asked_of_the_texts() -> None:
    assert terms(read("колодки 81.43220-6012")) == [("колодки", "word")]


def test_stop_words_are_ignored() -> None:
    assert terms(read("колодки для daf")) == [("колодки", "word"), ("daf", "word")]
    assert read("для").unknown == ()


@pytest.mark.parametrize(
    "text",
    ["", " ", "'", "\\", "'; drop table x; --", "& | ! ( )", "<->", "𝒇𝒊𝒍𝒕𝒆𝒓", "🚚", "ñ" * 200, "a" * 200, "-" * 200],
)
def test_any_text_is_understood_somehow(text: str) -> None:
    assert isinstance(read(text), Query)


def test_the_work_is_bounded() -> None:
    query = read(" ".join(f"слово{'абвгд'[n % 5]}{'жзикл'[n // 5 % 5]} {n}0000{n}" for n in range(60)))
    assert len(query.terms) <= MAXIMUM_TERMS
    assert len(query.codes) <= MAXIMUM_CODES
    assert len(query.unknown) <= 4


@pytest.mark.parametrize(
    ("word", "edits"), [("вал", 0), ("тяга", 1), ("фильтр", 1), ("колодки", 2), ("амортизатор", 2)]
)
def test_longer_words_may_be_further_off(word: str, edits: int) -> None:
    assert allowed_distance(word) == edits


def test_readings_of_an_unknown_latin_word_include_the_other_script_and_layout() -> None:
    forms = dict(spelling_forms("kolotki"))
    assert forms["kolotki"] == "spelling"
    assert forms["колотки"] == "transliteration"
    assert "keyboard_layout" in forms.values()


def test_fewest_edits_win_then_plain_misspellings_then_common_words() -> None:
    near = [
        Spelling("b", "b", 2, 900),
        Spelling("c", "c", 1, 10, "keyboard_layout"),
        Spelling("d", "d", 1, 5),
        Spelling("e", "e", 1, 50),
    ]
    assert [spelling.word for spelling in choose_spelling(near)] == ["e", "d"]
    assert choose_spelling([]) == ()


def test_rare_words_as_near_as_a_common_one_are_left_out() -> None:
    chosen = choose_spelling([Spelling("a", "a", 1, 1000), Spelling("b", "b", 1, 3), Spelling("c", "a", 1, 500)])
    assert [spelling.word for spelling in chosen] == ["a"]


def test_a_misspelled_word_is_replaced() -> None:
    query = correct_spelling(read("daf амотризатор"), {"амотризатор": [Spelling("амортизатор", "амортизатор", 1, 9)]})
    assert terms(query) == [("daf", "word"), ("амортизатор", "spelling")]
    assert query.repaired == "daf амортизатор"
    assert query.unknown == ()
    assert query.was_respelled
    assert [(c.typed, c.meant, c.kind) for c in query.corrections] == [("амотризатор", "амортизатор", "spelling")]


def test_a_word_without_neighbours_stays_unknown() -> None:
    query = correct_spelling(read("ахтунг"), {})
    assert query.unknown == ("ахтунг",)
    assert query.corrections == ()
    assert not query.was_respelled
    assert query.has_words


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("А 150 368 67 86", "A1503686786"),  # a Cyrillic А
        ("9X9 918 475 AS", "9X9918475AS"),
        ("9Х99-18475-АS", "9X9918475AS"),
        ("АВ 12 34", "AB1234"),
    ],
)
def test_a_code_in_groups_may_begin_like_a_word_or_a_size(typed: str, code: str) -> None:
    assert code in read(typed).codes


def test_a_size_beside_words_is_no_code() -> None:
    assert read("колодки 309x242").codes == ()
