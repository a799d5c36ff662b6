"""The full-text document of a product, in the form PostgreSQL receives a ``tsvector``. Pure.

Stage: embeddings. Reads and writes nothing; the analysis is ``cordsearch.analysis.lexemes``, the same as for queries.

Weights: A names, B synonyms, makes and size, C groups and categories. Codes are not in it: they have their own table
(``product_code``), and a million of them would only make this index large.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import pack
from typing import NamedTuple

from cordsearch.analysis.lexemes import lexemes

_WEIGHTS = {"A": 3, "B": 2, "C": 1, "D": 0}  # WEP_GETWEIGHT in PostgreSQL's src/include/tsearch/ts_type.h
_FIELD_GAP = 8  # between fields, so that words of two fields are never taken for neighbours
_LAST_POSITION = 16_383  # PostgreSQL manual, section 12.4: positions run to 16,383,
_MOST_POSITIONS = 255  # at most 256 per lexeme,
_LONGEST_LEXEME = 2_046  # and a lexeme is below 2 KiB


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


def weighted_lexemes(texts: Iterable[tuple[str, str]]) -> dict[str, list[tuple[int, str]]]:
    """Return lexeme -> [(position, weight)] for (weight, text) pairs; positions rise from 1."""
    found: dict[str, list[tuple[int, str]]] = {}
    start = 0
    for weight, text in texts:
        last = 0
        for lexeme, position in lexemes(text):
            last = position
            places = found.setdefault(lexeme, [])
            place = min(start + position, _LAST_POSITION)
            if len(places) < _MOST_POSITIONS and (not places or places[-1][0] < place):
                places.append((place, weight))
        start += last + _FIELD_GAP
    return found


@lru_cache(maxsize=50_000)
def search_vector(fields: DocumentFields) -> bytes:
    """Return the document as the binary form of ``tsvector``.

    The format is that of ``tsvectorrecv`` in PostgreSQL's src/backend/utils/adt/tsvector.c: the number of lexemes, then
    for each its text, a zero byte, the number of positions, and the positions with the weight in the two high bits.
    """
    return encode_tsvector(weighted_lexemes(fields.weighted_texts()))


def encode_tsvector(entries: dict[str, list[tuple[int, str]]]) -> bytes:
    """Return lexeme -> [(position, weight)] in the binary form of ``tsvector``; too long lexemes are left out."""
    parts: list[bytes] = []
    count = 0
    for lexeme, places in entries.items():
        text = lexeme.encode()
        if len(text) > _LONGEST_LEXEME:
            continue
        count += 1
        numbers = [position | _WEIGHTS[weight] << 14 for position, weight in places]
        parts.append(text + b"\0" + pack(f">H{len(numbers)}H", len(numbers), *numbers))
    return pack(">i", count) + b"".join(parts)


def array_field(values: Sequence[str | None] | None) -> tuple[str, ...]:
    """Return a database array as a tuple without nulls."""
    return tuple(value for value in values or () if value)
