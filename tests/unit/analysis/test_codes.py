"""Part numbers."""

import pytest

from cordsearch.analysis.codes import looks_like_code, normalise_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("81.43220-6012", "81432206012"),
        ("81 43220 6012", "81432206012"),
        ("A 006 420 61 20", "A0064206120"),
        ("sem14321", "SEM14321"),
        ("СЕМ 14321", "CEM14321"),  # typed on a Cyrillic layout
        ("0001-23/4.", "0001234"),
        ("Ж-12ł", "Ж12Ł"),
        ("½×÷²", ""),
        ("", ""),
    ],
)
def test_code_is_normalised(text: str, code: str) -> None:
    assert normalise_code(text) == code


@pytest.mark.parametrize(
    "token", ["SEM143", "81.43220-6012", "81432206012", "xf105", "A0064206120", "12345", "5010-260.604", "СЕМ143"]
)
def test_codes_are_recognised(token: str) -> None:
    assert looks_like_code(token)


@pytest.mark.parametrize("token", ["колодки", "309x242", "309х242", "105", "22.5", "18,5*2,5", "к-т", "", "-", "SEM"])
def test_words_sizes_and_short_numbers_are_not_codes(token: str) -> None:
    assert not looks_like_code(token)
