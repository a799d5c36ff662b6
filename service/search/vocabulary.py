"""The words of the catalogue, in memory.

Stage: service, at start-up and when the dictionary was rebuilt. Reads ``search_term``; writes nothing.

Known words are the common case, and asking the database about them would cost every query a round trip: a dictionary
of 50,000 words takes about 12 MB and answers in under a microsecond.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nlargest

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from cordsearch.analysis.stem import stem
from service.search.languages import ALL_SEARCHED, SearchedLanguages
from service.search.other_names import OtherNames
from service.search.rows import HIGHEST
from service.search.term import Term

_PREFIX_SCAN = 5_000  # words read for one completion; only one or two letters have more
_NEAREST = 3
_SHORTEST_OF_TWO_SLIPS = 7
_RARE = 50  # products; a word of more is no slip
_FAR_COMMONER = 20
_SHORTEST_DOUBTED = 6


class CatalogueVocabulary:
    """Known words with the number of products they occur in. Never changes after it is made."""

    def __init__(
        self,
        words: Iterable[tuple[str, str, int]],
        other_names: Mapping[str, OtherNames] | None = None,
        languages: SearchedLanguages = ALL_SEARCHED,
        models: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Take (word, lexeme, document count) rows, what else parts are called by phrase in lexemes, the languages.

        ``models``: lexemes of the models by make.
        """
        counts: dict[str, int] = {}
        lexemes: dict[str, int] = {}
        for word, lexeme, count in words:
            counts[word] = count
            lexemes[lexeme] = lexemes.get(lexeme, 0) + count
        self._counts = counts
        self._lexemes = lexemes
        self._commonest = max(lexemes.values(), default=0)  # nearly every product has it
        self._sorted = sorted(counts)
        self._other_names = other_names or {}
        self.languages = languages
        self._models = models or {}

    def __len__(self) -> int:
        return len(self._counts)

    def knows(self, word: str) -> bool:
        """Tell whether the folded ``word`` or another form of it occurs in the catalogue."""
        return word in self._counts or stem(word) in self._lexemes

    def holds(self, word: str) -> bool:
        """Tell whether the folded ``word`` itself occurs in the catalogue."""
        return word in self._counts

    def completions(self, prefix: str, limit: int) -> Sequence[str]:
        """Return at most ``limit`` known words that begin with ``prefix``, the most frequent first, ties by word."""
        first = bisect_left(self._sorted, prefix)
        last = bisect_left(self._sorted, prefix + HIGHEST, lo=first)
        words = self._sorted[first : min(last, first + _PREFIX_SCAN)]
        return nlargest(limit, words, key=lambda word: (self._counts[word], word))

    def other_names(self, lexemes: Sequence[str]) -> OtherNames | None:
        """Return what else the parts are called for which the phrase of these lexemes stands."""
        return self._other_names.get(" ".join(lexemes))

    def likely_matches(self, terms: Iterable[Term]) -> float:
        """Return how many products are likely to have all ``terms``; 0 when one of them is no word.

        Words of a part come together: as many as have the rarest. A vehicle comes with any part: its share of all.
        """
        parts: list[int] = []
        vehicles: list[int] = []
        for term in terms:
            (vehicles if term.is_vehicle else parts).append(self._products_with(term))
        likely = min(parts or vehicles, default=0)
        return likely * min(vehicles) / self._commonest if parts and vehicles else likely

    def _products_with(self, term: Term) -> int:
        """Return at most how many products match; one with two forms of a word counts twice."""
        count = self._lexemes.get
        return sum(min([count(lexeme, 0) for lexeme in alternative], default=0) for alternative in term.alternatives)

    def models_of(self, make: str) -> Collection[str]:
        """Return lexemes of the models of a folded ``make``; nothing for what is no make."""
        return self._models.get(make, ())

    def nearest(self, word: str) -> Sequence[str]:
        """Return at most three known words that a misspelled ``word`` may have meant: fewest edits, then the commonest.

        The first letter is right or has changed places with the second: people rarely miss it, and it bounds the work.
        """
        return self._nearest(word, {known: self._counts[known] for known in self._starting_near(word)})

    def edits_away(self, word: str, most: int) -> Sequence[tuple[str, int, int]]:
        """Return the known words at most ``most`` edits from ``word``, each with its edits and its number of products.

        The first letter is as in :meth:`nearest`.
        """
        near = extract(word, self._starting_near(word), scorer=OSA.distance, score_cutoff=most, limit=None)
        return [(known, int(distance), self._counts[known]) for known, distance, _ in near]

    def nearest_beginnings(self, beginning: str) -> Sequence[str]:
        """Return the same for the beginning of a word, which may be a letter longer or shorter than was typed."""
        lengths = [length for length in (len(beginning) - 1, len(beginning), len(beginning) + 1) if length > 1]
        commonest: dict[str, int] = {}
        for known in self._starting_near(beginning):
            for length in lengths:
                if len(known) >= length:
                    start = known[:length]
                    commonest[start] = max(commonest.get(start, 0), self._counts[known])
        return self._nearest(beginning, commonest)

    def commoner(self, word: str) -> str | None:
        """Return a far commoner word one edit away from a rare known ``word``, which may be a slip of it; or None."""
        lexeme = stem(word)
        count = self._lexemes.get(lexeme, 0)
        if not count or count > _RARE or len(word) < _SHORTEST_DOUBTED:
            return None
        near = extract(word, self._starting_near(word), scorer=OSA.distance, score_cutoff=1, limit=None)
        others = [
            known for known, _, _ in near if stem(known) != lexeme and self._counts[known] >= _FAR_COMMONER * count
        ]
        return max(others, key=lambda known: (self._counts[known], known), default=None)

    def _starting_near(self, word: str) -> list[str]:
        found: list[str] = []
        for letter in dict.fromkeys(word[:2]):
            first = bisect_left(self._sorted, letter)
            found += self._sorted[first : bisect_left(self._sorted, letter + HIGHEST, lo=first)]
        return found

    def _nearest(self, word: str, counts: dict[str, int]) -> Sequence[str]:
        most = 1 if len(word) < _SHORTEST_OF_TWO_SLIPS else 2
        near = extract(word, list(counts), scorer=OSA.distance, score_cutoff=most, limit=None)
        # To take the last letter away is an edit that always fits, and says the least.
        near.sort(key=lambda each: (each[1], word.startswith(each[0]), -counts[each[0]], each[0]))
        return [each[0] for each in near if each[1] == near[0][1]][:_NEAREST]
