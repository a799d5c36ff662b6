"""What is being typed."""

import pytest

from service.search.typing import completed_words, read_typing
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "тормозные", "фонарь", "фільтр", "масляний", "daf")


@pytest.mark.parametrize(
    ("text", "head", "last"),
    [
        ("Колод", "", "колод"),
        ("колодки тор", "колодки ", "тор"),
        ("  колодки   тор", "колодки ", "тор"),
        ("колодки ", "колодки ", ""),
        ("ajy", "", "фон"),
        ("rjkjlrb njh", "колодки ", "тор"),
        ("kolod", "", "колод"),
        ("фільтр mas", "фільтр ", "мас"),
        ("ахту", "", "ахту"),
    ],
)
def test_finished_words_and_the_word_under_way(text: str, head: str, last: str) -> None:
    typing = read_typing(text, WORDS)
    assert (typing.head, typing.last) == (head, last)
    assert typing.text == head + last


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SEM1", "SEM1"),
        ("81.43", "8143"),
        ("81 43220", "8143220"),
        ("sem", "SEM"),
        ("колод", None),
        ("se", None),
        ("12", None),
    ],
)
def test_the_beginning_of_a_part_number(text: str, code: str | None) -> None:
    assert read_typing(text, WORDS).code == code


def test_words_that_may_follow() -> None:
    assert completed_words(read_typing("колодки т", WORDS), WORDS, 3) == ["тормозные"]
    assert completed_words(read_typing("колодки ", WORDS), WORDS, 3) == ()


@pytest.mark.parametrize("text", ["", " ", "'", "\\", "%", "_", "🚚", "[];,./"])
def test_any_text_can_be_typed(text: str) -> None:
    assert read_typing(text, WORDS).text is not None
