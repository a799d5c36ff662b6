"""Where a product's texts hold what was asked for, and those texts with the places marked. Pure.

Stage: service, after ranking. Reads: the understood query and display texts. Writes: places as character offsets into
the text as written; then HTML in which nothing but the marks is markup.

Words are compared by their lexemes, as the index has them, so inflected, respelt, transliterated and other-layout
matches and synonyms are marked as they were found. Of a word or part number of which the beginning was typed, the
beginning is marked. Part numbers are compared normalised and marked as displayed: ``81.43220-6012`` for
``81432206012``.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.places import Word, chunks, code_with_places, words
from cordsearch.analysis.stem import stem
from cordsearch.analysis.tokens import tokenise_folded
from service.search.query import Query

_MARKUP: Final = re.compile("[&<>\"']")


class Span(NamedTuple):
    """A marked place: ``start`` to ``end`` (exclusive) in the text as written, and what was asked for that is there."""

    start: int
    end: int
    asked: str


class Tags(NamedTuple):
    """What stands before and after a marked place. They are written as they are: validate them where they come from."""

    before: str = "<em>"
    after: str = "</em>"


class _Found(NamedTuple):
    """What one piece of a text holds: places, and places that only count where the others of their phrase are."""

    spans: tuple[Span, ...]
    parts: tuple[tuple[str, int, int], ...]


class Highlighter:
    """Finds what ``query`` asks for. Made once per request: what it finds in a word it keeps for the next product."""

    def __init__(self, query: Query) -> None:
        self._lexemes: dict[str, str] = {}
        self._phrases: list[tuple[tuple[str, ...], str]] = []
        self._beginnings = tuple(term.text for term in query.terms if term.kind == "prefix")
        self._codes = query.codes
        self._small_codes = tuple((code.lower(), code) for code in query.codes)
        self._read(query)
        self._in_phrases = frozenset(lexeme for phrase, _ in self._phrases for lexeme in phrase)
        self._chunks: dict[str, _Found] = {}

    def _read(self, query: Query) -> None:
        for term in query.terms:
            own, *others = term.alternatives
            for lexeme in own:
                self._lexemes.setdefault(lexeme, term.text)
            for alternative in others:
                if len(alternative) == 1:
                    self._lexemes.setdefault(alternative[0], term.text)
                else:
                    self._phrases.append((alternative, term.text))
        # What was typed may stand in a name all the same: "рено" beside the "renault" that was searched.
        typed = [*query.unknown, *(correction.typed for correction in query.corrections)]
        for token in (token for text in typed for token in tokenise_folded(fold_text(text))):
            if token.kind == "word" and len(token.text) > 2:
                self._lexemes.setdefault(stem(token.text), token.text)

    def in_text(self, text: str) -> list[Span]:
        """Return the places of a name, in their order; they may overlap."""
        spans: list[Span] = []
        parts: list[tuple[str, int, int]] = []
        for chunk, offset in chunks(text):
            found = self._chunks.get(chunk)
            if found is None:
                found = self._chunks[chunk] = self._look_at(chunk)
            if found.spans:
                spans += [Span(start + offset, end + offset, asked) for start, end, asked in found.spans]
            if found.parts:
                parts += [(lexeme, start + offset, end + offset) for lexeme, start, end in found.parts]
        if parts:
            spans += self._whole_phrases(parts)
            spans.sort()
        return spans

    def in_code(self, text: str) -> list[Span]:
        """Return the place of a part number, at most one: the longest beginning of it that was typed."""
        if not self._codes:
            return []
        normalised = normalise_code(text)
        begun = max((code for code in self._codes if normalised.startswith(code)), key=len, default=None)
        if begun is None:
            return []
        _, places = code_with_places(text)
        return [Span(places[0], places[len(begun) - 1] + 1, begun)]

    def _look_at(self, chunk: str) -> _Found:
        spans: list[Span] = []
        parts: list[tuple[str, int, int]] = []
        for word in words(chunk):
            span = self._begun(word) or self._whole(word)
            if span is not None:
                spans.append(span)
            parts += [(lexeme, word.start, word.end) for lexeme in word.lexemes if lexeme in self._in_phrases]
        return _Found(tuple(spans), tuple(parts))

    def _whole(self, word: Word) -> Span | None:
        """Return the word if it is asked for; of a model written in one (``XF105``), the part that is."""
        asked = [lexeme for lexeme in word.lexemes if lexeme in self._lexemes]
        if not asked:
            return None
        start, end = word.start, word.end
        if word.is_code and len(asked) == 1 and asked[0] != word.text and word.ends:
            first = word.text.find(asked[0])
            start = word.ends[first - 1] if first > 0 else start
            end = word.ends[first + len(asked[0]) - 1]
        return Span(start, end, self._lexemes[asked[0]])

    def _begun(self, word: Word) -> Span | None:
        """Return the beginning of the word if no more than that was typed."""
        if not word.ends:
            return None
        if word.is_code:
            for small, code in self._small_codes:
                if word.text.startswith(small):
                    return Span(word.start, word.ends[len(small) - 1], code)
            return None
        for beginning in self._beginnings:
            if word.text.startswith(beginning):
                return Span(word.start, word.ends[len(beginning) - 1], beginning)
        return None

    def _whole_phrases(self, parts: Sequence[tuple[str, int, int]]) -> list[Span]:
        """Return the places of the phrases of which every word is there."""
        there = {lexeme for lexeme, _, _ in parts}
        return [
            Span(start, end, asked)
            for phrase, asked in self._phrases
            if there.issuperset(phrase)
            for lexeme, start, end in parts
            if lexeme in phrase
        ]


def render(text: str, spans: Iterable[Span], tags: Tags) -> str:
    """Return ``text`` as HTML: escaped (``& < > " '``), with ``tags`` around the places; what overlaps is one."""
    rendered: list[str] = []
    at = 0
    for start, end in _joined(spans):
        rendered += (_escaped(text[at:start]), tags.before, _escaped(text[start:end]), tags.after)
        at = end
    return "".join((*rendered, _escaped(text[at:]))) if rendered else _escaped(text)


def _escaped(text: str) -> str:
    return escape(text) if _MARKUP.search(text) else text


def _joined(spans: Iterable[Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end, _ in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined
