"""Cursors: what goes in comes out, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.search.choices import Progress
from service.search.cursor import LONGEST_CURSOR, CursorError, decode, encode

PROGRESS = st.builds(Progress, st.frozensets(st.integers(1, 2**63 - 1), max_size=300), st.integers(0, 1_000))


@given(PROGRESS, st.text(st.characters(codec="utf-8"), max_size=40))
def test_what_was_shown_comes_back(progress: Progress, question: str) -> None:
    cursor = encode(progress, question)
    assert decode(cursor, question) == progress
    assert cursor.isascii()
    assert cursor.replace("-", "a").replace("_", "a").isalnum()


@given(PROGRESS, st.data())
def test_a_changed_cursor_is_refused(progress: Progress, data: st.DataObject) -> None:
    cursor = encode(progress, "q")
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters().filter(lambda character: character != cursor[place]))
    for changed in (cursor[:place] + other + cursor[place + 1 :], cursor[:place], cursor + "A", cursor + "="):
        with pytest.raises(CursorError):
            decode(changed, "q")


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        decode(text, "q")


def test_a_cursor_belongs_to_its_question() -> None:
    with pytest.raises(CursorError, match="start again without one"):
        decode(encode(Progress(frozenset({1, 2}), 2), "one"), "another")


def test_the_longest_page_has_a_cursor_that_fits() -> None:
    widest = range(1, 2**63, 2**63 // 1_100)
    assert len(encode(Progress(frozenset(widest), 1_000), "q")) <= LONGEST_CURSOR


def test_ids_of_a_catalogue_take_two_bytes_each() -> None:
    assert len(encode(Progress(frozenset(range(2, 278_698, 278)), 1_000), "q")) < 3_000
