"""The words of the catalogue, in memory.

Stage: service, at start-up and when the dictionary was rebuilt. Reads ``search_term``; writes nothing.

Known words are the common case, and asking the database about them would cost every query a round trip: a dictionary
of 50,000 words takes about 12 MB and answers in under a microsecond.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nlargest

from cordsearch.analysis.stem import stem
from service.search.rows import HIGHEST

_PREFIX_SCAN = 5_000  # words read for one completion; only one or two letters have more


class CatalogueVocabulary:
    """Known words with the number of products they occur in. Never changes after it is made."""

    def __init__(self, words: Iterable[tuple[str, str, int]]) -> None:
        """Take (word, lexeme, document count) rows."""
        counts: dict[str, int] = {}
        lexemes: set[str] = set()
        for word, lexeme, count in words:
            counts[word] = count
            lexemes.add(lexeme)
        self._counts = counts
        self._lexemes = frozenset(lexemes)
        self._sorted = sorted(counts)

    def __len__(self) -> int:
        return len(self._counts)

    def knows(self, word: str) -> bool:
        """Tell whether the folded ``word`` or another form of it occurs in the catalogue."""
        return word in self._counts or stem(word) in self._lexemes

    def count(self, word: str) -> int:
        """Return in how many products exactly ``word`` occurs."""
        return self._counts.get(word, 0)

    def completions(self, prefix: str, limit: int) -> Sequence[str]:
        """Return at most ``limit`` known words that begin with ``prefix``, the most frequent first, ties by word."""
        first = bisect_left(self._sorted, prefix)
        last = bisect_left(self._sorted, prefix + HIGHEST, lo=first)
        words = self._sorted[first : min(last, first + _PREFIX_SCAN)]
        return nlargest(limit, words, key=lambda word: (self._counts[word], word))
