"""Where the words of a text stand in it as it was written.

Stage: text analysis. Reads: raw text. Writes: its tokens with their lexemes and character offsets into the original.
Offsets into the folded text would not do: folding takes marks away and makes two characters of one (``ﬁ``, ``œ``).

The tokens are those of :func:`cordsearch.analysis.lexemes.lexemes`, so what is found in the index is found here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import SPACED_SIZE, token_lexemes
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.tokens import Token, tokenise_folded

_CHUNK: Final = re.compile(r"\S+")
# What nearly every name is written in: characters that fold into one character each, whatever stands beside them.
_ONE_FOR_ONE: Final = re.compile(
    "[\x00-\x7f\xd7\xe0-\xe5\xe7-\xf8\u0104-\u0107\u0118\u0119\u0141-\u0144\u015a\u015b\u0179-\u017c\u0401-\u045f\u0490\u0491]*"
)


class Word(NamedTuple):
    """One token of a text: ``start`` to ``end`` (exclusive) in the original text.

    ``text`` is folded; a code is normalised, in lower case. ``ends``: where the original of each character of ``text``
    ends, empty where that cannot be told (a size). ``lexemes``: what the index has of it.
    """

    text: str
    is_code: bool
    lexemes: tuple[str, ...]
    start: int
    end: int
    ends: tuple[int, ...]


def chunks(text: str) -> Iterator[tuple[str, int]]:
    """Yield the pieces of ``text`` that are analysed by themselves, with their offsets: what blanks separate.

    A text with a size written with blanks (``309 x 242``) is one piece.
    """
    if SPACED_SIZE.search(text):
        yield text, 0
    else:
        for match in _CHUNK.finditer(text):
            yield match.group(), match.start()


@lru_cache(maxsize=65_536)
def words(chunk: str) -> tuple[Word, ...]:
    """Return the tokens of one piece of a text, offsets into the piece."""
    folded, starts, ends = fold_with_places(chunk)
    return tuple(_word(token, starts, ends) for token in tokenise_folded(folded))


def fold_with_places(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return ``fold_text(text)``, and for each of its characters where its original begins and ends in ``text``.

    Where Unicode composes characters beyond their own marks (Hangul syllables), every character has the whole text as
    its original.
    """
    folded = fold_text(text)
    if _ONE_FOR_ONE.fullmatch(text):
        return folded, range(len(folded)), range(1, len(folded) + 1)
    clusters = list(_clusters(text))
    # Whether marks come off depends on the scripts of the whole text, so every character gets such company as well.
    for beside in ("", " я", " q"):
        pieces = [fold_text(text[start:end] + beside).removesuffix(beside) for start, end in clusters]
        # Letters of the wrong script are put right by the word, one for one: the same once they are put right.
        together = "".join(pieces)
        if len(together) == len(folded) and fold_text(together) == folded:
            starts = [start for (start, _), piece in zip(clusters, pieces, strict=True) for _ in piece]
            ends = [end for (_, end), piece in zip(clusters, pieces, strict=True) for _ in piece]
            return folded, starts, ends
    return folded, [0] * len(folded), [len(text)] * len(folded)


def code_with_places(text: str) -> tuple[str, Sequence[int]]:
    """Return ``normalise_code(text)``, and for each of its characters the place of its original in ``text``."""
    pieces = [normalise_code(character) for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def place_of_beginning(text: str, length: int) -> tuple[int, int]:
    """Return where the first ``length`` (1 or more) characters of ``normalise_code(text)`` begin and end in ``text``.

    The punctuation between them is theirs, that around them is not.
    """
    start = -1
    for place, character in enumerate(text):
        own = len(normalise_code(character))
        if own and start < 0:
            start = place
        length -= own
        if own and length <= 0:
            return start, place + 1
    return max(start, 0), len(text)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of every character with the marks and the invisible characters that follow it."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not _belongs_to_the_one_before(text[place]):
            yield start, place
            start = place


def _belongs_to_the_one_before(character: str) -> bool:
    return not character.isascii() and (
        unicodedata.combining(character) != 0 or unicodedata.category(character) == "Cf"
    )


def _word(token: Token, starts: Sequence[int], ends: Sequence[int]) -> Word:
    found = tuple(token_lexemes(token))
    start, end = starts[token.start], ends[token.end - 1]
    is_code = token.kind == "code"
    if is_code:
        code, places = code_with_places(token.text)
        own = tuple(ends[token.start + place] for place in places)
        return Word(code.lower(), is_code, found, start, end, own if len(code.lower()) == len(own) else ())
    own = tuple(ends[token.start : token.end])
    return Word(token.text, is_code, found, start, end, own if len(token.text) == len(own) else ())
