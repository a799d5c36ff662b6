"""The parallel names of a catalogue as training material.

Stage: embeddings (training). Reads nothing itself: takes rows of names; writes nothing.

One *entry* is one distinct tuple of names (a catalogue of 278,698 products has far fewer). Its *sides* are the texts
that mean the same: the Russian, Ukrainian and Polish name and a few synonyms.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from embeddings.bag import feature_matrix, text_matrix
from embeddings.text import BUCKETS, is_junk

_MOST_SYNONYMS = 4
_SYNONYM_SEPARATORS = re.compile(r"[,;|/\n]+")


class Names(NamedTuple):
    """The names of one product, or of many products with the same names."""

    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None = None


@dataclass(frozen=True)
class ParallelCorpus:
    """Distinct entries as matrices.

    ``sides``: int32 (entries, most sides), the row of ``texts`` of each side, filled from the left in shuffled field
    order, -1 beyond. ``texts``: counts (distinct texts, words). ``features``: weights (words, buckets).
    """

    sides: NDArray[np.int32]
    texts: sparse.csr_matrix
    features: sparse.csr_matrix

    @property
    def entries(self) -> int:
        """How many distinct entries with at least two sides there are."""
        return len(self.sides)


def sides_of(names: Names) -> list[str]:
    """Return the distinct meaningful texts of an entry."""
    fields: list[str | None] = [names.name_ru, names.name_uk, names.name_pl]
    if names.synonyms:
        fields.extend(_SYNONYM_SEPARATORS.split(names.synonyms)[:_MOST_SYNONYMS])
    return list(dict.fromkeys(field.strip() for field in fields if field is not None and not is_junk(field)))


def build_corpus(names: Iterable[Names]) -> ParallelCorpus:
    """Deduplicate, drop entries with a single side, and build the matrices."""
    numbers: dict[str, int] = {}
    entries: dict[tuple[int, ...], None] = {}
    for row in names:
        texts = sides_of(row)
        if len(texts) >= 2:
            entries[tuple(numbers.setdefault(text, len(numbers)) for text in texts)] = None
    width = max((len(entry) for entry in entries), default=2)
    sides = np.full((len(entries), width), -1, dtype=np.int32)
    for at, entry in enumerate(entries):
        sides[at, : len(entry)] = entry
    vocabulary, counts = text_matrix(numbers)
    return ParallelCorpus(sides, counts, feature_matrix(vocabulary, BUCKETS))
