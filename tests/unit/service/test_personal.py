"""What of a query may be kept, and what may be shown to others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.events.personal import LONGEST_TEXT, may_be_offered, text_to_keep


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Тормозні   КОЛОДКИ ", "тормозні колодки"),
        ("Klocki Łożysko", "klocki lozysko"),
        ("81.43220-6012", "81.43220-6012"),
        ("0 986 494 123", "0 986 494 123"),  # Bosch
        ("004 420 31 20", "004 420 31 20"),  # Mercedes, grouped as telephone numbers are
        ("601 123 456", "601 123 456"),
        ("309x242", "309x242"),
        ("81432206012 81508206055", "81432206012 81508206055"),
        ("м12+", "м12+"),
    ],
)
def test_words_and_part_numbers_are_kept(typed: str, kept: str) -> None:
    assert text_to_keep(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "ivan.petrenko@example.com",
        "колодки ivan@example.com",
        "＠ ivan＠example.com",
        "+380 67 123 45 67",
        "+48 601 123 456",
        "380671234567",
        "00380671234567",
        "067 123 45 67",
        "(067) 123-45-67",
        "колодки 067-123-45-67",
        "4111 1111 1111 1111",
        "4111111111111111",
        "\u200b",
        "   ",
    ],
)
def test_addresses_and_telephone_numbers_are_not(typed: str) -> None:
    assert text_to_keep(typed) is None


@given(st.text())
def test_any_text_is_kept_short_and_as_it_would_be_kept_again(typed: str) -> None:
    kept = text_to_keep(typed)
    if kept is not None:
        assert 0 < len(kept) <= LONGEST_TEXT
        assert kept == kept.strip()


@pytest.mark.parametrize(
    ("text", "offered"),
    [("гальмівні колодки", True), ("daf xf 105 309x242", False), ("daf xf 105", True), ("81432206012", False)],
)
def test_only_texts_with_few_digits_are_offered_to_others(text: str, *, offered: bool) -> None:
    assert may_be_offered(text) is offered
