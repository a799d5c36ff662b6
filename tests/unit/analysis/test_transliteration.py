"""Transliteration both ways."""

import pytest

from cordsearch.analysis.transliteration import MAXIMUM_CANDIDATES, cyrillic_to_latin, latin_to_cyrillic


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("kolodki", "колодки"),
        ("amortizator", "амортизатор"),
        ("amortyzator", "амортизатор"),
        ("tyaga", "тяга"),
        ("shchitok", "щиток"),
        ("podshipnik", "подшипник"),
        ("nasos", "насос"),
        ("remen", "ремен"),
        ("kompressor", "компрессор"),
    ],
)
def test_latin_spelling_finds_the_cyrillic_word(latin: str, cyrillic: str) -> None:
    assert cyrillic in latin_to_cyrillic(latin)


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [("даф", "daf"), ("вольво", "volvo"), ("ман", "man"), ("сканія", "scania"), ("івеко", "iveco")],
)
def test_makes_in_cyrillic_find_the_latin_name(cyrillic: str, latin: str) -> None:
    assert latin in cyrillic_to_latin(cyrillic)


def test_candidates_are_bounded_and_distinct() -> None:
    for spelled in (latin_to_cyrillic("ycyhycyhycyhy"), cyrillic_to_latin("скийксхцчшщюяє")):
        assert 0 < len(spelled) <= MAXIMUM_CANDIDATES
        assert len(set(spelled)) == len(spelled)


def test_a_word_with_foreign_characters_has_no_spelling() -> None:
    assert latin_to_cyrillic("тяга") == ()
    assert cyrillic_to_latin("xf105") == ()
    assert latin_to_cyrillic("") == ("",)
