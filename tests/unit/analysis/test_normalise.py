"""Unicode folding of dealer text."""

import pytest

from cordsearch.analysis.normalise import fold_text, one_script, script_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Колодки ГАЛЬМІВНІ", "колодки гальмівні"),
        ("Łożysko koła przód", "lozysko kola przod"),
        ("Подъёмник їдальня стойка", "подъёмник їдальня стойка"),
        ("з’єднання", "з'єднання"),
        ("фiльтр масляный", "фільтр масляный"),  # Latin i in a Ukrainian word
        ("Тoрмoзная", "тормозная"),
        ("SСANIA", "scania"),  # Cyrillic С in a Latin word
        ("ﬁltr\u00a0oleju", "filtr oleju"),
        ("кло\u00adдки", "клодки"),
        ("СЕМ143", "сем143"),
        ("", ""),
    ],
)
def test_text_is_folded_to_one_case_form_and_script(text: str, folded: str) -> None:
    assert fold_text(text) == folded


def test_folding_twice_changes_nothing() -> None:
    for text in ("Łożysko фiльтр З’єднання", "Żarówka H7 24V", "ПІДШИПНИК ŠKODA"):
        assert fold_text(fold_text(text)) == fold_text(text)


def test_words_with_unmistakable_letters_of_both_scripts_are_left_alone() -> None:
    assert one_script("фильтрfilter") == "фильтрfilter"


def test_a_word_made_only_of_doubles_takes_the_script_of_the_majority() -> None:
    assert one_script("кpah") == "kpah"
    assert one_script("кран".replace("р", "p")) == "кран"


@pytest.mark.parametrize(
    ("word", "script"), [("тяга", "cyrillic"), ("pads", "latin"), ("105", "none"), ("даfу", "mixed")]
)
def test_script_of(word: str, script: str) -> None:
    assert script_of(word) == script
