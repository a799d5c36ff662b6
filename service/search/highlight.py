"""Where a product's texts hold what was asked for, and those texts with the places marked. Pure.

Stage: service, after ranking. Reads: the understood query and display texts. Writes: places as character offsets into
the text as written; then HTML in which nothing but the marks is markup.

Words are compared by their lexemes, as the index has them, so inflected, respelt, transliterated and other-layout
matches and synonyms are marked as they were found. Of a word or part number of which the beginning was typed, the
beginning is marked. Part numbers are compared normalised and marked as displayed: ``81.43220-6012`` for
``81432206012``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import SPACED_SIZE
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.places import Word, chunks, place_of_beginning, words
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


_EMPHASIS: Final = Tags()


class _Gist(NamedTuple):
    """A piece of a text, whoever asks: its lexemes, whether it holds a code, and its HTML without a mark."""

    lexemes: frozenset[str]
    has_code: bool
    html: str


@lru_cache(maxsize=65_536)
def _gist(piece: str) -> _Gist:
    found = words(piece)
    lexemes = frozenset(lexeme for word in found for lexeme in word.lexemes)
    return _Gist(lexemes, any(word.is_code for word in found), escape(piece))


class _Reading:
    """What a word must be to be marked, and what was found so far: words come again in the next product."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        """``asked``: lexeme -> what was asked for."""
        self.asked = asked
        self.spans: dict[str, tuple[Span, ...]] = {}
        self.html: dict[str, str] = {}


class Highlighter:
    """Finds and marks what ``query`` asks for. Made once per request."""

    def __init__(self, query: Query, tags: Tags = _EMPHASIS) -> None:
        self._tags = tags
        self._beginnings = tuple(term.text for term in query.terms if term.kind == "prefix")
        self._codes = query.codes
        self._small_codes = tuple((code.lower(), code) for code in query.codes)
        lexemes, self._phrases = _what_is_asked(query)
        self._in_phrases = frozenset(lexeme for phrase, _ in self._phrases for lexeme in phrase)
        self._parts: dict[str, frozenset[str]] = {}
        # by the words of phrases that a text holds
        self._readings: dict[frozenset[str], _Reading] = {frozenset(): _Reading(lexemes)}

    def in_text(self, text: str) -> list[Span]:
        """Return the places of a name, in their order."""
        pieces = list(chunks(text))
        reading = self._reading([piece for piece, _ in pieces])
        return [
            Span(start + offset, end + offset, asked)
            for piece, offset in pieces
            for start, end, asked in self._look_at(piece, reading)
        ]

    def in_code(self, text: str) -> list[Span]:
        """Return the place of a part number, at most one: the longest beginning of it that was typed."""
        if not self._codes:
            return []
        normalised = normalise_code(text)
        begun = ""
        for code in self._codes:
            if len(code) > len(begun) and normalised.startswith(code):
                begun = code
        return [Span(*place_of_beginning(text, len(begun)), begun)] if begun else []

    def mark_text(self, text: str) -> str:
        """Return a name as HTML, put together from its words where blanks set them apart."""
        pieces = _apart(text)
        if pieces is None:
            return render(text, self.in_text(text), self._tags)
        reading = self._reading(pieces)
        html = reading.html
        return " ".join([html[piece] if piece in html else self._mark(piece, reading) for piece in pieces])

    def mark_code(self, text: str) -> str:
        """Return a part number as HTML."""
        return render(text, self.in_code(text), self._tags)

    def _mark(self, piece: str, reading: _Reading) -> str:
        gist = _gist(piece)
        html = gist.html  # as of nearly every word of a name
        if self._may_hold(gist, reading):
            html = render(piece, self._look_at(piece, reading), self._tags)
        reading.html[piece] = html
        return html

    def _reading(self, pieces: Sequence[str]) -> _Reading:
        """Return what is asked for in a text: also the words of the phrases that are in it as a whole."""
        there: frozenset[str] = frozenset()
        if self._phrases:
            for piece in pieces:
                part = self._parts.get(piece)
                if part is None:
                    part = self._parts[piece] = _gist(piece).lexemes & self._in_phrases
                if part:
                    there |= part
        known = self._readings.get(there)
        if known is None:
            whole = [(phrase, asked) for phrase, asked in self._phrases if there.issuperset(phrase)]
            more = {lexeme: asked for phrase, asked in whole for lexeme in phrase}
            known = self._readings[there] = _Reading({**more, **self._readings[frozenset()].asked})
        return known

    def _look_at(self, piece: str, reading: _Reading) -> tuple[Span, ...]:
        """Return what is asked for in a piece of a text without blanks."""
        known = reading.spans.get(piece)
        if known is not None:
            return known
        if not self._may_hold(_gist(piece), reading):
            return ()
        found = (self._begun(word) or _whole(word, reading.asked) for word in words(piece))
        known = reading.spans[piece] = tuple(span for span in found if span is not None)
        return known

    def _may_hold(self, gist: _Gist, reading: _Reading) -> bool:
        if self._beginnings or (gist.has_code and self._codes):
            return True
        return not gist.lexemes.isdisjoint(reading.asked)

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


def _what_is_asked(query: Query) -> tuple[dict[str, str], list[tuple[tuple[str, ...], str]]]:
    """Return the lexemes asked for, and the phrases that count as a whole only, each with the words that ask for it."""
    lexemes: dict[str, str] = {}
    phrases: list[tuple[tuple[str, ...], str]] = []
    for term in query.terms:
        own, *others = term.alternatives
        phrases += [(alternative, term.text) for alternative in others if len(alternative) > 1]
        for lexeme in (*own, *(alternative[0] for alternative in others if len(alternative) == 1)):
            lexemes.setdefault(lexeme, term.text)
    # What was typed may stand in a name all the same: "рено" beside the "renault" that was searched.
    typed = [*query.unknown, *(correction.typed for correction in query.corrections)]
    for token in (token for text in typed for token in tokenise_folded(fold_text(text))):
        if token.kind == "word" and len(token.text) > 2:
            lexemes.setdefault(stem(token.text), token.text)
    return lexemes, phrases


def _whole(word: Word, wanted: Mapping[str, str]) -> Span | None:
    """Return the word if it is asked for; of a model written in one (``XF105``), the part that is."""
    asked = [lexeme for lexeme in word.lexemes if lexeme in wanted]
    if not asked:
        return None
    start, end = word.start, word.end
    if word.is_code and len(asked) == 1 and asked[0] != word.text and word.ends:
        first = word.text.find(asked[0])
        start = word.ends[first - 1] if first > 0 else start
        end = word.ends[first + len(asked[0]) - 1]
    return Span(start, end, wanted[asked[0]])


@lru_cache(maxsize=16_384)
def _apart(text: str) -> tuple[str, ...] | None:
    """Return the pieces of ``text`` if single blanks set apart all that is analysed by itself, else None."""
    pieces = text.split(" ")
    return None if SPACED_SIZE.search(text) or pieces != text.split() else tuple(pieces)


def render(text: str, spans: Sequence[Span], tags: Tags) -> str:
    """Return ``text`` as HTML: escaped (``& < > " '``), with ``tags`` around the places; what overlaps is one."""
    if not spans:
        return _escaped(text)
    safe = _escaped if _MARKUP.search(text) else str
    rendered: list[str] = []
    at = 0
    for start, end in _joined(spans):
        rendered += (safe(text[at:start]), tags.before, safe(text[start:end]), tags.after)
        at = end
    return "".join((*rendered, safe(text[at:])))


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
