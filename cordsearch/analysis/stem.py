"""A light stemmer for words of parts names in Russian, Ukrainian, Polish and English.

Stage: text analysis. Reads: one folded word. Writes: its stem. Pure, cached per word.

A Cyrillic word does not say whether it is Russian or Ukrainian, and ``тормозні колодки`` is half of each, so there is
one joint Cyrillic stemmer and one joint Latin one, not four: the same word must give the same stem whoever typed it.
Both strip one inflectional ending only (the idea of J. Savoy, "Light stemming approaches for the French, Portuguese,
German and Hungarian languages", SAC 2006: light beats aggressive on short texts), after letters that the two languages
spell differently are folded, and before the fleeting vowel of the last syllable is dropped (``колодок`` ~
``колодка``, ``klocek`` ~ ``klocki``). Derivation stays: a brake (``тормоз``) is not "brake, adjective" (``тормозной``).
"""

from functools import lru_cache
from typing import Final

from cordsearch.analysis.normalise import script_of

# Ukrainian і/ї/и and Russian и/ы, Ukrainian є/е and Russian е/ё/э, ґ/г; the soft and hard signs and the apostrophe.
_CYRILLIC_FOLD: Final = str.maketrans("іїыєёэґ", "иииеееґ".replace("ґ", "г"), "ьъ'")

_VOWELS: Final = frozenset("аеиоуюяaeiouy")
_CONSONANTS_TO_SINGLE: Final = frozenset("бвгджзклмнпрстфхцчшщbcdfghjklmnpqrstvwxz")


def _by_length(endings: str) -> tuple[tuple[str, ...], ...]:
    words = endings.split()
    longest = max(map(len, words))
    return tuple(tuple(w for w in words if len(w) == size) for size in range(longest, 0, -1))


# Folded endings of nouns and adjectives of both languages, one list: longest match wins.
_CYRILLIC_ENDINGS: Final = _by_length(
    "иями ями ами ими ого его ому ему "
    "ая яя ое ее ие ий ой ей ои еи ою ею ую юю их им ом ем ам ям ах ях ов ев ив ия ию ии иям иях ием "
    "а я о е и у ю й"
)
_LATIN_ENDINGS: Final = _by_length(
    "ami iami ach iach ego iego emu iemu ymi imi ych ich iem ym im em om ow ej iej ie ia iu a e i o u y"
)

# Ukrainian і of a closed syllable is о or е in the other forms (привід ~ привода, ремінь ~ ременя). Which one, and
# whether at all (зміст ~ змісту), is a matter of the word: only words and endings of words that are sure.
_CLOSED_PAIRS: Final = (
    "ніж:нож ніс:нос міст:мост вісь:ось бік:бок ріг:рог поріг:порог дріт:дрот якір:якорь важіль:важель "
    "коліс:колес упір:упор опір:опор запір:запор колір:кольор папір:папер"
)
_CLOSED_WORDS: Final = dict(pair.split(":") for pair in _CLOSED_PAIRS.split())
_CLOSED_ENDINGS: Final = (
    ("привід", "привод"),
    ("провід", "провод"),
    ("вивід", "вивод"),
    ("відвід", "відвод"),
    ("хід", "ход"),
    ("тік", "ток"),
    ("твір", "твор"),
    ("мінь", "мень"),
    ("рінь", "рень"),
    ("бінь", "бень"),
)
_ALTERNATING_ROOTS: Final = (("шестір", "шестер"), ("стійк", "стойк"), ("стійок", "стойок"))

# Nominatives that only look like a genitive plural or an instrumental, in folded letters.
_CYRILLIC_NOMINATIVES: Final = (
    "кузов обогрев обигрив подогрев подигрив перегрев перегрив нагрев нагрив слив злив долив залив налив "
    "обрив розрив разрив прорив масив актив архив покров разем розем обем прием подем режим дисплей клей слой отбой "
    "литий кремний алюминий систем хром запах перелом надлом тролей"
)
_CYRILLIC_WHOLE: Final = frozenset(_CYRILLIC_NOMINATIVES.split())
_LATIN_WHOLE: Final = frozenset({"system", "problem", "modem", "olej", "film", "klej", "chrom", "trim"})


@lru_cache(maxsize=131_072)
def stem(word: str) -> str:
    """Return the stem of a folded ``word``; a word with a digit, or of mixed or other script, comes back unchanged."""
    if not word or any(character.isdigit() for character in word):
        return word
    script = script_of(word)
    if script == "cyrillic":
        return _stem_cyrillic(word)
    if script == "latin":
        return _stem_latin(word)
    return word


def _stem_cyrillic(word: str) -> str:
    if word.startswith("під") and len(word) > 5:  # підшипник ~ подшипник, but not "підлі"
        word = "под" + word[3:]
    word = _open_syllable(word)
    # рульовий ~ рулевой, підйом ~ подъём, трьох ~ трёх
    word = word.replace("ьо", "е").replace("йо", "е")
    folded = _single_consonants(word.translate(_CYRILLIC_FOLD))
    if folded in _CYRILLIC_WHOLE:
        return folded
    return _drop_fleeting_vowel(_strip_ending(folded, _CYRILLIC_ENDINGS, shortest=2))


def _open_syllable(word: str) -> str:
    """Spell a Ukrainian ``word`` with the vowel of its other forms."""
    if "і" not in word:
        return word
    if word in _CLOSED_WORDS:
        return _CLOSED_WORDS[word]
    for closed, opened in _CLOSED_ENDINGS:
        if word.endswith(closed):
            return word[: -len(closed)] + opened
    for closed, opened in _ALTERNATING_ROOTS:
        if word.startswith(closed):
            return opened + word[len(closed) :]
    return word


def _stem_latin(word: str) -> str:
    word = word.replace("'", "")
    if len(word) <= 3:  # makes and abbreviations: daf, man, abs
        return word
    singular = _strip_english_plural(_single_consonants(word))
    if singular in _LATIN_WHOLE:
        return singular
    return _drop_fleeting_vowel(_strip_ending(singular, _LATIN_ENDINGS, shortest=3))


def _strip_ending(word: str, endings: tuple[tuple[str, ...], ...], shortest: int) -> str:
    """Take the longest ending off that leaves ``shortest`` letters (three for endings of two and more) and a vowel."""
    for group in endings:
        size = len(group[0])
        room = len(word) - size
        if room < (shortest if size == 1 else 3):
            continue
        if word[-size:] in group and any(letter in _VOWELS for letter in word[:room]):
            return word[:room]
    return word


def _strip_english_plural(word: str) -> str:
    if not word.endswith("s") or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    before = word[-2]
    return word[:-1] if before in "ey" or (before not in _VOWELS and before != "s") else word


def _single_consonants(word: str) -> str:
    """Ukrainian writes ``компресор`` where Russian writes ``компрессор``, Polish ``kompresor`` for ``compressor``."""
    previous = ""
    letters: list[str] = []
    for letter in word:
        if letter == previous and letter in _CONSONANTS_TO_SINGLE:
            continue
        letters.append(letter)
        previous = letter
    return "".join(letters)


def _drop_fleeting_vowel(stemmed: str) -> str:
    """Drop the vowel that nouns lose when they decline; done to every stem, so that all forms end up alike."""
    if len(stemmed) < 4:
        return stemmed
    head, vowel, last = stemmed[:-2], stemmed[-2], stemmed[-1]
    if (vowel in "оеe" and last in "кцнлkcnl") or (vowel in "еe" and last in "рr"):
        if head[-1] in _VOWELS:
            # стоек ~ стойка, гаек ~ гайка; elsewhere two vowels in a row are not fleeting (насоос).
            return f"{head}й{last}" if vowel == "е" and last == "к" else stemmed
        if any(letter in _VOWELS for letter in head):
            return head + last
    return stemmed
