"""Part numbers."""

import pytest

from cordsearch.analysis.codes import normalise_code


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
