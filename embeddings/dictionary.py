"""The words of the catalogue and the completions it can offer. Pure.

Stage: embeddings. Reads and writes nothing: takes the distinct texts of the catalogue, returns rows for ``search_term``
(what spelling is corrected against) and ``search_suggestion`` (what autocomplete offers). Codes are in neither.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log1p
from typing import NamedTuple

from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.stem import stem
from embeddings.text import is_junk, words

_LONGEST_PHRASE = 5  # words of a completed phrase; longer ones are whole names
_MOST_SUGGESTIONS = 400_000
_LONGEST_SUGGESTION = 120
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


@dataclass
class _Phrase:
    text: str
    best_weight: float = 0.0
    product_count: int = 0
    popularity: float = 0.0

    def add(self, text: str, product_count: int, popularity: float) -> None:
        weight = product_count * (_CAPITALS_COUNT if text.isupper() else 1)
        if weight > self.best_weight:
            self.best_weight, self.text = weight, text
        self.product_count += product_count
        self.popularity += popularity


@dataclass
class DictionaryBuilder:
    """Takes groups one by one; then gives terms and suggestions."""

    _word_counts: Counter[str] = field(default_factory=Counter)
    _names: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, group: TextGroup) -> None:
        """Count the words and the names of a group."""
        found: set[str] = set()
        names = (("ru", group.name_ru), ("uk", group.name_uk), ("pl", group.name_pl))
        for _language, text in names:
            found.update(_dictionary_words(text))
        found.update(_dictionary_words(group.synonyms))
        for values in (group.car_brand_names, group.group_names, group.category_names):
            for text in values or ():
                found.update(_dictionary_words(text))
        for word in found:
            self._word_counts[word] += group.product_count
        for language, text in names:
            if text and not is_junk(text):
                totals = self._names.setdefault((language, text), [0, 0.0])
                totals[0] += group.product_count
                totals[1] += group.popularity

    def terms(self) -> Iterator[Term]:
        """Return every word with the number of products it occurs in."""
        for word, count in self._word_counts.items():
            yield Term(word, stem(word), count, script_of(word))

    def suggestions(self) -> list[Suggestion]:
        """Return names and the phrases that several names begin with, the most frequent first.

        A phrase that always goes on in the same way is left out: its continuation says more.
        """
        found: list[Suggestion] = []
        for language in ("ru", "uk", "pl"):
            found.extend(self._suggestions(language))
        found.sort(key=lambda each: (-each.product_count, each.text_normalised, each.language))
        del found[_MOST_SUGGESTIONS:]
        highest = log1p(max((each.popularity for each in found), default=0.0)) or 1.0
        return [each._replace(popularity=log1p(each.popularity) / highest) for each in found]

    def _suggestions(self, language: str) -> Iterator[Suggestion]:
        phrases: dict[str, _Phrase] = {}
        whole: set[str] = set()
        superseded: dict[str, int] = {}
        for (name_language, name), (count, popularity) in self._names.items():
            if name_language == language:
                whole.add(_add_prefixes(phrases, name, int(count), popularity))
        for normalised, phrase in phrases.items():
            shorter = normalised.rpartition(" ")[0]
            superseded[shorter] = max(superseded.get(shorter, 0), phrase.product_count)
        for normalised, phrase in phrases.items():
            useful = phrase.product_count > max(1, superseded.get(normalised, 0)) or normalised in whole
            if useful and len(normalised) <= _LONGEST_SUGGESTION:
                yield Suggestion(normalised, phrase.text, language, phrase.product_count, phrase.popularity)


def _add_prefixes(phrases: dict[str, _Phrase], name: str, count: int, popularity: float) -> str:
    """Count a name and its first one to five words; return the normalised name."""
    chunks = name.split()
    folded = [_fold_chunk(chunk) for chunk in chunks]
    lengths = {*range(1, min(len(chunks), _LONGEST_PHRASE) + 1), len(chunks)}
    for length in lengths:
        if length < len(chunks) and not any(character.isalnum() for character in folded[length - 1]):
            continue  # a phrase does not end in a dash
        text = " ".join(chunks[:length])
        phrases.setdefault(" ".join(folded[:length]), _Phrase(text)).add(text, count, popularity)
    return " ".join(folded)


@lru_cache(maxsize=200_000)
def _fold_chunk(chunk: str) -> str:
    return fold_text(chunk)


@lru_cache(maxsize=200_000)
def _dictionary_words(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple({word for word in words(text) if len(word) > 1 and word.replace("'", "").isalpha()})
