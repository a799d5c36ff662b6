"""Transliteration: Cyrillic words typed in Latin letters and the other way round.

Stage: query understanding. Reads: one folded word. Writes: a bounded list of spellings in the other script
(``kolodki`` -> ``колодки``; ``даф`` -> ``daf``). People follow no single standard, so the tables join the common
ones (the Ukrainian passport table of 2010, GOST 7.79 system B, and Polish spelling) and ambiguous letters branch;
the caller's dictionary says which branch is a word.
"""

from functools import lru_cache
from typing import Final

MAXIMUM_CANDIDATES: Final = 12

_LATIN_TO_CYRILLIC: Final[dict[str, tuple[str, ...]]] = {
    "shch": ("щ",), "szcz": ("щ",), "sch": ("щ", "ш"), "zh": ("ж",), "kh": ("х",), "ts": ("ц", "тс"),
    "tz": ("ц",), "ch": ("ч", "х"), "cz": ("ч",), "sh": ("ш",), "sz": ("ш",), "rz": ("ж", "рз"), "ph": ("ф",),
    "ck": ("к",), "ya": ("я",), "ja": ("я",), "ia": ("ия", "я"), "yu": ("ю",), "ju": ("ю",), "iu": ("ю", "иу"),
    "ye": ("е", "є"), "je": ("е", "є"), "yo": ("ё",), "jo": ("ё",), "yi": ("ї",), "ji": ("ї",), "yy": ("ый",),
    "iy": ("ий",), "ij": ("ий",), "qu": ("кв",), "oo": ("у",), "ee": ("и",), "a": ("а",), "b": ("б",),
    "c": ("ц", "к"), "d": ("д",), "e": ("е", "э"), "f": ("ф",), "g": ("г",), "h": ("г", "х"), "i": ("и", "і"),
    "j": ("й",), "k": ("к",), "l": ("л",), "m": ("м",), "n": ("н",), "o": ("о",), "p": ("п",), "q": ("к",),
    "r": ("р",), "s": ("с",), "t": ("т",), "u": ("у",), "v": ("в",), "w": ("в",), "x": ("кс", "х"),
    "y": ("ы", "и", "й"), "z": ("з",), "'": ("ь",),
}  # fmt: skip
_CYRILLIC_TO_LATIN: Final[dict[str, tuple[str, ...]]] = {
    "кс": ("x", "ks"), "ий": ("y",), "ый": ("y",), "ья": ("ia", "ya"), "ия": ("ia", "iya"), "ія": ("ia",),
    "дж": ("j", "dzh"), "а": ("a",), "б": ("b",), "в": ("v", "w"), "г": ("g", "h"), "ґ": ("g",), "д": ("d",),
    "е": ("e",), "ё": ("e", "yo"), "є": ("e", "ye"), "ж": ("zh", "z"), "з": ("z",), "и": ("i", "y"),
    "і": ("i",), "ї": ("i", "yi"), "й": ("j", "y", "i"), "к": ("k", "c"), "л": ("l",), "м": ("m",), "н": ("n",),
    "о": ("o",), "п": ("p",), "р": ("r",), "с": ("s", "c"), "т": ("t",), "у": ("u",), "ф": ("f",),
    "х": ("h", "ch", "kh"), "ц": ("c", "ts"), "ч": ("ch", "cz"), "ш": ("sh", "sz"), "щ": ("shch", "szcz"),
    "ъ": ("",), "ы": ("y", "i"), "ь": ("",), "э": ("e",), "ю": ("yu", "ju", "u"), "я": ("ya", "ja", "a"),
}  # fmt: skip


def latin_to_cyrillic(word: str) -> tuple[str, ...]:
    """Return at most :data:`MAXIMUM_CANDIDATES` Cyrillic spellings of a Latin ``word``, the likeliest first."""
    return _spell(word, "latin")


def cyrillic_to_latin(word: str) -> tuple[str, ...]:
    """Return at most :data:`MAXIMUM_CANDIDATES` Latin spellings of a Cyrillic ``word``, the likeliest first."""
    return _spell(word, "cyrillic")


def _pieces(word: str, table: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]] | None:
    longest = max(map(len, table))
    pieces: list[tuple[str, ...]] = []
    at = 0
    while at < len(word):
        for size in range(longest, 0, -1):
            options = table.get(word[at : at + size])
            if options is not None:
                pieces.append(options)
                at += size
                break
        else:
            return None
    return pieces


@lru_cache(maxsize=4096)
def _spell(word: str, script: str) -> tuple[str, ...]:
    """Spell ``word``, keeping the cheapest prefixes; a spelling costs one for every step down an option list."""
    pieces = _pieces(word, _LATIN_TO_CYRILLIC if script == "latin" else _CYRILLIC_TO_LATIN)
    if pieces is None:
        return ()
    beam: list[tuple[int, str]] = [(0, "")]
    for options in pieces:
        grown = [(cost + step, text + option) for cost, text in beam for step, option in enumerate(options)]
        grown.sort(key=lambda item: item[0])
        beam = grown[: 2 * MAXIMUM_CANDIDATES]
    return tuple(dict.fromkeys(text for _, text in beam))[:MAXIMUM_CANDIDATES]
