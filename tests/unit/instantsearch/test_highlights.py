"""Marked texts have the shape that the widgets read, and are escaped where they are meant to be HTML."""

from typing import Any

import pytest

from service.instantsearch.asked import read_request
from service.instantsearch.highlights import Highlights, Marks, mark
from service.instantsearch.suggestions import suggestion_hit, typed_places
from service.search.autocomplete import Suggestion
from service.search.highlight import Span
from service.search.query import understand
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("тяга", "рулевая", "колодки", "гальмівні")
WIDGETS = Marks("__ais-highlight__", "__/ais-highlight__")
PRODUCT: dict[str, Any] = {
    "name": "Тяга <рулевая>", "names": {"uk": "Тяга рульова", "ru": "Тяга <рулевая>", "pl": None},
    "vendor_code": "SEM-1438", "main_original_number": None, "original_numbers": ["81.43220-6012"],
}  # fmt: skip


def highlights(query: str, marks: Marks = WIDGETS, attributes: list[str] | None = None) -> dict[str, Any]:
    return Highlights(understand(query, WORDS), marks, attributes).of(PRODUCT)


@pytest.mark.parametrize(
    ("text", "spans", "marked", "whole"),
    [
        ("abcdef", [(0, 2), (5, 6)], "[ab]cde[f]", False),
        ("abcdef", [(0, 2), (1, 3), (3, 4)], "[abcd]ef", False),
        ("abcdef", [(1, 5), (2, 3)], "a[bcde]f", False),
        ("abc", [(0, 3)], "[abc]", True),
        ("abc", [], "abc", False),
        ("", [], "", False),
    ],
)
def test_places_that_touch_become_one(text: str, spans: list[tuple[int, int]], marked: str, *, whole: bool) -> None:
    assert mark(text, [Span(*span, "x") for span in spans], Marks("[", "]")) == (marked, whole)


def test_the_widgets_escape_for_themselves() -> None:
    found = highlights("тяга рулевая")

    assert found["name"] == {
        "value": "__ais-highlight__Тяга__/ais-highlight__ <__ais-highlight__рулевая__/ais-highlight__>",
        "matchLevel": "full",
        "fullyHighlighted": False,
        "matchedWords": ["тяга", "рулевая"],
    }


def test_what_is_meant_to_be_html_is_escaped() -> None:
    assert highlights("тяга", Marks("<em>", "</em>"))["name"]["value"] == "<em>Тяга</em> &lt;рулевая&gt;"


def test_what_was_not_asked_for_is_not_marked() -> None:
    found = highlights("колодки тяга")

    assert found["name"]["matchLevel"] == "partial"
    assert found["vendor_code"] == {"value": "SEM-1438", "matchLevel": "none", "matchedWords": []}


def test_lists_and_languages_keep_their_form_and_what_is_missing_is_left_out() -> None:
    found = highlights("81432206012")

    assert found["original_numbers"][0]["matchLevel"] == "full"
    assert found["names"].keys() == {"uk", "ru"}
    assert "main_original_number" not in found


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        (["name"], {"name"}),
        (["names.uk"], {"names"}),
        ([], set()),
        (["*"], {"name", "names", "vendor_code", "original_numbers"}),
    ],
)
def test_only_the_attributes_asked_for_are_marked(attributes: list[str], kept: set[str]) -> None:
    assert highlights("тяга", attributes=attributes).keys() == kept


def test_a_snippet_is_the_whole_text() -> None:
    snippet = Highlights(understand("тяга", WORDS), Marks("[", "]"), []).snippet(PRODUCT, ["names:10"])

    assert snippet == {"names": {"uk": {"value": "[Тяга] рульова", "matchLevel": "full"},
                                 "ru": {"value": "[Тяга] <рулевая>", "matchLevel": "full"}}}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Колодки гальмівні", "колод", "[Колод]ки гальмівні"),
        ("Колодки гальмівні", "гал кол", "[Кол]одки [гал]ьмівні"),
        ("Klocki hamulcowe", "ŁAD", "Klocki hamulcowe"),
        ("SEM143", "sem", "[SEM]143"),
        ("Тяга", "", "Тяга"),
    ],
)
def test_of_a_completion_what_was_typed_is_marked(text: str, typed: str, marked: str) -> None:
    assert mark(text, typed_places(text, typed), Marks("[", "]"))[0] == marked


def test_a_completion_is_a_record_of_a_suggestions_index() -> None:
    asked = read_request({"indexName": "products_query_suggestions", "query": "кол", "highlightPreTag": "["})

    hit = suggestion_hit(Suggestion("name", "Колодки гальмівні", "uk", None, 318), asked)

    assert hit["objectID"] == hit["query"] == "Колодки гальмівні"
    assert (hit["nb_words"], hit["popularity"]) == (2, 318)
    assert hit["_highlightResult"]["query"]["matchLevel"] == "full"
