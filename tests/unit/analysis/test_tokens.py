"""Tokens and their kinds."""

import pytest

from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.tokens import tokenise


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.text, token.kind) for token in tokenise(text)]


def test_a_query_of_words_a_model_and_a_number() -> None:
    assert kinds("Фільтр масляний DAF XF 105") == [
        ("фільтр", "word"),
        ("масляний", "word"),
        ("daf", "word"),
        ("xf", "word"),
        ("105", "number"),
    ]


@pytest.mark.parametrize("text", ["309x242", "309х242", "309*242", "309×242", "309 X 242", "309 х 242", "309Х242"])
def test_a_size_has_one_form(text: str) -> None:
    assert kinds(text) == [("309x242", "size")]


@pytest.mark.parametrize(
    ("text", "size"), [("93x178х30", "93x178x30"), ("18,5*2.5", "18.5x2.5"), ("M12x1,5", "m12x1.5")]
)
def test_sizes_of_three_dimensions_decimals_and_threads(text: str, size: str) -> None:
    assert kinds(text) == [(size, "size")]


def test_codes_keep_their_punctuation() -> None:
    assert kinds("тяга 81.43220-6012 SEM14321") == [
        ("тяга", "word"),
        ("81.43220-6012", "code"),
        ("sem14321", "code"),
    ]


def test_hyphenated_words_are_split_and_apostrophes_are_not() -> None:
    assert kinds("Mercedes-Benz з’єднання") == [("mercedes", "word"), ("benz", "word"), ("з'єднання", "word")]


def test_words_joined_to_a_number_by_punctuation_are_split() -> None:
    assert kinds("фильтр/81.55117") == [("фильтр", "word"), ("81", "number"), ("55117", "code")]


def test_decimals_and_short_numbers_are_numbers() -> None:
    assert kinds("22,5 105 3-4") == [("22.5", "number"), ("105", "number"), ("3", "number"), ("4", "number")]


def test_offsets_point_into_the_folded_text() -> None:
    text = "Łożysko 81.55117-0001 к-т"
    folded = fold_text(text)
    assert [folded[token.start : token.end] for token in tokenise(text)] == ["lozysko", "81.55117-0001", "к", "т"]


@pytest.mark.parametrize("text", ["", "   ", "---", "!?., /"])
def test_text_without_letters_or_digits_has_no_tokens(text: str) -> None:
    assert tokenise(text) == []
