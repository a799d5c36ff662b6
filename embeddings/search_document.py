"""The full-text document of a product, in the form PostgreSQL receives a ``tsvector``. Pure.

Stage: embeddings. Reads and writes nothing; the analysis is ``cordsearch.analysis.lexemes``, the same as for queries.

Weights: A names, B synonyms, makes and size, C groups and categories. Codes are not in it: they have their own table
(``product_code``), and a million of them would only make this index large.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct, pack
from typing import NamedTuple

from cordsearch.analysis.lexemes import lexemes

_WEIGHTS = {"A": 3, "B": 2, "C": 1, "D": 0}  # WEP_GETWEIGHT in PostgreSQL's src/include/tsearch/ts_type.h
_FIELD_GAP = 8  # between fields, so that words of two fields are never taken for neighbours
_LAST_POSITION = 16_383  # PostgreSQL manual, section 12.4: positions run to 16,383,
_MOST_POSITIONS = 255  # at most 256 per lexeme,
_LONGEST_LEXEME = 2_046  # and a lexeme is below 2 KiB
_ONE_POSITION = Struct(">xHH").pack  # most lexemes have one; a compiled format halves the time


class DocumentFields(NamedTuple):
    """The texts of a product's document. None or empty where the catalogue has nothing."""

    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None
    size: str | None
    car_brand_names: tuple[str, ...]
    group_names: tuple[str, ...]
    category_names: tuple[str, ...]

    def weighted_texts(self) -> list[tuple[str, str]]:
        """Return (weight, text) in document order."""
        names = [("A", text) for text in dict.fromkeys((self.name_ru, self.name_uk, self.name_pl)) if text]
        second = [("B", text) for text in (self.synonyms, " ".join(self.car_brand_names), self.size) if text]
        third = [("C", text) for text in dict.fromkeys((*self.group_names, *self.category_names)) if text]
        return names + second + third


def weighted_lexemes(texts: Iterable[tuple[str, str]]) -> dict[bytes, list[int]]:
    """Return lexeme in UTF-8 -> positions, the weight in their two high bits, for (weight, text) pairs in order."""
    found: dict[bytes, list[int]] = {}
    start = 0
    for weight, text in texts:
        bits = _WEIGHTS[weight] << 14
        last = 0
        for lexeme, position in _lexemes_of_field(text):
            last = position
            place = start + position
            if place > _LAST_POSITION:
                break
            places = found.get(lexeme)
            if places is None:
                found[lexeme] = [place | bits]
            elif len(places) < _MOST_POSITIONS and places[-1] & _LAST_POSITION < place:
                places.append(place | bits)
        start += last + _FIELD_GAP
    return found


@lru_cache(maxsize=50_000)
def _lexemes_of_field(text: str) -> tuple[tuple[bytes, int], ...]:
    """Return (lexeme in UTF-8, position); groups, makes and synonyms are the same on thousands of products."""
    found = ((lexeme.encode(), position) for lexeme, position in lexemes(text))
    return tuple((lexeme, position) for lexeme, position in found if len(lexeme) <= _LONGEST_LEXEME)


@lru_cache(maxsize=50_000)
def search_vector(fields: DocumentFields) -> bytes:
    """Return the document as the binary form of ``tsvector``.

    The format is that of ``tsvectorrecv`` in PostgreSQL's src/backend/utils/adt/tsvector.c: the number of lexemes, then
    for each its text, a zero byte, the number of positions, and the positions with the weight in the two high bits.
    """
    entries = weighted_lexemes(fields.weighted_texts())
    parts = [
        lexeme + (_ONE_POSITION(1, places[0]) if len(places) == 1 else pack(f">xH{len(places)}H", len(places), *places))
        for lexeme, places in entries.items()
    ]
    return pack(">i", len(entries)) + b"".join(parts)


def array_field(values: Sequence[str | None] | None) -> tuple[str, ...]:
    """Return a database array as a tuple without nulls."""
    return tuple(value for value in values or () if value)
