"""How people mistype: slips of the finger and of the ear, the wrong keyboard, the wrong script. Pure.

Written apart from ``cordsearch.analysis`` on purpose, so that the search is not asked in its own tables. Which slips
there are, and how often, follows collections of misspellings by native writers: half are one letter for another
that sounds alike or lies beside it, then a letter left out, a letter too many (mostly a doubled one), two
letters swapped.
"""

import random
import re

_KEYBOARDS = {
    "en": "qwertyuiop[]asdfghjkl;'zxcvbnm,.",
    "ru": "йцукенгшщзхъфывапролджэячсмитьбю",
    "uk": "йцукенгшщзхїфівапролджєячсмитьбю",
}
_ROWS = {
    "latin": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "cyrillic": ("йцукенгшщзх", "фывапролджэ", "ячсмитьбю"),
    "ukrainian": ("йцукенгшщзхї", "фівапролджє", "ячсмитьбю"),
}
# Letters that sound alike where the stress is elsewhere, and consonants at the end of a syllable.
_ALIKE = {
    "ru": {"о": "а", "а": "о", "е": "и", "и": "е", "я": "е", "з": "с", "с": "з", "д": "т", "т": "д", "б": "п", "п": "б",
           "ж": "ш", "г": "к", "в": "ф", "ы": "и", "щ": "ш", "ц": "с", "э": "е"},
    "uk": {"и": "і", "і": "и", "е": "и", "у": "в", "в": "у", "є": "е", "о": "у", "а": "о", "з": "с", "г": "х",
           "ї": "і", "щ": "ш", "д": "т", "ц": "с", "ь": "и"},
    "pl": {"h": "ch", "u": "ó", "z": "s", "w": "f", "y": "i", "i": "y", "c": "s", "d": "t", "b": "p", "e": "en",
           "o": "u"},
    "en": {"e": "a", "a": "e", "i": "e", "o": "u", "c": "k", "k": "c", "s": "c", "f": "ph", "u": "o", "y": "i"},
}  # fmt: skip
_KINDS = (("alike", 34), ("neighbour", 16), ("omission", 20), ("doubling", 10), ("insertion", 6), ("swap", 14))
_SHORTEST_WORD = 5

_LATIN = {
    # What people write in a chat, and what passports say; both are typed into shop searches.
    "chat": {
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ye", "ж": "zh", "з": "z",
        "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
        "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y",
        "ь": "", "э": "e", "ю": "yu", "я": "ya", "'": "",
    },
    "passport": {
        "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ie", "ж": "zh", "з": "z",
        "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
        "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "",
        "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "'": "",
    },
}  # fmt: skip


def mistype(text: str, language: str, seed: str) -> str:
    """Return ``text`` with one slip in one of its longer words; the same arguments give the same slip.

    The first letter stays: people rarely miss it. Text without a word of five letters comes back as it is.
    """
    chance = random.Random(f"mistype {seed} {text}")
    words = [match for match in re.finditer(r"[^\W\d_]+", text) if len(match.group()) >= _SHORTEST_WORD]
    if not words:
        return text
    word = chance.choice(words)
    slip = word.group()
    while slip == word.group():
        slip = _slip(word.group(), language, chance)
    return text[: word.start()] + slip + text[word.end() :]


def _slip(word: str, language: str, chance: random.Random) -> str:
    kind = chance.choices([name for name, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    at = chance.randrange(1, len(word))
    letter = word[at]
    match kind:
        case "alike":
            return word[:at] + _ALIKE[language].get(letter, letter) + word[at + 1 :]
        case "neighbour":
            return word[:at] + _neighbour(letter, language, chance) + word[at + 1 :]
        case "omission":
            return word[:at] + word[at + 1 :]
        case "doubling":
            return word[:at] + letter + word[at:]
        case "insertion":
            return word[:at] + _neighbour(letter, language, chance) + word[at:]
        case _:
            at = max(at, 2)
            return word[: at - 1] + letter + word[at - 1] + word[at + 1 :]


def _neighbour(letter: str, language: str, chance: random.Random) -> str:
    rows = _ROWS["ukrainian" if language == "uk" else "cyrillic" if language == "ru" else "latin"]
    row = next((row for row in rows if letter in row), "")
    at = row.find(letter)
    beside = [row[place] for place in (at - 1, at + 1) if row and 0 <= place < len(row)]
    return chance.choice(beside) if beside else letter


def wrong_layout(text: str, meant: str, active: str) -> str:
    """Return what the keys for ``text`` under the layout ``meant`` give under ``active`` (``en``, ``ru``, ``uk``).

    Polish is typed on the English layout, the letters with marks without them.
    """
    plain = text.lower().translate(str.maketrans("ąćęłńóśźż", "acelnoszz"))
    return plain.translate(str.maketrans(_KEYBOARDS[meant], _KEYBOARDS[active]))


def in_latin_letters(text: str, scheme: str) -> str:
    """Return Cyrillic ``text`` in Latin letters by ``scheme``: ``chat`` or ``passport``."""
    return "".join(_LATIN[scheme].get(letter, letter) for letter in text.lower())


def code_neighbours(code: str, taken: frozenset[str] | set[str], count: int) -> list[str]:
    """Return ``count`` codes that differ from the normalised ``code`` in one character and are not ``taken``.

    One digit or letter becomes another of its kind; the beginning of a longer code is no neighbour.
    """
    chance = random.Random(f"neighbours {code}")
    found: list[str] = []
    for _ in range(50 * count):
        at = chance.randrange(len(code))
        other = chance.choice("0123456789" if code[at].isdigit() else "ABCDEFGKLMNPRSTX")
        near = code[:at] + other + code[at + 1 :]
        if near not in taken and near not in found:
            found.append(near)
        if len(found) == count:
            break
    return found
