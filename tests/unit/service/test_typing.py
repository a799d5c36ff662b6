"""What is being typed."""

import pytest

from service.search.typing import Typing, read_typing, readings, respelled
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "тормозные", "фонарь", "фільтр", "масляний", "daf", "amortyzator")


def last_words(text: str) -> list[str]:
    return [each.last for each in readings(text, WORDS)]


@pytest.mark.parametrize(
    ("text", "head", "last"),
    [
        ("Колод", (), "колод"),
        ("колодки тор", ("колодки",), "тор"),
        ("  колодки   тор", ("колодки",), "тор"),
        ("колодки ", ("колодки",), ""),
        ("ахту", (), "ахту"),
    ],
)
def test_finished_words_and_the_word_under_way(text: str, head: tuple[str, ...], last: str) -> None:
    typing = read_typing(text)
    assert (typing.head, typing.last) == (head, last)
    assert typing.text == " ".join((*head, last))


@pytest.mark.parametrize(
    ("text", "head", "last"),
    [
        ("ajy", (), "фон"),
        ("aj", (), "фо"),
        ("rjkjlrb njh", ("колодки",), "тор"),
        ("kolod", (), "колод"),
        ("фільтр mas", ("фільтр",), "мас"),
        ("фільтр да", ("фільтр",), "daf"),
        ("фільрт масл", ("фільтр",), "масл"),
        ("kolodki тор", ("колодки",), "тор"),
        ("rjkjlrb ", ("колодки",), ""),
        ("фщкенян", (), "фщкенян"),
    ],
)
def test_other_ways_to_read_the_same_keys(text: str, head: tuple[str, ...], last: str) -> None:
    found = [(each.head, each.last) for each in (*readings(text, WORDS), read_typing(text))]
    assert (head, last) in found


@pytest.mark.parametrize("text", ["колод", "фільтр мас", "колодки ", "daf xf105"])
def test_what_is_known_is_not_read_otherwise(text: str) -> None:
    assert readings(text, WORDS) == []


def test_a_slip_in_the_word_under_way() -> None:
    assert "амотри" not in last_words("амотри")
    near = respelled([read_typing("колдк")], WORDS)
    assert Typing((), "колодк") in near
    assert respelled([read_typing("ко")], WORDS) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SEM1", "SEM1"),
        ("81.43", "8143"),
        ("81 43220", "8143220"),
        ("sem", "SEM"),
        ("ыуь1", "SEM1"),
        ("А150", "A150"),
        ("колод", None),
        ("se", None),
        ("12", None),
    ],
)
def test_the_beginning_of_a_part_number(text: str, code: str | None) -> None:
    assert read_typing(text).code == code


@pytest.mark.parametrize("text", ["", " ", "'", "\\", "%", "_", "🚚", "[];,./", "´ `", "а" * 200, "1 " * 99])
def test_any_text_can_be_typed(text: str) -> None:
    assert read_typing(text).text is not None
    assert all(isinstance(each, Typing) for each in readings(text, WORDS))
