"""Keyboard layouts."""

import pytest

from cordsearch.analysis.keyboard_layout import repair_candidates


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nzuf", "тяга"),
        ("rjkjlrb", "колодки"),
        ("abkmnh ,eathf", "фильтр буфера"),
        ("лщдщвлш", "kolodki"),
        ("ифлу", "bake"),
        ("ашдек", "filtr"),
        ("гальмывны", "гальмівні"),
        ("підшипник", "пыдшипник"),
    ],
)
def test_the_meant_word_is_among_the_candidates(typed: str, meant: str) -> None:
    texts = [candidate.text for candidate in repair_candidates(typed)]
    assert meant in texts


def test_text_in_both_scripts_or_none_has_no_candidates() -> None:
    assert repair_candidates("фільтр daf") == ()
    assert repair_candidates("309") == ()
    assert repair_candidates("") == ()


def test_candidates_differ_from_the_text_and_from_each_other() -> None:
    for text in ("nzuf", "колодки", "brake pads"):
        texts = [candidate.text for candidate in repair_candidates(text)]
        assert len(texts) == len(set(texts))
        assert text not in texts
