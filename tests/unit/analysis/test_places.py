"""Words are found where they stand in the text as written, and are those of the index."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordsearch.analysis import places
from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import lexemes
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.places import chunks, code_with_places, fold_with_places, place_of_beginning, words

DEALERS_LETTERS = "абвіїйёєґŁłóżęABxfSEM0159 .,-/'’хx×*²ﬁœßİ\u0301\u0306\u00ad\u200b́"
TEXTS = st.one_of(st.text(max_size=60), st.text(DEALERS_LETTERS, max_size=60))


def found(text: str) -> list[tuple[str, str]]:
    """(token, what of the original text it stands for)."""
    return [
        (word.text, text[offset + word.start : offset + word.end])
        for chunk, offset in chunks(text)
        for word in words(chunk)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Колодки ТОРМОЗНЫЕ", [("колодки", "Колодки"), ("тормозные", "ТОРМОЗНЫЕ")]),
        ("Łożysko, wkład", [("lozysko", "Łożysko"), ("wklad", "wkład")]),
        ("ﬁltr œil", [("filtr", "ﬁltr"), ("oeil", "œil")]),
        ("тор\u00adмозной вал", [("тормозной", "тор\u00adмозной"), ("вал", "вал")]),
        (unicodedata.normalize("NFD", "Важіль й"), [("важіль", "Важіль"), ("й", "й")]),
        ("Фiльтр СКАНІА", [("фільтр", "Фiльтр"), ("сканіа", "СКАНІА")]),
        ("диск 309 x 242 мм", [("диск", "диск"), ("309x242", "309 x 242"), ("мм", "мм")]),
        ("кран 81.43220-6012", [("кран", "кран"), ("81432206012", "81.43220-6012")]),
        ("каблук № ², 5", [("каблук", "каблук"), ("no", "№"), ("2", "²"), ("5", "5")]),
    ],
)
def test_places_are_those_of_the_text_as_written(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token, unicodedata.normalize("NFC", original)) for token, original in found(text)] == expected


def test_every_character_of_a_word_has_its_end() -> None:
    (word,) = words("тор\u00adмоз")
    assert (word.text, word.ends) == ("тормоз", (1, 2, 4, 5, 6, 7))


@given(TEXTS)
def test_the_words_are_those_of_the_index(text: str) -> None:
    here = [lexeme for chunk, _ in chunks(text) for word in words(chunk) for lexeme in word.lexemes]
    assert here == [lexeme for lexeme, _ in lexemes(text)]


@given(TEXTS)
def test_places_lie_in_the_text_and_in_order(text: str) -> None:
    end = 0
    for chunk, offset in chunks(text):
        for word in words(chunk):
            assert 0 <= word.start < word.end <= len(chunk)
            assert text[offset : offset + len(chunk)] == chunk
            assert list(word.ends) == sorted(word.ends)
            assert all(word.start < place <= word.end for place in word.ends)
        assert offset >= end
        end = offset + len(chunk)


@given(TEXTS)
def test_folding_with_places_is_folding(text: str) -> None:
    folded, starts, ends = fold_with_places(text)
    assert folded == fold_text(text)
    assert len(starts) == len(ends) == len(folded)
    assert all(start < end for start, end in zip(starts, ends, strict=True))


@given(TEXTS)
def test_a_code_with_places_is_the_code(text: str) -> None:
    code, places = code_with_places(text)
    assert code == normalise_code(text)
    assert [normalise_code(text[place]) for place in dict.fromkeys(places)] == [
        piece for piece in map(normalise_code, text) if piece
    ]


def test_the_letters_taken_one_for_one_fold_into_one_each() -> None:
    letters = [chr(code) for code in range(0x500) if places._ONE_FOR_ONE.fullmatch(chr(code))]
    assert set("ąćęłńóśźżйїґёєі×xX") <= set(letters)
    for around in ("", "х", "x"):
        for letter in letters:
            assert len(fold_text(around + letter + around)) == 2 * len(around) + 1


@given(TEXTS, st.integers(1, 10))
def test_the_beginning_of_a_code_has_its_place(text: str, length: int) -> None:
    code, places = code_with_places(text)
    if len(code) >= length:
        assert place_of_beginning(text, length) == (places[0], places[length - 1] + 1)
