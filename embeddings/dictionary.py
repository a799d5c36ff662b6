"""The words of the catalogue and the completions it can offer. Pure.

Stage: embeddings. Reads and writes nothing: takes the distinct texts of the catalogue, returns rows for ``search_term``
(what spelling is corrected against) and ``search_suggestion`` (what autocomplete offers). Codes are in neither.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log1p
from typing import NamedTuple

from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.stem import stem
from embeddings.text import is_junk, words

_LONGEST_PHRASE = 5  # words of a completed phrase; longer ones are whole names
_MOST_SUGGESTIONS = 100_000  # in a larger catalogue the name of a single product is a product, not a completion
_LONGEST_SUGGESTION = 120
_POLISH_LETTER = re.compile("[ąćęłńóśźż]", re.IGNORECASE)
_CAPITALS_COUNT = 0.01  # KLOCKI HAM. is offered only when nobody wrote it properly


class TextGroup(NamedTuple):
    """The texts that a group of products has in common, and the group's size and summed popularity."""

    name_ru: str | None
    name_uk: str | None
    name_pl: str | None
    synonyms: str | None
    car_brand_names: Sequence[str | None] | None
    group_names: Sequence[str | None] | None
    category_names: Sequence[str | None] | None
    product_count: int
    popularity: float


class Term(NamedTuple):
    """A row of ``search_term``."""

    word: str
    lexeme: str
    document_count: int
    script: str


class Suggestion(NamedTuple):
    """A row of ``search_suggestion``."""

    text_normalised: str
    text: str
    language: str
    product_count: int
    popularity: float


class _Phrase:
    """A phrase of some words: how many products have it, and its best spelling."""

    __slots__ = ("best_weight", "popularity", "product_count", "text", "words")

    def __init__(self, words: int) -> None:
        self.words = words
        self.text = ""
        self.best_weight = 0.0
        self.product_count = 0
        self.popularity = 0.0

    @property
    def longer(self) -> bool:
        return self.words > _LONGEST_PHRASE

    def add(self, text: str, product_count: int, popularity: float) -> None:
        weight = product_count * (_CAPITALS_COUNT if text.isupper() else 1)
        if weight > self.best_weight:
            self.best_weight, self.text = weight, text
        self.product_count += product_count
        self.popularity += popularity

    def suggestion(self, normalised: str, language: str) -> Suggestion:
        return Suggestion(normalised, self.text, language, self.product_count, self.popularity)


@dataclass
class DictionaryBuilder:
    """Takes groups one by one; then gives terms and suggestions."""

    _word_counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _names: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    _synonyms: dict[str, list[float]] = field(default_factory=dict)

    def add(self, group: TextGroup) -> None:
        """Count the words and the names of a group."""
        found: set[str] = set()
        names = (("ru", group.name_ru), ("uk", group.name_uk), ("pl", group.name_pl))
        for text in (group.name_ru, group.name_uk, group.name_pl, group.synonyms):
            for chunk in text.split() if text else ():
                found.update(_words_of_chunk(chunk))
        for values in (group.car_brand_names, group.group_names, group.category_names):
            if values:
                found.update(_words_of_values(tuple(values)))
        for word in found:
            self._word_counts[word] += group.product_count
        for language, text in names:
            if text and not is_junk(text):
                totals = self._names.setdefault((language, text), [0, 0.0])
                totals[0] += group.product_count
                totals[1] += group.popularity
        for text in dict.fromkeys(map(str.strip, group.synonyms.split(","))) if group.synonyms else ():
            totals = self._synonyms.setdefault(text, [0, 0.0])
            totals[0] += group.product_count
            totals[1] += group.popularity

    def terms(self) -> Iterator[Term]:
        """Return every word with the number of products it occurs in."""
        for word, count in self._word_counts.items():
            yield Term(word, stem(word), count, script_of(word))

    def suggestions(self) -> list[Suggestion]:
        """Return names, synonyms and the phrases that several names begin with, the most frequent first.

        A phrase that always goes on in the same way is left out: its continuation says more.
        """
        found: list[Suggestion] = []
        for language in ("ru", "uk", "pl"):
            found.extend(self._suggestions(language))
        known = {(each.text_normalised, each.language) for each in found}
        found.extend(each for each in self._other_names() if (each.text_normalised, each.language) not in known)
        found.sort(key=lambda each: (-each.product_count, each.text_normalised, each.language))
        del found[_MOST_SUGGESTIONS:]
        highest = log1p(max((each.popularity for each in found), default=0.0)) or 1.0
        return [each._replace(popularity=log1p(each.popularity) / highest) for each in found]

    def _other_names(self) -> Iterator[Suggestion]:
        """Return the synonyms, each in the language whose names use its words most; English where no name does.

        The source has a column of synonyms for two languages and writes four into them.
        """
        spoken: dict[str, dict[str, float]] = {}
        for (language, text), (count, _) in self._names.items():
            for word in _words_of_text(text):
                uses = spoken.setdefault(word, {})
                uses[language] = uses.get(language, 0.0) + count
        phrases: dict[tuple[str, str], _Phrase] = {}
        for text, (count, popularity) in self._synonyms.items():
            normalised = " ".join(fold_text(text).split())
            if not normalised or len(normalised) > _LONGEST_SUGGESTION or is_junk(text):
                continue
            meant = _language_of(text, spoken)
            if meant is not None:
                phrase = phrases.setdefault((normalised, meant), _Phrase(1))
                phrase.add(" ".join(text.split()), int(count), popularity)
        for (normalised, language), phrase in phrases.items():
            yield phrase.suggestion(normalised, language)

    def _suggestions(self, language: str) -> Iterator[Suggestion]:
        phrases, whole = self._phrases(language)
        fewest = 2 if len(self._names) > _MOST_SUGGESTIONS else 1
        for length in range(_LONGEST_PHRASE, 0, -1):
            longest_continuation: dict[str, int] = {}
            if length < _LONGEST_PHRASE:
                for normalised, phrase in phrases[length + 1].items():
                    shorter = normalised.rpartition(" ")[0]
                    if phrase.product_count > longest_continuation.get(shorter, 0):
                        longest_continuation[shorter] = phrase.product_count
            for normalised, phrase in phrases[length].items():
                says_more = phrase.product_count > max(1, longest_continuation.get(normalised, 0))
                says_more = says_more and normalised[-1].isalnum()  # a phrase does not end in a dash
                if says_more or (phrase.product_count >= fewest and normalised in whole):
                    yield phrase.suggestion(normalised, language)
        for normalised, phrase in whole.items():
            if phrase.longer and phrase.product_count >= fewest:
                yield phrase.suggestion(normalised, language)

    def _phrases(self, language: str) -> tuple[list[dict[str, _Phrase]], dict[str, _Phrase]]:
        """Return the beginnings of names by their number of words, and the whole names.

        Beginnings of five words are counted from names, those of four from those of five, and so on: there are ever
        fewer of them.
        """
        whole: dict[str, _Phrase] = {}
        for (name_language, name), (count, popularity) in self._names.items():
            if name_language == language:
                chunks = name.split()
                folded = " ".join(map(_fold_chunk, chunks)).split()
                if len(folded) != len(chunks):  # some signs fold to a blank or to nothing
                    chunks = folded
                normalised = " ".join(folded)
                if folded and len(normalised) <= _LONGEST_SUGGESTION:
                    phrase = whole.get(normalised) or whole.setdefault(normalised, _Phrase(len(folded)))
                    phrase.add(" ".join(chunks), int(count), popularity)
        phrases: list[dict[str, _Phrase]] = [{} for _ in range(_LONGEST_PHRASE + 1)]
        for normalised, phrase in whole.items():
            length = min(phrase.words, _LONGEST_PHRASE)
            _count_beginning(phrases[length], normalised, phrase, length)
        for length in range(_LONGEST_PHRASE, 1, -1):
            for normalised, phrase in phrases[length].items():
                _count_beginning(phrases[length - 1], normalised, phrase, length - 1)
        return phrases, whole


def _count_beginning(phrases: dict[str, _Phrase], normalised: str, phrase: _Phrase, length: int) -> None:
    """Add what is known of a phrase to its first ``length`` words."""
    text = phrase.text
    if phrase.words > length:
        if phrase.words == length + 1:
            normalised, text = normalised.rpartition(" ")[0], text.rpartition(" ")[0]
        else:
            normalised = " ".join(normalised.split(" ", length)[:length])
            text = " ".join(text.split(" ", length)[:length])
    shorter = phrases.get(normalised) or phrases.setdefault(normalised, _Phrase(length))
    shorter.add(text, phrase.product_count, phrase.popularity)


def _language_of(text: str, spoken: Mapping[str, Mapping[str, float]]) -> str | None:
    """Return the language whose names use the words of ``text`` most; without any, English for Latin letters."""
    own = _words_of_text(text)
    candidates = ("pl",) if script_of(fold_text(text)) == "latin" else ("ru", "uk")
    shares = dict.fromkeys(candidates, 0.0)
    for word in own:
        uses = spoken.get(word, {})
        whole = sum(uses.get(language, 0.0) for language in candidates)
        for language in candidates if whole else ():
            shares[language] += uses.get(language, 0.0) / whole
    best = max(candidates, key=lambda language: shares[language])
    if sum(shares.values()) >= len(own) / 2 > 0 or _POLISH_LETTER.search(text):
        return best
    return "en" if candidates == ("pl",) and own else None


def _words_of_text(text: str) -> list[str]:
    return [word for chunk in text.split() for word in _words_of_chunk(chunk)]


@lru_cache(maxsize=200_000)
def _fold_chunk(chunk: str) -> str:
    return fold_text(chunk)


@lru_cache(maxsize=200_000)
def _words_of_chunk(chunk: str) -> tuple[str, ...]:
    return tuple({word for word in words(chunk) if len(word) > 1 and word.replace("'", "").isalpha()})


@lru_cache(maxsize=50_000)
def _words_of_values(values: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple({word for text in values if text for chunk in text.split() for word in _words_of_chunk(chunk)})
