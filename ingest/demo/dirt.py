"""Stage: demo source. Reads names; writes them as a catalogue of twenty years' standing really has them.

Each function spoils one text in one way. How often each happens is in :mod:`ingest.demo.chunk`.
"""

import re

JUNK_NAMES = ("-2146826246", ".", "-", "#N/A", "???", "0", "-2146826265")
APOSTROPHES = ("'", "\u2019", "\u02bc", "`", "\u00b4")

_LATIN_TWINS = tuple(zip("ісоеархІСОЕАРХ", "icoeapxICOEAPX", strict=True))  # Cyrillic, then Latin
_POLISH_ASCII = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ")
# What clerks write in capitals when the field is short. The beginning of the word decides, so all forms are covered.
_POLISH_SHORT = (
    ("hamulc", "HAM."),
    ("przedn", "PRZOD"),
    ("tyln", "TYL"),
    ("lew", "L."),
    ("praw", "P."),
    ("komplet", "KPL."),
    ("zestaw", "ZEST."),
    ("gorn", "GOR."),
    ("doln", "DOL."),
    ("zewnetrzn", "ZEWN."),
    ("wewnetrzn", "WEWN."),
    ("amortyzator", "AMORT."),
    ("powietrz", "POW."),
    ("pneumatyczn", "PNEUM."),
    ("hydrauliczn", "HYDR."),
    ("elektryczn", "EL."),
    ("chlodnic", "CHLOD."),
    ("chlodzac", "CHLODZ."),
    ("sprzegl", "SPRZEG."),
    ("paliw", "PAL."),
    ("zawieszen", "ZAW."),
    ("kierownicz", "KIER."),
    ("stabilizator", "STAB."),
    ("uszczelk", "USZCZ."),
    ("naprawcz", "NAPR."),
    ("wzmocnion", "WZM."),
    ("regenerowan", "REG."),
    ("przewod", "PRZEW."),
    ("obudow", "OBUD."),
)
_SEPARATORS = re.compile(r"[\s.,/()\-+'\"]+")


def abbreviate_polish(name: str) -> str:
    """Return a Polish name in capitals, abbreviated and without diacritics: ``KLOCKI HAM. PRZOD AUDI A4``."""
    return " ".join(map(_short_word, name.translate(_POLISH_ASCII).split()))


def _short_word(word: str) -> str:
    lower = word.lower()
    return next((short for start, short in _POLISH_SHORT if lower.startswith(start)), word.upper())


def mix_in_latin(name: str, choice: int) -> str:
    """Replace one Cyrillic letter by its Latin twin wherever it stands in the name; unchanged if it has none."""
    twins = [(letter, twin) for letter, twin in _LATIN_TWINS if letter in name]
    if not twins:
        return name
    letter, twin = twins[choice % len(twins)]
    return name.replace(letter, twin)


def respell_apostrophe(name: str, choice: int) -> str:
    """Replace the apostrophe by another sign that people type for it."""
    for sign in APOSTROPHES:
        if sign in name:
            return name.replace(sign, APOSTROPHES[choice % len(APOSTROPHES)])
    return name


def double_space(name: str) -> str:
    """Double the first space of a name."""
    return name.replace(" ", "  ", 1)


def half_russian(ukrainian: str, russian: str) -> str:
    """Return a Ukrainian name whose words after the first are Russian, if the two have the same number of words."""
    uk, ru = ukrainian.split(" "), russian.split(" ")
    return " ".join((uk[0], *ru[1:])) if len(uk) == len(ru) else russian


def search_form(text: str) -> str:
    """Return what the source system keeps for its own search: capitals without separators."""
    return _SEPARATORS.sub("", text).upper()
