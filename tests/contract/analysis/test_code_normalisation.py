"""Python normalises part numbers as the dbt macro does: both are held to the same pairs."""

import json
from pathlib import Path

import pytest

from cordsearch.analysis.codes import normalise_code

PAIRS = json.loads((Path(__file__).parent.parent / "code_normalisation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair["input"] is not None], ids=lambda pair: pair["input"] or "empty"
)
def test_code_is_normalised_as_agreed(pair: dict[str, str]) -> None:
    assert normalise_code(pair["input"]) == pair["expected"]
