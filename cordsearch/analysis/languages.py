"""The four languages, and in which of them a word may be written. Pure.

Stage: text analysis. Reads one folded word. Letters give a language away only where the others lack them: Russian has
no ``іїєґ``, Ukrainian no ``ыэёъ``. Folding took the Polish diacritics off, so a Latin word may be Polish or English.
"""

from collections.abc import Collection
from typing import Final, Literal, get_args

from cordsearch.analysis.normalise import script_of

Language = Literal["uk", "ru", "pl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_UKRAINIAN_ONLY: Final = frozenset("іїєґ'")
_RUSSIAN_ONLY: Final = frozenset("ыэёъ")


def languages_of(word: str) -> frozenset[Language]:
    """Return the languages that a folded ``word`` may be written in; all of them for one without letters."""
    letters = frozenset(word)
    match script_of(word):
        case "latin":
            return frozenset({"pl", "en"})
        case "cyrillic":
            either: set[Language] = {"uk", "ru"}
            if letters & _UKRAINIAN_ONLY:
                either.discard("ru")
            if letters & _RUSSIAN_ONLY:
                either.discard("uk")
            return frozenset(either)
        case _:
            return frozenset(LANGUAGES)


def may_be_in(word: str, languages: Collection[Language]) -> bool:
    """Tell whether a folded ``word`` may be written in one of ``languages``."""
    return not languages_of(word).isdisjoint(languages)
