"""What staff decided about words: synonyms and stop words beside those that come with the project. Pure.

Stage: service, understanding. Reads rules that ``service.merchandising`` compiled; writes which of them a query met.

A phrase of a rule is compared by its lexemes, so one form of a word is enough. A phrase that is met becomes one term
that asks for itself or for any of its meanings; its words need not be in the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import STOP_WORDS, lexemes
from cordsearch.analysis.stem import stem
from cordsearch.analysis.tokens import tokenise
from service.search.languages import SearchedLanguages
from service.search.other_names import OtherNames
from service.search.term import Term


class AppliedRule(NamedTuple):
    """That a rule had a say in an answer, and how, for a person to read."""

    rule_id: int
    kind: str
    effect: str


class Meaning(NamedTuple):
    """What a phrase also finds: the words, their lexemes, and the rule that says so."""

    text: str
    lexemes: tuple[str, ...]
    rule_id: int


class Vocabulary(Protocol):
    """The words of the catalogue, as far as understanding a query needs them, and the languages they are read in."""

    @property
    def languages(self) -> SearchedLanguages:
        """The languages that are searched."""

    def knows(self, word: str) -> bool:
        """Tell whether the folded ``word``, or another form of it, occurs in the catalogue."""

    def completions(self, prefix: str, limit: int) -> Sequence[str]:
        """Return at most ``limit`` known words that begin with ``prefix``, the most frequent first."""

    def other_names(self, lexemes: Sequence[str]) -> OtherNames | None:
        """Return what else the parts are called for which the phrase of these lexemes stands."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The rules about words for one language.

    ``stop_words``: folded word -> its rule. ``meanings``: key of a phrase -> what it also finds. ``known``: the stems
    of all words of these phrases. ``longest``: words of the longest phrase.
    """

    stop_words: Mapping[str, int] = field(default_factory=dict)
    meanings: Mapping[tuple[str, ...], tuple[Meaning, ...]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    longest: int = 0

    def leave_out(self, text: str) -> tuple[str, list[AppliedRule]]:
        """Return ``text`` without stop words, as it is if it holds nothing else, and the rules that were met."""
        if not self.stop_words:
            return text, []
        kept: list[str] = []
        applied: list[AppliedRule] = []
        for chunk in text.split():
            words = folded_words(chunk)
            rules = {self.stop_words.get(word) for word in words} - {None}
            if words and all(word in self.stop_words for word in words):
                applied += [AppliedRule(rule, "stop_words", f"{chunk} left out") for rule in rules if rule is not None]
            else:
                kept.append(chunk)
        rest = " ".join(kept)
        return (rest, applied) if phrase_key(rest) else (text, [])

    def over(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return ``vocabulary`` with the words of the rules known, so that nobody corrects them."""
        return _WithRules(vocabulary, self.known) if self.known else vocabulary

    def expand(self, terms: Sequence[Term]) -> tuple[Sequence[Term], list[AppliedRule], str]:
        """Return the terms, each phrase of a rule as one, the rules met, and a meaning to encode beside the text."""
        if not self.meanings:
            return terms, [], ""
        expanded: list[Term] = []
        met: list[Meaning] = []
        applied: list[AppliedRule] = []
        place = 0
        while place < len(terms):
            size, meanings = self._longest_phrase(terms, place)
            here = terms[place : place + size]
            expanded.append(_joined(here, meanings) if meanings else here[0])
            typed = " ".join(term.text for term in here)
            applied += [AppliedRule(each.rule_id, "synonyms", f"{typed} also finds {each.text}") for each in meanings]
            met += meanings
            place += size
        return expanded, applied, met[0].text if met else ""

    def _longest_phrase(self, terms: Sequence[Term], start: int) -> tuple[int, tuple[Meaning, ...]]:
        key: tuple[str, ...] = ()
        best: tuple[int, tuple[Meaning, ...]] = (1, ())
        for size, term in enumerate(terms[start : start + self.longest], start=1):
            own = _own_lexeme(term)
            if own is None:
                break
            key = (*key, own)
            if key in self.meanings:
                best = (size, self.meanings[key])
        return best


NO_WORDING = Wording()


class _WithRules:
    """A vocabulary that also knows the words of the rules."""

    def __init__(self, vocabulary: Vocabulary, known: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._known = known
        self.languages = vocabulary.languages
        self.completions = vocabulary.completions
        self.other_names = vocabulary.other_names

    def knows(self, word: str) -> bool:
        return self._vocabulary.knows(word) or stem(word) in self._known


def _own_lexeme(term: Term) -> str | None:
    """Return the lexeme of a term as it was typed; None for a beginning, whose other half nobody knows."""
    own = term.alternatives[0]
    return own[0] if term.kind != "prefix" and len(own) == 1 else None


def _joined(terms: Sequence[Term], meanings: Sequence[Meaning]) -> Term:
    own = terms[0].alternatives if len(terms) == 1 else (tuple(term.alternatives[0][0] for term in terms),)
    alternatives = dict.fromkeys((*own, *(meaning.lexemes for meaning in meanings)))
    return Term(
        " ".join(term.text for term in terms),
        next((term.kind for term in terms if term.kind in ("word", "spelling")), terms[0].kind),
        tuple(alternatives),
        is_vehicle=all(term.is_vehicle for term in terms),
    )


def compile_wording(
    stop_words: Sequence[tuple[int, Sequence[str]]],
    synonyms: Sequence[tuple[int, tuple[str, ...], tuple[str, ...]]],
) -> Wording:
    """Return the wording of rules: (rule, words) and (rule, phrases typed, phrases they also find)."""
    meanings: dict[tuple[str, ...], dict[tuple[str, ...], Meaning]] = {}
    for rule, typed, found in synonyms:
        for key, text, wanted in _pairs(typed, found):
            meanings.setdefault(key, {}).setdefault(wanted, Meaning(text, wanted, rule))
    return Wording(
        stop_words={word: rule for rule, words in stop_words for word in map(_folded_word, words)},
        meanings={key: tuple(own.values()) for key, own in meanings.items()},
        known=frozenset(lexeme for key in meanings for lexeme in key if not lexeme[-1].isdigit()),
        longest=max(map(len, meanings), default=0),
    )


@lru_cache(maxsize=16_384)
def _pairs(typed: tuple[str, ...], found: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]:
    """Return (key of what is typed, what it also finds, in lexemes); kept, so that one new rule costs one analysis."""
    return tuple(
        (key, other, wanted)
        for key in map(phrase_key, typed)
        for other in found
        if key and key != phrase_key(other) and (wanted := _lexemes(other))
    )


@lru_cache(maxsize=16_384)
def phrase_key(text: str) -> tuple[str, ...]:
    """Return what tells ``text`` from another phrase: per word that asks for something its stem, per code its form."""
    key: list[str] = []
    for token in tokenise(text):
        if token.kind == "word":
            if token.text not in STOP_WORDS and len(token.text) > 1:
                key.append(stem(token.text))
        else:
            key.append(normalise_code(token.text).lower() if token.kind == "code" else token.text)
    return tuple(key)


def folded_words(text: str) -> tuple[str, ...]:
    """Return the folded words of ``text``; nothing if it holds anything else."""
    tokens = tokenise(text)
    return tuple(token.text for token in tokens) if all(token.kind == "word" for token in tokens) else ()


@lru_cache(maxsize=16_384)
def _folded_word(word: str) -> str:
    return folded_words(word)[0]


@lru_cache(maxsize=16_384)
def _lexemes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lexeme for lexeme, _ in lexemes(text)))
