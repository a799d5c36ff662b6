"""Lexemes: what the full-text index stores and what a query asks for.

Stage: text analysis. Reads: raw text. Writes: (lexeme, position) pairs, positions from 1 as in a ``tsvector``.

The batch job analyses a million short texts; they are made of a few tens of thousands of distinct words, so the
analysis is cached per blank-separated chunk and a text costs one dictionary look-up per chunk.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.languages import LANGUAGES, Language
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.stem import stem
from cordsearch.analysis.tokens import Token, tokenise_folded

# Words that say nothing about a part; left out on both sides, so that a strict AND does not fail on them.
_STOP_WORD_LISTS: Final[dict[Language, str]] = {
    "ru": "и й в во на с со к ко для до от по из за при или без у о",
    "uk": "і та з із зі в у на для до від по за при або без",
    "pl": "i w we z ze na do dla od po za przy lub oraz",
    "en": "a an the of for to in on with and or by from",
}


def stop_words_of(languages: Iterable[Language]) -> frozenset[str]:
    """Return the stop words of ``languages``."""
    return frozenset(word for language in languages for word in _STOP_WORD_LISTS[language].split())


STOP_WORDS: Final = stop_words_of(LANGUAGES)

SPACED_SIZE: Final = re.compile(r"\d\s[xXхХ*×]|[xXхХ*×]\s\d")
_LETTERS_THEN_DIGITS: Final = re.compile(r"[a-z]+|[\u0400-\u04ff]+|\d+")
_LONGEST_SPLIT_CODE: Final = 8
_MOST_JOINED: Final = 4
_LAST_POSITION: Final = 16_383  # a tsvector keeps positions up to here (PostgreSQL manual, section 8.11.1)


def lexemes(text: str) -> list[tuple[str, int]]:
    """Return the lexemes of ``text`` with their positions.

    Words give their stem, sizes and numbers themselves, codes their normalised form in lower case; a short
    code of letters and digits also gives its parts at the same position (``xf105`` gives ``xf105``, ``xf``, ``105``),
    so that both spellings of a model meet.
    """
    if SPACED_SIZE.search(text):
        return _positions([tuple(token_lexemes(token)) for token in tokenise_folded(fold_text(text))])
    groups: list[tuple[str, ...]] = []
    for chunk in text.split():
        groups.extend(_chunk_lexemes(chunk))
    return _positions(groups)


def _positions(groups: list[tuple[str, ...]]) -> list[tuple[str, int]]:
    return [
        (lexeme, min(position, _LAST_POSITION)) for position, group in enumerate(groups, start=1) for lexeme in group
    ]


@lru_cache(maxsize=131_072)
def _chunk_lexemes(chunk: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(token_lexemes(token)) for token in tokenise_folded(fold_text(chunk)))


def token_lexemes(token: Token) -> list[str]:
    """Return the lexemes one token stands for: none for a stop word, the whole and then its parts for a short code."""
    if token.kind == "word":
        return [] if token.text in STOP_WORDS or len(token.text) == 1 else [stem(token.text)]
    if token.kind != "code":
        return [token.text]
    code = normalise_code(token.text).lower()
    if not code:
        return []
    return [code, *code_parts(code), *_joined_models(token.text)]


def _joined_models(text: str) -> list[str]:
    """Return the short codes that a dealer joined by strokes, each with its parts (``xf105/xf106``), or nothing."""
    codes = [normalise_code(piece).lower() for piece in text.split("/")]
    if not 2 <= len(codes) <= _MOST_JOINED or not code_parts(codes[0]):
        return []
    if not all(code.isalnum() and len(code) <= _LONGEST_SPLIT_CODE for code in codes):
        return []
    return list(dict.fromkeys(lexeme for code in codes for lexeme in (code, *code_parts(code))))


def code_parts(code: str) -> list[str]:
    """Return the letter and digit runs of a short code (``xf105`` -> ``xf``, ``105``), or nothing."""
    if len(code) > _LONGEST_SPLIT_CODE:
        return []
    parts = _LETTERS_THEN_DIGITS.findall(code)
    return parts if len(parts) == 2 else []  # a model and its number, not a long serial
