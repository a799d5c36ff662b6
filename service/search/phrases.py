"""The phrases of the catalogue's names, in memory: which begin so, which hold these words.

Stage: service, at start-up and when the dictionary was rebuilt. Reads rows of ``search_suggestion``; writes nothing.

Every word has the ranks of the phrases that hold it, and the words are sorted, so that all words with one beginning are
one slice. 40,000 phrases take about 12 MB and answer in some 50 microseconds, whatever the order of the words; the
same question took PostgreSQL a sort of thousands of rows.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.search.rows import HIGHEST

Mask = NDArray[np.bool_]
_WORD = re.compile(r"[^\W_]+")


class Phrase(NamedTuple):
    """A row of ``search_suggestion``: ``popularity`` from 0 to 1."""

    text_normalised: str
    text: str
    language: str
    product_count: int
    popularity: float


class PhraseIndex:
    """Phrases by their words. Never changes after it is made; masks have one place per phrase, the popular first."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Take the phrases in any order."""
        self._phrases = sorted(phrases, key=lambda each: (-each.popularity, -each.product_count, each.text))
        self._by_text = sorted(range(len(self._phrases)), key=lambda place: self._phrases[place].text_normalised)
        self._texts = [self._phrases[place].text_normalised for place in self._by_text]
        places: dict[str, list[int]] = {}
        for place, phrase in enumerate(self._phrases):
            for word in dict.fromkeys(_WORD.findall(phrase.text_normalised)):
                places.setdefault(word, []).append(place)
        self._words = sorted(places)
        self._first = [0]
        for word in self._words:
            self._first.append(self._first[-1] + len(places[word]))
        flat = [place for word in self._words for place in places[word]]
        self._places = np.array(flat, dtype=np.int32)
        self._text_places = np.array(self._by_text, dtype=np.int32)
        languages = {phrase.language for phrase in self._phrases}
        self._spoken = {
            language: np.array([phrase.language == language for phrase in self._phrases], dtype=np.bool_)
            for language in languages
        }

    def __len__(self) -> int:
        return len(self._phrases)

    def starting(self, text: str) -> Mask:
        """Return the phrases that begin with the folded ``text``."""
        first = bisect_left(self._texts, text)
        last = bisect_left(self._texts, text + HIGHEST, lo=first)
        return self._mask(self._text_places[first:last])

    def beginning(self, *words: str) -> Mask:
        """Return the phrases that hold a word which begins as one of ``words`` does."""
        found = self._mask(self._places[:0])
        for word in words:
            first = bisect_left(self._words, word)
            last = bisect_left(self._words, word + HIGHEST, lo=first)
            found[self._places[self._first[first] : self._first[last]]] = True
        return found

    def holding(self, *words: str) -> Mask:
        """Return the phrases that hold one of ``words`` whole."""
        found = self._mask(self._places[:0])
        for word in words:
            at = bisect_left(self._words, word)
            if at < len(self._words) and self._words[at] == word:
                found[self._places[self._first[at] : self._first[at + 1]]] = True
        return found

    def best(self, mask: Mask, language: str | None, limit: int) -> Sequence[Phrase]:
        """Return at most ``limit`` phrases of ``mask``: those in ``language`` first, then the more popular."""
        spoken = self._spoken.get(language or "")
        if spoken is None:
            return [self._phrases[place] for place in np.flatnonzero(mask)[:limit]]
        own = np.flatnonzero(mask & spoken)[:limit]
        others = np.flatnonzero(mask & ~spoken)[: limit - len(own)]
        return [self._phrases[place] for place in (*own, *others)]

    def _mask(self, places: NDArray[np.int32]) -> Mask:
        mask = np.zeros(len(self._phrases), dtype=np.bool_)
        mask[places] = True
        return mask
