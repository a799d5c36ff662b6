"""What a person is told of how a query was read: corrected, doubted, relaxed. Pure.

Stage: service, after ranking. Reads: the understood query, the ranked products and the vocabulary. Writes: what the
answer says beside its hits. A hit is strict when a part number was typed in full or every word as it is known.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from service.search.candidate import Fused, Ranked
from service.search.query import Query

Match = Literal["code", "code_beginning", "all_words", "word_beginning", "respelled", "some_words", "meaning", "pinned"]

_WHOLE_RESPELLED = 0.9  # the coverage of a product with all words, one of them respelled


class DoubtingVocabulary(Protocol):
    """The one thing doubting a known word needs of the catalogue's words."""

    def commoner(self, word: str) -> str | None:
        """Return a far commoner word that a rare known ``word`` may be a slip of."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What was given up because nothing matched all that was typed.

    ``steps``: by what the hits were found, the strictest first. ``left_out``: words that none of them needs to have.
    """

    steps: tuple[Match, ...]
    left_out: tuple[str, ...]


def showing_results_for(query: Query) -> str | None:
    """Return the query as it was searched, or None if that is as it was typed."""
    return query.repaired if query.corrections else None


def did_you_mean(query: Query, vocabulary: DoubtingVocabulary) -> str | None:
    """Return the query with rare known words in place of which far commoner ones are likely, or None.

    Such a word was searched as it is: it may be the name of a rare part.
    """
    meant = query.repaired
    for term in query.terms:
        commoner = vocabulary.commoner(term.text) if term.kind == "word" and not term.is_vehicle else None
        if commoner is not None:
            meant = re.sub(rf"(?<!\w){re.escape(term.text)}(?!\w)", commoner, meant)
    return meant if meant != query.repaired else None


def match_of(fused: Fused, query: Query) -> Match:
    """Return by what a product was found: the strictest of its reasons; nothing finds what is only pinned."""
    scores = {evidence.retriever: evidence.score for evidence in fused.evidence}
    if not scores:
        return "pinned"
    if scores.get("code", 0.0) >= 1:
        return "code"
    if "fulltext" in scores and fused.coverage >= 1:
        return "word_beginning" if any(term.kind == "prefix" for term in query.terms) else "all_words"
    if "code" in scores:
        return "code_beginning"
    if "trigram" in scores and fused.coverage >= _WHOLE_RESPELLED:
        return "respelled"
    return "some_words" if scores.keys() & {"fulltext", "trigram"} else "meaning"


_STRICT: tuple[Match, ...] = ("code", "all_words")
_IN_ORDER: tuple[Match, ...] = ("code_beginning", "word_beginning", "respelled", "some_words", "meaning")


def relaxed(query: Query, ranked: Iterable[Ranked]) -> Relaxed | None:
    """Return what was given up to find ``ranked``; None when something matches all that was typed, or nothing was."""
    found, matches = [], set()
    for item in ranked:
        match = match_of(item.fused, query)
        if match in _STRICT:  # mostly the first: nobody needs to know of the rest
            return None
        found.append(item.fused)
        matches.add(match)
    steps = tuple(step for step in _IN_ORDER if step in matches)
    left_out = tuple(dict.fromkeys((*query.unknown, *_vehicle_left_out(query, found, steps))))
    return Relaxed(steps, left_out) if steps or left_out else None


def _vehicle_left_out(query: Query, found: Sequence[Fused], steps: Sequence[Match]) -> Sequence[str]:
    """Return the words of the vehicle where even the best hits have no more words than those of the part."""
    vehicle = [term.text for term in query.terms if term.is_vehicle]
    if steps[:1] != ("some_words",) or not vehicle or len(vehicle) == len(query.terms):
        return ()
    asked = len(query.terms) + len(query.unknown)
    best = max(fused.coverage for fused in found)
    return vehicle if round(best * asked) <= len(query.terms) - len(vehicle) else ()
