"""Wrong keyboard layout: what the fingers meant.

Stage: query understanding. Reads: text as it was typed. Writes: what the same keys give on the other layouts
(``nzuf`` -> ``тяга``, ``лщдщвлш`` -> ``kolodki``). Polish is typed on the English layout ("programmer's" Polish), so
three layouts cover four languages. Key tables: the Windows layouts of Microsoft
(https://learn.microsoft.com/globalization/windows-keyboard-layouts), US, Russian (ЙЦУКЕН) and Ukrainian (Enhanced).
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from cordsearch.analysis.languages import LANGUAGES, Language

_ENGLISH: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN: Final = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_UKRAINIAN: Final = "'йцукенгшщзхїфівапролджєячсмитьбю"

_TABLES: Final = {
    ("en", "ru"): str.maketrans(_ENGLISH, _RUSSIAN),
    ("en", "uk"): str.maketrans(_ENGLISH, _UKRAINIAN),
    ("ru", "en"): str.maketrans(_RUSSIAN, _ENGLISH),
    ("uk", "en"): str.maketrans(_UKRAINIAN, _ENGLISH),
    ("ru", "uk"): str.maketrans("ыэъё", "ієї'"),
    ("uk", "ru"): str.maketrans("ієї", "ыэъ"),
}
_TYPED_ON: Final[dict[str, frozenset[Language]]] = {
    "en": frozenset({"en", "pl"}),
    "ru": frozenset({"ru"}),
    "uk": frozenset({"uk"}),
}


class LayoutCandidate(NamedTuple):
    """``text`` as it would read had the keys been pressed under layout ``target`` instead of ``source``."""

    text: str
    source: str
    target: str


def repair_candidates(text: str, languages: Collection[Language] = LANGUAGES) -> tuple[LayoutCandidate, ...]:
    """Return what ``text`` (lower case) reads in the other layouts: at most three candidates, each different from it.

    Only the layouts on which one of ``languages`` is typed are tried.

    Text with letters of both scripts has no one wrong layout and gives none. Whether a candidate is a word is
    for the caller's dictionary to say.
    """
    lowered = text.lower()
    has_latin = any("a" <= character <= "z" for character in lowered)
    has_cyrillic = any("\u0400" <= character <= "\u04ff" for character in lowered)
    if has_latin == has_cyrillic:
        return ()
    pairs = (("en", "ru"), ("en", "uk")) if has_latin else (("ru", "en"), ("uk", "en"), ("ru", "uk"), ("uk", "ru"))
    found: list[LayoutCandidate] = []
    for source, target in pairs:
        if _TYPED_ON[target].isdisjoint(languages):
            continue
        typed = lowered.translate(_TABLES[source, target])
        if typed != lowered and all(typed != other.text for other in found) and _one_script(typed):
            found.append(LayoutCandidate(typed, source, target))
    return tuple(found)


def _one_script(text: str) -> bool:
    has_latin = any("a" <= character <= "z" for character in text)
    return not (has_latin and any("\u0400" <= character <= "\u04ff" for character in text))
