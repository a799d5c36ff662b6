"""Unicode folding: the first step of every analysis.

Stage: text analysis. Reads: raw text as dealers type it. Writes: text in one case, one apostrophe, one
Unicode form, with look-alike letters of the wrong script put right.

Dealer data mixes scripts inside a word (a Latin ``i`` in ``фiльтр``, a Cyrillic ``С`` in ``SСANIA``): the two look
the same on screen, and one of them cannot be found. The look-alike pairs are those of the Unicode
confusables data (UTS #39, https://www.unicode.org/reports/tr39/) restricted to letters people type.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LATIN_TO_CYRILLIC: Final = str.maketrans("abcehikmoptxy", "авсенікмортху")
CYRILLIC_TO_LATIN: Final = str.maketrans("авсеніїкмортхуёѕј", "abcehiikmoptxyesj")

_LATIN_LOOKALIKES: Final = frozenset("abcehikmoptxy")
_CYRILLIC_LOOKALIKES: Final = frozenset("авсеніїкмортхуёѕј")

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`´ʹʻʼʽ‘’‛′"), "'")
# Latin letters whose diacritic is not a combining mark, so that NFD does not take it off.
_STROKED: Final = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"})
_MARK: Final = re.compile(r"[\u0300-\u036f]+")
_MIXED_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_HAS_LATIN: Final = re.compile(r"[a-z]")
_HAS_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


@lru_cache(maxsize=64)  # a query is folded to be understood, and again to be remembered
def fold_text(text: str) -> str:
    """Return ``text`` in NFKC, lower case, plain apostrophes, no Latin diacritics, one script per word.

    Cyrillic letters keep their marks (``й``, ``ї`` and ``ё`` are letters, not accents); the stemmer folds those that
    Russian and Ukrainian spell differently. Words that hold digits keep their scripts: they may be
    part numbers, and :func:`cordsearch.analysis.codes.normalise_code` decides for those.
    """
    if text.isascii():
        return text.lower().translate(_APOSTROPHES) if "`" in text else text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_INVISIBLE).translate(_APOSTROPHES)
    if folded.isascii():
        return folded
    if _HAS_LATIN.search(folded) or not _HAS_CYRILLIC.search(folded):
        folded = "".join(map(_strip_mark, folded)).translate(_STROKED)
    if _HAS_LATIN.search(folded) and _HAS_CYRILLIC.search(folded):
        folded = _MIXED_WORD.sub(lambda match: one_script(match.group()), folded)
    return folded


@lru_cache(maxsize=4096)
def _strip_mark(character: str) -> str:
    if "\u0400" <= character <= "\u04ff" or character.isascii():
        return character
    return _MARK.sub("", unicodedata.normalize("NFD", character))


def one_script(word: str) -> str:
    """Return a folded ``word`` that mixes Latin and Cyrillic letters in the one script it must have meant.

    The script that owns a letter without a double decides; if every letter has one, the majority does.
    A word with digits, or with unmistakable letters of both scripts, stays as it is.
    """
    latin = set(_HAS_LATIN.findall(word))
    cyrillic = set(_HAS_CYRILLIC.findall(word))
    if not latin or not cyrillic or any(character.isdigit() for character in word):
        return word
    surely_latin = latin - _LATIN_LOOKALIKES
    surely_cyrillic = cyrillic - _CYRILLIC_LOOKALIKES
    if surely_latin and surely_cyrillic:
        return word
    if surely_latin:
        return word.translate(CYRILLIC_TO_LATIN)
    if surely_cyrillic or len(_HAS_CYRILLIC.findall(word)) >= len(_HAS_LATIN.findall(word)):
        return word.translate(LATIN_TO_CYRILLIC)
    return word.translate(CYRILLIC_TO_LATIN)


def script_of(word: str) -> str:
    """Return ``"cyrillic"``, ``"latin"``, ``"mixed"`` or ``"none"`` for a folded ``word``."""
    has_latin = _HAS_LATIN.search(word) is not None
    has_cyrillic = _HAS_CYRILLIC.search(word) is not None
    if has_latin and has_cyrillic:
        return "mixed"
    if has_cyrillic:
        return "cyrillic"
    return "latin" if has_latin else "none"
