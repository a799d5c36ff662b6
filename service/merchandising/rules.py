"""The rules of one moment, ready for searches. Pure.

Stage: service, merchandising. Reads stored rules; writes, per query, what they decide. Rules that begin or end by date
do so by the clock that is passed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from cordsearch.analysis.languages import LANGUAGES
from service.merchandising.boosts import Boosts
from service.merchandising.models import QueryRule, StopWordsRule, SynonymsRule
from service.merchandising.query_key import query_key
from service.search.query import Query
from service.search.wording import NO_WORDING, AppliedRule, Wording, compile_wording


class PinnedProduct(NamedTuple):
    """A product and its place, from 1."""

    position: int
    product_id: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say of one query at the moment ``now``.

    ``query`` has the hidden products among its filters, ``pins`` are in order of their places, ``applied`` says which
    rules these are.
    """

    query: Query
    now: datetime
    boosts: Boosts
    pins: tuple[PinnedProduct, ...] = ()
    applied: tuple[AppliedRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules; ``queries``: key of a query -> the rules for it, the oldest first."""

    wordings: Mapping[str, Wording] = field(default_factory=dict)
    queries: Mapping[str, tuple[tuple[int, QueryRule], ...]] = field(default_factory=dict)
    boosts: Boosts = field(default_factory=Boosts)

    def wording(self, language: str | None) -> Wording:
        """Return the synonyms and stop words for searches in ``language``; without one, those for all languages."""
        return self.wordings.get(language or "", NO_WORDING)

    def decide(self, query: Query, now: datetime, *, pins: bool = True) -> Decision:
        """Return what is pinned and hidden for ``query``, as it was typed or else as it was read.

        Without ``pins`` nothing has a place: in the order of prices, say.
        """
        decision = Decision(query, now, self.boosts)
        if not self.queries:
            return decision
        for text in dict.fromkeys((query.text, query.repaired)):
            rules = self.queries.get(query_key(text), ())
            in_force = [(rule_id, rule) for rule_id, rule in rules if rule.is_in_force(now)]
            if in_force:
                decided = _decide(decision, in_force)
                return decided if pins else replace(decided, pins=())
        return decision


NO_RULES = Rules()


def _decide(decision: Decision, rules: Iterable[tuple[int, QueryRule]]) -> Decision:
    """Hides go before pins; of two pins of a product, or for a place, the older rule's has it."""
    hidden: dict[int, None] = {}
    pins: dict[int, PinnedProduct] = {}
    applied: list[AppliedRule] = []
    for rule_id, rule in rules:
        hidden |= dict.fromkeys(rule.hides)
        for pin in rule.pins:
            pins.setdefault(pin.product_id, PinnedProduct(pin.position, pin.product_id))
        applied.append(AppliedRule(rule_id, "query", f"pins {len(rule.pins)}, hides {len(rule.hides)}"))
    kept = [pin for pin in pins.values() if pin.product_id not in hidden]
    kept.sort(key=lambda pin: pin.position)  # stable: the older rule's pin stays before a younger one's
    query = decision.query
    if hidden:
        query = replace(query, filters=replace(query.filters, hidden_ids=tuple(sorted(hidden))))
    return replace(decision, query=query, pins=tuple(kept), applied=tuple(applied))


def compile_queries(rules: Iterable[tuple[int, QueryRule]]) -> dict[str, tuple[tuple[int, QueryRule], ...]]:
    """Return the rules by the key of each query they are for."""
    by_key: dict[str, dict[int, QueryRule]] = {}
    for rule_id, rule in rules:
        for text in rule.queries:
            by_key.setdefault(query_key(text), {})[rule_id] = rule
    return {key: tuple(sorted(of_query.items())) for key, of_query in by_key.items()}


def compile_wordings(
    stop_words: Iterable[tuple[int, StopWordsRule]], synonyms: Iterable[tuple[int, SynonymsRule]]
) -> dict[str, Wording]:
    """Return the wording of each language, and of no language under the empty text."""
    left_out, also = list(stop_words), list(synonyms)
    special = {rule.language for _, rule in left_out} | {rule.language for _, rule in also}

    def compiled(language: str) -> Wording:
        return compile_wording(
            [(rule_id, rule.words) for rule_id, rule in left_out if rule.language in (None, language)],
            [(rule_id, rule.words, _found(rule)) for rule_id, rule in also if rule.language in (None, language)],
        )

    for_all = compiled("")
    return {language: compiled(language) if language in special else for_all for language in ("", *LANGUAGES)}


def _found(rule: SynonymsRule) -> tuple[str, ...]:
    return rule.words if rule.direction == "two_way" else rule.also_finds
