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

from cordsearch.analysis.stem import stem
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


class _Places:
    """For sorted keys, where in the list of phrases each stands."""

    def __init__(self, places: dict[str, list[int]]) -> None:
        self._keys = sorted(places)
        self._first = [0]
        for key in self._keys:
            self._first.append(self._first[-1] + len(places[key]))
        self._flat = np.array([place for key in self._keys for place in places[key]], dtype=np.int32)

    def of(self, key: str) -> NDArray[np.int32]:
        at = bisect_left(self._keys, key)
        if at == len(self._keys) or self._keys[at] != key:
            return self._flat[:0]
        return self._flat[self._first[at] : self._first[at + 1]]

    def beginning(self, prefix: str) -> NDArray[np.int32]:
        first = bisect_left(self._keys, prefix)
        last = bisect_left(self._keys, prefix + HIGHEST, lo=first)
        return self._flat[self._first[first] : self._first[last]]


class PhraseIndex:
    """Phrases by their words. Never changes after it is made; masks have one place per phrase, the popular first."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Take the phrases in any order."""
        self._phrases = sorted(phrases, key=lambda each: (-each.popularity, -each.product_count, each.text))
        texts: dict[str, list[int]] = {}
        words: dict[str, list[int]] = {}
        forms: dict[str, list[int]] = {}
        for place, phrase in enumerate(self._phrases):
            texts.setdefault(phrase.text_normalised, []).append(place)
            for word in dict.fromkeys(_WORD.findall(phrase.text_normalised)):
                words.setdefault(word, []).append(place)
        for word, places in words.items():
            forms.setdefault(stem(word), []).extend(places)
        self._texts, self._words, self._forms = _Places(texts), _Places(words), _Places(forms)
        languages = {phrase.language for phrase in self._phrases}
        self._spoken = {
            language: np.array([phrase.language == language for phrase in self._phrases], dtype=np.bool_)
            for language in languages
        }

    def __len__(self) -> int:
        return len(self._phrases)

    def starting(self, text: str) -> Mask:
        """Return the phrases that begin with the folded ``text``."""
        return self._mask(self._texts.beginning(text))

    def beginning(self, word: str) -> Mask:
        """Return the phrases that hold a word which begins as ``word`` does."""
        return self._mask(self._words.beginning(word))

    def holding_forms(self, word: str) -> Mask:
        """Return the phrases that hold ``word`` whole, in whatever form."""
        return self._mask(self._forms.of(stem(word)))

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
