"""``_highlightResult`` and ``_snippetResult``: the texts of a hit with what was asked for marked. Pure.

Stage: service, HTTP. Reads the display fields of one product and the places the search found; writes plain values.
The shape: https://www.algolia.com/doc/guides/building-search-ui/ui-and-ux-patterns/highlighting-snippeting/js

With marks that are markup (``<em>``) the text between them is escaped: the value is meant to be HTML. The widgets ask
for marks that are none (``__ais-highlight__``) and escape the whole value themselves, so there it is given as it is.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from service.search.highlight import Highlighter, Span
from service.search.query import Query

Json = dict[str, Any]
Find = Callable[[str], Sequence[Span]]

HIGHLIGHTED: Final = ("name", "names", "vendor_code", "main_original_number", "original_numbers")
_CODES: Final = frozenset({"vendor_code", "main_original_number", "original_numbers"})


class Marks(NamedTuple):
    """What stands before and after a marked place, as the client gave it."""

    before: str
    after: str


def mark(text: str, spans: Iterable[Span], marks: Marks) -> tuple[str, bool]:
    """Return ``text`` with its places marked, and whether that is all of it; what overlaps is one place."""
    as_written = not any(character in "<>&" for character in marks.before + marks.after)
    shown: Callable[[str], str] = str if as_written else escape
    pieces: list[str] = []
    at = covered = 0
    for start, end, _ in sorted(spans):
        begin = max(start, at)
        if begin >= end:
            continue
        if begin == at and pieces:  # goes on where the last one ended
            pieces[-2:] = [f"{pieces[-2]}{shown(text[begin:end])}", marks.after]
        else:
            pieces += [f"{shown(text[at:begin])}{marks.before}{shown(text[begin:end])}", marks.after]
        covered += end - begin
        at = end
    return "".join((*pieces, shown(text[at:]))), bool(text) and covered == len(text)


class Highlights:
    """Marks the hits of one answer to ``query``."""

    def __init__(self, query: Query, marks: Marks, attributes: Collection[str] | None) -> None:
        """``attributes``: those wanted, ``*`` for all; None takes all that are searched."""
        self._highlighter = Highlighter(query)
        self._marks = marks
        self._words = frozenset(term.text for term in query.terms)
        self._codes = frozenset(query.codes)
        wanted = HIGHLIGHTED if attributes is None or "*" in attributes else attributes
        self._attributes = [name for name in HIGHLIGHTED if name in {each.partition(".")[0] for each in wanted}]

    def of(self, product: Json) -> Json:
        """Return ``_highlightResult`` of a product as presented; texts it does not have are left out."""
        return {
            name: highlighted
            for name in self._attributes
            if (highlighted := self._value(product.get(name), self._finder(name)))
        }

    def snippet(self, product: Json, attributes: Sequence[str]) -> Json:
        """Return ``_snippetResult``: names and numbers are short, so a snippet is the whole text."""
        names = {each.partition(":")[0] for each in attributes}
        highlighted = {
            name: self._value(product.get(name), self._finder(name))
            for name in HIGHLIGHTED
            if name in names or "*" in names
        }
        return {name: _without_words(value) for name, value in highlighted.items() if value}

    def _finder(self, name: str) -> Find:
        return self._highlighter.in_code if name in _CODES else self._highlighter.in_text

    def _value(self, value: Any, find: Find) -> Any:
        if isinstance(value, str):
            return self._text(value, find)
        if isinstance(value, list):
            return [self._text(each, find) for each in value]
        if isinstance(value, dict):
            return {key: self._text(each, find) for key, each in value.items() if isinstance(each, str)}
        return None

    def _text(self, text: str, find: Find) -> Json:
        spans = find(text)
        asked = list(dict.fromkeys(span.asked for span in spans))
        value, whole = mark(text, spans, self._marks)
        if not asked:
            return {"value": value, "matchLevel": "none", "matchedWords": []}
        complete = self._words.issubset(asked) or not self._codes.isdisjoint(asked)
        return {
            "value": value,
            "matchLevel": "full" if complete else "partial",
            "fullyHighlighted": whole,
            "matchedWords": asked,
        }


def _without_words(value: Any) -> Any:
    """A snippet says its match level and nothing more."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if "matchLevel" in value:
        return {"value": value["value"], "matchLevel": value["matchLevel"]}
    return {key: _without_words(each) for key, each in value.items()}
