"""What a text looks like to the static encoder, and which text stands for a product. Pure.

Stage: embeddings. Reads and writes nothing.

A text is a bag of words; a word is a bag of hashed features (DESIGN section 4: hashed words and character
3-5-grams). Every word also gives the features of its *skeleton*, a rough Latin spelling that is the same for
cognates in Russian, Ukrainian and Polish (``амортизатор``, ``amortyzator`` -> ``amortizator``). Character n-grams
share nothing across scripts; skeletons let an untrained word meet its cognate in another alphabet.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import md5
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import code_parts
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.tokens import Token, tokenise_folded

BUCKETS = 65_536
NGRAM_SIZES = (3, 4, 5)
_LONGEST_WORD = 40  # longer runs are identifiers or rubbish; their tail would only add cost
_MOST_WORDS = 256  # a description pasted into a query must not cost seconds
_MOST_CAR_BRANDS = 3  # a part that fits ten makes is about none of them

_LETTER = re.compile(r"[^\W\d_]")
_SPACED_SIZE = re.compile(r"\d\s[xX\u0445\u0425*\u00d7]|[xX\u0445\u0425*\u00d7]\s\d")

# One sound, one letter: rough on purpose, the n-grams absorb what is left.
_CYRILLIC = dict(
    zip(
        "абвгґдеёєэжзиіїыйклмнопрстуўфхцчшщъьюя",
        "abvhhdeeeezziiiiiklmnoprstuufhccss--ua",
        strict=True,
    )
)
_SKELETON_LETTERS = str.maketrans(
    {letter: sound.replace("-", "") for letter, sound in _CYRILLIC.items()}
    | {"w": "v", "j": "i", "y": "i", "q": "k", "x": "ks", "g": "h", "ł": "l", "'": ""}
)
_LATIN_GROUPS = re.compile(r"sz|cz|rz|ch|ck|ph|th")
_LATIN_GROUP_SOUNDS = {"sz": "s", "cz": "c", "rz": "r", "ch": "h", "ck": "k", "ph": "f", "th": "t"}
_DOUBLED = re.compile(r"(.)\1+")


class ProductText(NamedTuple):
    """The fields of a product that its vector is made of. None where the catalogue has nothing."""

    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None = None
    size: str | None = None
    car_brand_names: Sequence[str] | None = None


def skeleton(word: str) -> str:
    """Return the rough Latin spelling of a folded word; empty when nothing is left of it."""
    latin = _LATIN_GROUPS.sub(lambda match: _LATIN_GROUP_SOUNDS[match.group()], word)
    return _DOUBLED.sub(r"\1", latin.translate(_SKELETON_LETTERS))


def _words_of_token(token: Token) -> tuple[str, ...]:
    if token.kind != "code":
        return (token.text[:_LONGEST_WORD],)
    code = normalise_code(token.text).lower()[:_LONGEST_WORD]
    return (code, *code_parts(code)) if code else ()


@lru_cache(maxsize=200_000)
def _words_of_chunk(chunk: str) -> tuple[str, ...]:
    return tuple(word for token in tokenise_folded(fold_text(chunk)) for word in _words_of_token(token))


def words(text: str) -> list[str]:
    """Return the folded words of a text in order, at most 256 of them.

    Sizes and codes come in one spelling (``309*242`` is ``309x242``); a short code also gives its two parts, so that
    ``xf105`` and ``xf 105`` meet.
    """
    found: list[str] = []
    for chunk in [text] if _SPACED_SIZE.search(text) else text.split():
        found.extend(_words_of_chunk(chunk))
        if len(found) >= _MOST_WORDS:
            return found[:_MOST_WORDS]
    return found


def _ngrams(word: str) -> Iterable[str]:
    marked = f"<{word}>"
    for size in NGRAM_SIZES:
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def _feature_names(word: str) -> Iterable[str]:
    yield "w" + word
    for ngram in _ngrams(word):
        yield "g" + ngram
    if word.isdigit():
        return
    spelling = skeleton(word)
    if spelling:
        yield "s" + spelling
        for ngram in _ngrams(spelling):
            yield "k" + ngram


@lru_cache(maxsize=200_000)
def word_features(word: str) -> NDArray[np.int32]:
    """Return the bucket numbers of a folded word, shape (n,), n >= 1, each in [0, BUCKETS). Do not modify.

    CRC-32 because it is the fastest hash of the standard library that is the same on every machine and run.
    """
    buckets = np.fromiter((crc32(name.encode()) % BUCKETS for name in _feature_names(word)), dtype=np.int32)
    buckets.setflags(write=False)
    return buckets


def is_junk(text: str | None) -> bool:
    """Whether a field says nothing: empty, or without a single letter (the catalogue has ``-2146826246`` as names)."""
    return text is None or _LETTER.search(text) is None


def product_text(product: ProductText) -> str:
    """Return the text that stands for a product: its names, synonyms, size and makes, without junk and repetition."""
    parts: list[str] = []
    for field in (product.name_ru, product.name_uk, product.name_pl, product.synonyms):
        if field is not None and not is_junk(field) and field not in parts:
            parts.append(field)
    if product.size:
        parts.append(product.size)
    makes = product.car_brand_names or ()
    if len(makes) <= _MOST_CAR_BRANDS:
        parts.extend(makes)
    return " ".join(" ".join(parts).split())


def text_hash(text: str) -> str:
    """Return the key of a text in the vector store: 32 hexadecimal digits."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()
