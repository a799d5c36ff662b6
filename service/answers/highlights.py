"""The texts of one hit with the matches marked, as the plain values that JSON is made of. Pure.

Stage: service, between the search and HTTP. Reads a hit's display fields; writes ``hit.highlights``.
"""

from typing import Any

from service.search.highlight import Highlighter, Tags
from service.search.query import Query


class Marks:
    """Marks the hits of one answer to ``query``; a text that comes again is not marked again."""

    def __init__(self, query: Query, tags: Tags) -> None:
        self._highlighter = Highlighter(query, tags)
        self._texts: dict[str | None, str | None] = {None: None}
        self._codes: dict[str | None, str | None] = {None: None}

    def of(self, hit: dict[str, Any], found_by: str | None) -> dict[str, Any]:
        """Return the highlights of a hit as presented; ``found_by`` is the part number it was found by, if any."""
        return {
            "name": self.text(hit["name"]),
            "names": {language: self.text(name) for language, name in hit["names"].items()},
            "vendor_code": self.code(hit["vendor_code"]),
            "main_original_number": self.code(hit["main_original_number"]),
            "original_numbers": [self.code(number) for number in hit["original_numbers"]],
            "matched_number": self.code(found_by),
        }

    def text(self, text: str | None) -> str | None:
        """Return a name with its matches marked."""
        if text not in self._texts:
            assert text is not None
            self._texts[text] = self._highlighter.mark_text(text)
        return self._texts[text]

    def code(self, code: str | None) -> str | None:
        """Return a part number with the typed part of it marked."""
        if code not in self._codes:
            assert code is not None
            self._codes[code] = self._highlighter.mark_code(code)
        return self._codes[code]
