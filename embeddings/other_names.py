"""What the catalogue calls a part beside the words a person uses for it. Pure.

Stage: embeddings. Reads and writes nothing: takes the distinct texts of the catalogue, returns rows for
``search_other_name``.

A synonym stands on some of a part's products only, and a name is missing in some languages. What the products that
have the synonym ``fifth wheel`` are called with one accord, ``седло тягача``, ``siodło ciągnika``, is what ``fifth
wheel`` means; likewise for names: products called ``reflektor`` in Polish are ``фара головного света`` in Russian. The
search asks for these too, so that no synonym has to be written into thousands of documents.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cordsearch.analysis.lexemes import STOP_WORDS
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.stem import stem
from cordsearch.analysis.tokens import tokenise_folded

_MOST_WORDS = 4
_FEWEST_PRODUCTS = 2  # that must bear it out
_AGREEING_WITH_SYNONYM = 0.9  # share of the names that must begin alike
_AGREEING_WITH_NAME = 0.8  # the same for translations: a Ukrainian field often holds the Russian name
_MOST_IN_NAMES = 0.5  # a synonym that more products are called by themselves (фара) says nothing new

Words = tuple[str, ...]
_Languages = Mapping[int, Counter[Words]]
_Group = tuple[tuple[Words, ...], str]  # beginnings of the names by language, synonyms


class OtherName(NamedTuple):
    """A row of ``search_other_name``: a phrase in lexemes, and what else its products are called, in words.

    ``whole``: the phrase is a name itself, and means the others only where nothing else names the part.
    """

    phrase: str
    whole: bool
    names: list[str]


class OtherNames:
    """Takes products one by one; then gives what their names and synonyms have to do with each other."""

    def __init__(self) -> None:
        self._groups: Counter[_Group] = Counter()
        self._makes: set[str] = set()

    def add(self, names: tuple[str | None, ...], synonyms: str | None, makes: tuple[str, ...], products: int) -> None:
        """Take the names of so many products, one per language and in the same order each time."""
        heads = tuple(head(name) if name else () for name in names)
        self._groups[heads, synonyms or ""] += products
        self._makes.update(makes)

    def rows(self) -> list[OtherName]:
        """Return what was learned, by phrase; a synonym goes before a name that is spelled alike."""
        makes = frozenset(word for make in self._makes for word in head(make))
        groups: Counter[_Group] = Counter()
        for (heads, synonyms), products in self._groups.items():
            groups[_without_vehicle(heads, makes), synonyms] += products
        named: Counter[tuple[Words, ...]] = Counter()
        for (heads, _), products in groups.items():
            named[heads] += products
        in_names = _phrases_in_names(named)
        found: dict[str, OtherName] = {}
        for phrase, languages in _of_names(named).items():
            _keep(found, phrase, languages, _AGREEING_WITH_NAME, whole=True)
        for phrase, languages in _of_synonyms(groups).items():
            bearers = max(sum(words.values()) for words in languages.values())
            if in_names[phrase] < _MOST_IN_NAMES * bearers:
                _keep(found, phrase, languages, _AGREEING_WITH_SYNONYM, whole=False)
        return sorted(found.values())


def head(text: str) -> Words:
    """Return the first words of a name, at most four, up to the first number or code."""
    found: list[str] = []
    for chunk in text.split():
        words, goes_on = _words_of_chunk(chunk)
        found.extend(words)
        if not goes_on or len(found) >= _MOST_WORDS:
            break
    return tuple(found[:_MOST_WORDS])


@lru_cache(maxsize=200_000)
def _words_of_chunk(chunk: str) -> tuple[Words, bool]:
    words: list[str] = []
    for token in tokenise_folded(fold_text(chunk)):
        if token.kind != "word":
            return tuple(words), False
        if len(token.text) > 1 and token.text not in STOP_WORDS:
            words.append(token.text)
    return tuple(words), True


def _without_vehicle(heads: tuple[Words, ...], makes: frozenset[str]) -> tuple[Words, ...]:
    """Cut names before the make: a model comes after it."""
    return tuple(words[: next((at for at, word in enumerate(words) if word in makes), None)] for words in heads)


@lru_cache(maxsize=100_000)
def _stems(words: Words) -> Words:
    return tuple(map(stem, words))


def _phrases_in_names(named: Counter[tuple[Words, ...]]) -> Counter[Words]:
    """Return in how many products' names each phrase stands, whole words side by side."""
    counts: Counter[Words] = Counter()
    for heads, products in named.items():
        for lexemes in {_stems(words) for words in heads}:
            for start in range(len(lexemes)):
                for end in range(start + 1, len(lexemes) + 1):
                    counts[lexemes[start:end]] += products
    return counts


def _of_synonyms(groups: Counter[_Group]) -> dict[Words, _Languages]:
    """Return, per synonym in lexemes and per language, how the names of its products begin."""
    found: defaultdict[Words, defaultdict[int, Counter[Words]]] = defaultdict(lambda: defaultdict(Counter))
    for (heads, synonyms), products in groups.items():
        for phrase in _phrases(synonyms):
            languages = found[phrase]
            for language, words in enumerate(heads):
                if words:
                    languages[language][words] += products
    return dict(found)


@lru_cache(maxsize=100_000)
def _phrases(synonyms: str) -> frozenset[Words]:
    """Return the synonyms of a field in lexemes, without very long ones."""
    phrases = {_stems(_all_words(synonym)) for synonym in synonyms.split(",")}
    return frozenset(phrase for phrase in phrases if 0 < len(phrase) <= _MOST_WORDS)


@lru_cache(maxsize=50_000)
def _all_words(text: str) -> Words:
    words = (token for token in tokenise_folded(fold_text(text)) if token.kind == "word")
    return tuple(token.text for token in words if len(token.text) > 1 and token.text not in STOP_WORDS)


def _of_names(named: Counter[tuple[Words, ...]]) -> dict[Words, _Languages]:
    """Return the same per name: how the names in the other languages begin."""
    found: defaultdict[Words, defaultdict[int, Counter[Words]]] = defaultdict(lambda: defaultdict(Counter))
    for heads, products in named.items():
        for words in heads:
            phrase = _stems(words)
            for language, other in enumerate(heads):
                if phrase and other and _stems(other) != phrase:
                    found[phrase][language][other] += products
    return dict(found)


def _keep(
    found: dict[str, OtherName],
    phrase: Words,
    languages: _Languages,
    agreeing: float,
    *,
    whole: bool,
) -> None:
    beginnings = (_common_beginning(languages[language], agreeing) for language in sorted(languages))
    names = list(dict.fromkeys(" ".join(words) for words in beginnings if words and _stems(words) != phrase))
    if names:
        key = " ".join(phrase)
        found[key] = OtherName(key, whole, names)


def _common_beginning(names: Counter[Words], agreeing: float) -> Words:
    """Return the longest beginning that so large a share of ``names`` has, in its commonest spelling."""
    total = sum(names.values())
    if total < _FEWEST_PRODUCTS:
        return ()
    spelled: defaultdict[Words, Counter[Words]] = defaultdict(Counter)
    for words, count in names.items():
        lexemes = _stems(words)
        for size in range(1, len(words) + 1):
            spelled[lexemes[:size]][words[:size]] += count
    agreed = [lexemes for lexemes, forms in spelled.items() if sum(forms.values()) >= agreeing * total]
    if not agreed:
        return ()
    forms = spelled[max(agreed, key=lambda lexemes: (len(lexemes), lexemes))]
    return max(forms, key=lambda words: (forms[words], words))
