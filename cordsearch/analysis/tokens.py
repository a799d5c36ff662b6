"""Tokens: words, codes, sizes and numbers of a text.

Stage: text analysis. Reads: raw or folded text. Writes: tokens with their place in the folded text.
"""

import re
from typing import Final, Literal, NamedTuple

from cordsearch.analysis.codes import MINIMUM_DIGITS_OF_A_BARE_CODE
from cordsearch.analysis.normalise import fold_text

TokenKind = Literal["word", "code", "size", "number"]


class Token(NamedTuple):
    """One token: normalised ``text``, its ``kind``, and where it stands (``start``, ``end``) in the folded text."""

    text: str
    kind: TokenKind
    start: int
    end: int


_NUMBER: Final = r"\d+(?:[.,]\d+)?"
# Cyrillic "х", the asterisk and the multiplication sign are how people type the x of a size.
_TOKEN: Final = re.compile(
    rf"(?P<size>(?<![^\W_])m?{_NUMBER}(?:\s?[xх*×]\s?{_NUMBER})+(?![^\W_]))"
    r"|(?P<decimal>(?<![^\W_])\d{1,4},\d{1,2}(?![^\W_,]))"
    r"|(?P<run>[^\W_]+(?:['’][^\W_]+)*(?:[-./][^\W_]+)*)"
)
_SIZE_SEPARATOR: Final = re.compile(r"\s?[xх*×]\s?")
_DECIMAL: Final = re.compile(r"\d{1,4}\.\d{1,2}")
_PIECE: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_HAS_DIGIT: Final = re.compile(r"\d")


def tokenise(text: str) -> list[Token]:
    """Return the tokens of ``text`` from left to right; offsets refer to ``fold_text(text)``.

    Sizes come out in one form (``309х242``, ``309*242``, ``309 x 242`` are ``309x242``; decimals with a point), codes
    keep their punctuation for :func:`~cordsearch.analysis.codes.normalise_code`, hyphenated words are split.
    """
    return tokenise_folded(fold_text(text))


def tokenise_folded(folded: str) -> list[Token]:
    """Return the tokens of a text that :func:`~cordsearch.analysis.normalise.fold_text` has already folded."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(folded):
        if match.lastgroup == "size":
            tokens.append(Token(_size_form(match.group()), "size", match.start(), match.end()))
        elif match.lastgroup == "decimal":
            tokens.append(Token(match.group().replace(",", "."), "number", match.start(), match.end()))
        else:
            tokens.extend(_run_tokens(match.group(), match.start()))
    return tokens


def _size_form(text: str) -> str:
    return _SIZE_SEPARATOR.sub("x", text).replace(",", ".")


def _run_tokens(run: str, start: int) -> list[Token]:
    if not _HAS_DIGIT.search(run):
        return [Token(m.group(), "word", start + m.start(), start + m.end()) for m in _PIECE.finditer(run)]
    if run.isdigit() or _DECIMAL.fullmatch(run):
        kind: TokenKind = "code" if run.isdigit() and len(run) >= MINIMUM_DIGITS_OF_A_BARE_CODE else "number"
        return [Token(run, kind, start, start + len(run))]
    if any(character.isalpha() for character in run):
        return _mixed_run(run, start)
    digits = sum(character.isdigit() for character in run)
    if digits >= MINIMUM_DIGITS_OF_A_BARE_CODE:
        return [Token(run, "code", start, start + len(run))]
    return [Token(m.group(), "number", start + m.start(), start + m.end()) for m in _PIECE.finditer(run)]


def _mixed_run(run: str, start: int) -> list[Token]:
    """Split a run such as ``фильтр/81.55117`` where a long word, not a code, is joined to digits by punctuation."""
    pieces = list(_PIECE.finditer(run))
    words = [m for m in pieces if len(m.group()) > 3 and not _HAS_DIGIT.search(m.group())]
    if not words:
        return [Token(run, "code", start, start + len(run))]
    tokens: list[Token] = []
    for m in pieces:
        piece, begin, end = m.group(), start + m.start(), start + m.end()
        if not _HAS_DIGIT.search(piece):
            tokens.append(Token(piece, "word", begin, end))
        elif piece.isdigit() and len(piece) < MINIMUM_DIGITS_OF_A_BARE_CODE:
            tokens.append(Token(piece, "number", begin, end))
        else:
            tokens.append(Token(piece, "code", begin, end))
    return tokens
