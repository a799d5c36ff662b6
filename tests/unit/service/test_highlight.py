"""What is marked in names and part numbers, and that the marks are all that is markup."""

import re
from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cordsearch.analysis.stem import stem
from service.search.highlight import Highlighter, Span, Tags, render
from service.search.query import Query, Spelling, correct_spelling, understand
from service.search.term import Term
from tests.unit.service.builders import vocabulary

WORDS = vocabulary(
    "тормозные", "гальмівні", "колодки", "амортизатор", "тяга", "фильтр", "масляный", "klocki", "hamulcowe", "renault",
    "daf", "суппорт", "передний", "стойка",
)  # fmt: skip
DEALERS_LETTERS = "абвіїйґŁłęABxfSEM0159 .,-/'’х×²ﬁœßİ\u0301\u0306\u00ad\u200b<>&\"_"
TEXTS = st.one_of(st.text(max_size=40), st.text(DEALERS_LETTERS, max_size=40))
MARKS = Tags("[", "]")


def asked(text: str) -> Highlighter:
    return Highlighter(understand(text, WORDS))


def marked(query: str, text: str) -> str:
    return render(text, asked(query).in_text(text), MARKS)


def marked_code(query: str, text: str) -> str:
    return render(text, asked(query).in_code(text), MARKS)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        # inflected, and spelt otherwise in the other language
        ("тормозных колодок", "Колодки тормозные передние", "[Колодки] [тормозные] передние"),
        ("колодка", "КОЛОДКИ гальмівні", "[КОЛОДКИ] гальмівні"),
        ("стойка", "Стойку, стоек: стойки", "[Стойку], [стоек]: [стойки]"),
        # keyboard layout, script, the beginning of a word
        ("nzuf", "Тяга рулевая", "[Тяга] рулевая"),
        ("kolodki", "Колодки 2шт", "[Колодки] 2шт"),
        ("рено", "Тяга Renault; тяга РЕНО", "Тяга [Renault]; тяга [РЕНО]"),
        ("амортиз", "Амортизатор", "[Амортиз]атор"),
        ("klocki ham.", "KLOCKI HAMULCOWE przod", "[KLOCKI] [HAMULCOWE] przod"),
        # a synonym
        ("передний", "Zderzak przód", "Zderzak [przód]"),
        # homoglyphs, diacritics, invisible characters, ligatures
        ("фильтр", "Фiльтр, ФИЛЬТР", "[Фiльтр], [ФИЛЬТР]"),
        ("lozysko", "Łożysko piasty", "[Łożysko] piasty"),
        ("тормозные", "тор\u00adмозные ко\u0301лодки", "[тор\u00adмозные] ко\u0301лодки"),
        ("filtr", "ﬁltr", "[ﬁltr]"),
        # sizes, models, codes inside a name
        ("309x242", "Диск 309 х 242 мм", "Диск [309 х 242] мм"),
        ("xf105", "DAF XF 105, XF105, XF-105", "DAF [XF] [105], [XF105], [XF-105]"),
        ("xf105", "DAF XF 95", "DAF XF 95"),
        ("daf 105", "DAF XF105", "[DAF] XF[105]"),
        ("81432206012", "Кран 81.43220-6012.", "Кран [81.43220-6012]."),
        ("81.432", "Кран 81.43220-6012", "Кран [81.432]20-6012"),
        # what says nothing is not marked
        ("тяга для колодки", "Тяга для вала", "[Тяга] для вала"),
        ("тяга", "протяга тягач", "протяга тягач"),
    ],
)
def test_marks_in_names(query: str, text: str, expected: str) -> None:
    assert marked(query, text) == expected


@pytest.mark.parametrize(
    ("query", "code", "expected"),
    [
        ("81432206012", "81.43220-6012", "[81.43220-6012]"),
        ("81.43220 6012", "81.43220-6012", "[81.43220-6012]"),
        ("81-43220", "81.43220-6012", "[81.43220]-6012"),
        ("sem143", "SEM14321", "[SEM143]21"),
        ("ыуь143", "SEM14321", "[SEM143]21"),
        ("SEM143", "SЕМ-143-21", "[SЕМ-143]-21"),  # Cyrillic letters in the catalogue
        ("А 150 368 67 86", "A1503686786", "[A1503686786]"),
        ("A1503686786", "A 150 368 67 86", "[A 150 368 67 86]"),
        ("тяга sem143", "SEM143", "[SEM143]"),
        ("43220-6012", "81.43220-6012", "81.43220-6012"),
        ("тяга", "81.43220-6012", "81.43220-6012"),
    ],
)
def test_marks_in_part_numbers(query: str, code: str, expected: str) -> None:
    assert marked_code(query, code) == expected


def test_a_respelt_word_is_marked_as_the_catalogue_has_it() -> None:
    query = understand("амотризатор", WORDS)
    meant = correct_spelling(query, {"амотризатор": [Spelling("амортизатор", "амортизатор", 1, 9)]})
    assert Highlighter(meant).in_text("Амортизатори") == [Span(0, 12, "амортизатор")]


def test_another_name_is_marked_only_as_a_whole_and_ones_own_words_each() -> None:
    own = tuple(map(stem, ("фильтр", "масляный")))
    other = tuple(map(stem, ("filtr", "oleju")))
    term = Term("фильтр масляный", "word", (own, other))
    highlighter = Highlighter(Query("", "", (term,), ()))

    def mark(text: str) -> str:
        return render(text, highlighter.in_text(text), MARKS)

    assert mark("Filtr oleju") == "[Filtr] [oleju]"
    assert mark("Filtr paliwa") == "Filtr paliwa"
    assert mark("Фильтр топливный") == "[Фильтр] топливный"


def test_the_same_word_of_the_next_product_is_marked_too() -> None:
    highlighter = asked("тяга")
    assert highlighter.in_text("Тяга") == [Span(0, 4, "тяга")]
    assert highlighter.in_text("Вал, тяга Тяга") == [Span(5, 9, "тяга"), Span(10, 14, "тяга")]


def test_overlapping_places_become_one_and_neighbours_stay_apart() -> None:
    spans = [Span(4, 6, "c"), Span(0, 3, "a"), Span(2, 4, "b")]
    assert render("abcdef", spans, MARKS) == "[abcd][ef]"


def test_nothing_but_the_marks_is_markup() -> None:
    text = "<script>тяга</script> & \"тяга\" '1'"
    assert render(text, asked("тяга").in_text(text), Tags()) == (
        "&lt;script&gt;<em>тяга</em>&lt;/script&gt; &amp; &quot;<em>тяга</em>&quot; &#x27;1&#x27;"
    )


def stripped(html: str) -> str:
    return re.sub("</?em>", "", html)


@given(query=TEXTS, text=TEXTS)
def test_without_the_tags_it_is_the_escaped_text(query: str, text: str) -> None:
    highlighter = asked(query)
    for spans in (highlighter.in_text(text), highlighter.in_code(text)):
        assert stripped(render(text, spans, Tags())) == escape(text)
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


@given(query=TEXTS, terms=st.lists(st.tuples(st.integers(-3, 50), st.integers(-3, 50)), max_size=5), text=TEXTS)
def test_any_places_are_rendered_without_loss(query: str, terms: list[tuple[int, int]], text: str) -> None:
    spans = [Span(max(0, min(start, len(text))), max(0, min(end, len(text))), query) for start, end in terms]
    assert stripped(render(text, spans, Tags())) == escape(text)


@given(text=st.text(DEALERS_LETTERS, min_size=1, max_size=30))
@example("0 ×ę\u200b")
@example("Aх 0а\u0301")
def test_a_known_word_that_was_typed_is_marked_where_it_stands_alone(text: str) -> None:
    highlighter = Highlighter(understand("тяга", WORDS))
    assert Span(len(text) + 1, len(text) + 5, "тяга") in highlighter.in_text(f"{text} тяга")


def test_a_query_that_asks_for_nothing_marks_nothing() -> None:
    nothing = Highlighter(Query("", "", (), ()))
    assert nothing.in_text("Тяга 81.43220") == nothing.in_code("81.43220") == []
