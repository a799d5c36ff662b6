"""What is wrong with a rule beyond its shape. Pure.

Stage: service, merchandising. Reads a rule of the right shape; writes why it makes no sense, for a person.
"""

from collections.abc import Iterator

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.lexemes import STOP_WORDS
from service.merchandising.models import BoostRule, QueryRule, Rule, StopWordsRule, SynonymsRule
from service.merchandising.query_key import query_key
from service.search.wording import folded_words, phrase_key

MOST_WORDS_OF_A_PHRASE = 6


def objections(rule: Rule) -> list[str]:
    """Return what is wrong with ``rule``; nothing when it makes sense."""
    match rule:
        case SynonymsRule():
            return list(_about_synonyms(rule))
        case StopWordsRule():
            return list(_about_stop_words(rule))
        case QueryRule():
            return [*_about_dates(rule), *_about_query(rule)]
        case BoostRule():
            return [*_about_dates(rule), *_about_boost(rule)]


def _about_dates(rule: QueryRule | BoostRule) -> Iterator[str]:
    if rule.starts_at is not None and rule.ends_at is not None and rule.ends_at <= rule.starts_at:
        yield "ends_at must be later than starts_at"


def _about_synonyms(rule: SynonymsRule) -> Iterator[str]:
    if rule.direction == "two_way" and (len(rule.words) < 2 or rule.also_finds):
        yield "two_way needs at least two words and no also_finds"
    if rule.direction == "one_way" and not rule.also_finds:
        yield "one_way needs also_finds"
    for phrase in (*rule.words, *rule.also_finds):
        words = len(phrase_key(phrase))
        if not words:
            yield f"{phrase!r} holds no word that can be searched for"
        elif words > MOST_WORDS_OF_A_PHRASE:
            yield f"{phrase!r} has {words} words; at most {MOST_WORDS_OF_A_PHRASE} are allowed"


def _about_stop_words(rule: StopWordsRule) -> Iterator[str]:
    for word in rule.words:
        folded = folded_words(word)
        if len(folded) != 1:
            yield f"{word!r} is not one word of letters"
        elif folded[0] in STOP_WORDS:
            yield f"{word!r} is left out anyway"


def _about_query(rule: QueryRule) -> Iterator[str]:
    pinned = [pin.product_id for pin in rule.pins]
    if not rule.pins and not rule.hides:
        yield "the rule neither pins nor hides a product"
    if len(set(pinned)) < len(pinned):
        yield "a product is pinned twice"
    if len({pin.position for pin in rule.pins}) < len(pinned):
        yield "two products are pinned to one position"
    if set(pinned) & set(rule.hides):
        yield "a product is both pinned and hidden"
    for text in rule.queries:
        if not query_key(text):
            yield f"{text!r} holds nothing that can be searched for"


def _about_boost(rule: BoostRule) -> Iterator[str]:
    wanted = rule.products
    lists = (wanted.category_ids, wanted.group_ids, wanted.car_brand_ids, wanted.product_ids)
    if wanted.supplier is None and not any(lists):
        yield "products: name a supplier, categories, groups, car brands or products"
    if wanted.supplier is not None and not normalise_code(wanted.supplier):
        yield f"products.supplier: {wanted.supplier!r} holds no letter and no digit"
