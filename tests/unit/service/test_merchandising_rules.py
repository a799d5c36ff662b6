"""What rules decide about one query at one moment."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.merchandising.boosts import Boost, Boosts
from service.merchandising.models import RULE, BoostRule, QueryRule, StopWordsRule, SynonymsRule
from service.merchandising.placement import boost, place
from service.merchandising.query_key import query_key
from service.merchandising.rules import PinnedProduct, Rules, compile_queries, compile_wordings
from service.merchandising.sense import objections
from service.search.candidate import Ranked
from service.search.filters import Filters
from service.search.query import Query
from tests.unit.service.builders import fused

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def ranked(*products: tuple[int, float]) -> list[Ranked]:
    return [Ranked(fused(product_id, score), score, 1.0) for product_id, score in products]


def ids(products: Sequence[Ranked]) -> list[int]:
    return [item.fused.product_id for item in products]


def rule(pins: dict[int, int] | None = None, hides: Sequence[int] = (), **more: object) -> QueryRule:
    wanted = [{"product_id": product, "position": position} for product, position in (pins or {}).items()]
    return QueryRule.model_validate({"kind": "query", "queries": ["колодки"], "pins": wanted, "hides": hides} | more)


def asked(text: str, repaired: str = "") -> Query:
    return Query(text, repaired or text, (), ())


def pinned(rules: Sequence[QueryRule], now: datetime = NOW) -> list[tuple[int, int]]:
    decision = Rules(queries=compile_queries(enumerate(rules, start=1))).decide(asked("колодки"), now)
    return [(pin.position, pin.product_id) for pin in decision.pins]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Колодки гальмівні", "  колодка   ГАЛЬМІВНА"),
        ("81.43220-6012", "81432206012"),
        ("sem143", "SEM-143"),
        ("фільтр для daf", "фільтр DAF"),
        ("диск 309x242", "диск 309*242"),
    ],
)
def test_spellings_of_one_query_are_one(one: str, other: str) -> None:
    assert query_key(one) == query_key(other)


def test_other_words_are_another_query() -> None:
    assert len({query_key(text) for text in ("колодки", "колодки daf", "диск", "81432206012", "8143220601")}) == 5
    assert query_key("!?") == query_key("") == ""


def test_a_query_is_met_as_typed_or_as_read() -> None:
    rules = Rules(queries=compile_queries([(7, rule({5: 1}))]))
    assert [each.rule_id for each in rules.decide(asked("колодка"), NOW).applied] == [7]
    assert rules.decide(asked("rjkjlrb", "колодки"), NOW).pins == (PinnedProduct(1, 5),)
    assert rules.decide(asked("диск"), NOW).applied == ()


def test_hidden_products_become_a_filter_of_the_query() -> None:
    rules = Rules(queries=compile_queries([(1, rule(hides=[9, 5])), (2, rule(hides=[7]))]))
    assert rules.decide(asked("колодки"), NOW).query.filters == Filters(hidden_ids=(5, 7, 9))
    assert rules.decide(asked("диск"), NOW).query.filters == Filters()


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [(None, None, True), (NOW, None, True), (NOW + DAY, None, False), (None, NOW, False), (NOW - DAY, NOW + DAY, True)],
)
def test_dates_are_compared_when_somebody_asks(starts: datetime | None, ends: datetime | None, counts: bool) -> None:  # noqa: FBT001
    dated = rule({5: 1}, starts_at=starts, ends_at=ends)
    assert bool(pinned([dated])) is counts


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_moments_at_the_ends_of_time_can_be_compared(moment: str) -> None:
    assert rule({5: 1}, starts_at=moment).is_in_force(NOW) is moment.startswith("0")
    assert rule({5: 1}, ends_at=moment).is_in_force(NOW) is moment.startswith("9")


def test_one_set_of_rules_changes_by_the_clock() -> None:
    rules = [rule({5: 1}, ends_at=NOW), rule({6: 1}, starts_at=NOW)]
    assert pinned(rules, NOW - timedelta(microseconds=1)) == [(1, 5)]
    assert pinned(rules, NOW) == [(1, 6)]


def test_hides_go_before_pins_and_older_rules_before_younger_ones() -> None:
    assert pinned([rule({5: 2, 6: 1}), rule({5: 3, 7: 1}), rule(hides=[6])]) == [(1, 7), (2, 5)]
    assert pinned([rule({5: 1}), rule({6: 1})]) == [(1, 5), (1, 6)]


def test_pins_take_their_places() -> None:
    products = ranked((1, 9), (2, 8), (3, 7), (4, 6))
    known = {item.fused.product_id: item for item in products} | {9: ranked((9, 0))[0]}
    placed = place(products, [PinnedProduct(1, 3), PinnedProduct(3, 9)], known)
    assert ids(placed) == [3, 1, 9, 2, 4]
    assert [item.pinned for item in placed] == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ([(1, 8), (1, 9)], [8, 9, 1, 2]),
        ([(2, 8), (2, 9), (3, 1)], [2, 8, 9, 1]),
        ([(40, 8), (50, 9)], [1, 2, 8, 9]),
        ([(1, 77), (2, 8)], [1, 8, 2]),
        ([(1, 2), (2, 1)], [2, 1]),
    ],
)
def test_places_that_are_taken_beyond_the_end_or_of_nothing(pins: list[tuple[int, int]], expected: list[int]) -> None:
    products = ranked((1, 9), (2, 8))
    known = {item.fused.product_id: item for item in (*products, *ranked((8, 0), (9, 0)))}
    assert ids(place(products, [PinnedProduct(*pin) for pin in pins], known)) == expected


@given(
    found=st.lists(st.integers(1, 40), unique=True, max_size=40),
    pins=st.dictionaries(st.integers(1, 50), st.integers(1, 50), max_size=8),
    limit=st.integers(1, 12),
)
def test_pages_neither_repeat_nor_miss_a_product(found: list[int], pins: dict[int, int], limit: int) -> None:
    """As in the pipeline: deeper pages look at more candidates, among which first pages may not find a pinned one."""
    wanted = sorted((PinnedProduct(position, product) for product, position in pins.items()), key=lambda pin: pin[0])
    extra = {product: ranked((product, 0.0))[0] for product in pins}

    def page(offset: int) -> list[int]:
        candidates = ranked(*((product, 1.0) for product in found[: max(10, offset + limit + len(pins))]))
        known = extra | {item.fused.product_id: item for item in candidates}
        return ids(place(candidates, wanted, known))[offset : offset + limit]

    pages = [product for offset in range(0, 100, limit) for product in page(offset)]
    assert len(pages) == len(set(pages))
    assert set(pages) == {*found, *pins}
    assert [product for product in pages if product not in pins] == [each for each in found if each not in pins]


def boosts(*wanted: tuple[float, Sequence[int], datetime | None]) -> Boosts:
    return Boosts(
        [
            Boost(
                rule_id,
                BoostRule.model_validate(
                    {"kind": "boost", "products": {"supplier": "X"}, "addition": addition, "ends_at": ends}
                ),
                np.array(sorted(products), np.int64),
            )
            for rule_id, (addition, products, ends) in enumerate(wanted, start=1)
        ]
    )


def test_a_boost_moves_what_it_is_for_and_says_so() -> None:
    moved = boost(ranked((1, 0.9), (2, 0.5), (3, 0.4)), boosts((0.6, [3, 99], None)), NOW)
    assert ids(moved) == [3, 1, 2]
    assert moved[0].score == pytest.approx(1.0)
    assert [item.boost for item in moved] == [0.6, 0.0, 0.0]


def test_boosts_add_up_within_bounds_end_by_date_and_may_be_negative() -> None:
    several = boosts((0.7, [1, 2], None), (0.7, [2], NOW), (-0.2, [3], None))
    assert several.additions([1, 2, 3, 4], NOW - DAY) == pytest.approx([0.7, 1.0, -0.2, 0.0])
    assert several.additions([1, 2, 3, 4], NOW) == pytest.approx([0.7, 0.7, -0.2, 0.0])
    assert several.reasons(2, NOW - DAY) == ((1, 0.7), (2, 0.7))
    assert several.reasons(2, NOW) == ((1, 0.7),)
    assert several.reasons(1_000, NOW) == ()


def test_what_no_boost_is_for_stays_the_same_list() -> None:
    products = ranked((1, 0.9), (2, 0.5))
    assert boost(products, Boosts(), NOW) is products
    assert boost(products, boosts((0.6, [7], None)), NOW) is products
    assert boost(products, boosts((0.6, [1], NOW)), NOW) is products
    assert boost([], boosts((0.6, [1], None)), NOW) == []


def test_words_are_for_one_language_or_all() -> None:
    stop = StopWordsRule(kind="stop_words", words=("cena",), language="pl")
    synonyms = SynonymsRule(kind="synonyms", words=("лампа", "ліхтар"))
    rules = Rules(compile_wordings([(1, stop)], [(2, synonyms)]))
    assert rules.wording("pl").leave_out("lampa cena")[0] == "lampa"
    assert rules.wording("uk").leave_out("lampa cena")[0] == "lampa cena"
    assert rules.wording("uk").meanings == rules.wording("pl").meanings != {}
    assert rules.wording(None).stop_words == {}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"kind": "synonyms", "words": []}, "at least 1"),
        ({"kind": "synonyms", "words": ["лампа", "a\x00b"]}, "NUL"),
        ({"kind": "synonyms", "words": ["лампа", "x" * 101]}, "at most 100"),
        ({"kind": "query", "queries": ["a"], "pins": [{"product_id": 1, "position": 51}]}, "less than or equal to 50"),
        ({"kind": "query", "queries": ["a"], "pins": [{"product_id": 1, "position": 0}]}, "greater than or equal to 1"),
        ({"kind": "query", "queries": ["a"], "hides": [1], "ends_at": "2026-01-01T00:00:00"}, "timezone"),
        ({"kind": "boost", "products": {"supplier": "SEM"}, "addition": 1.5}, "less than or equal to 1"),
        ({"kind": "boost", "products": {"supplier": "SEM"}, "addition": 0.1, "typo": 1}, "not permitted"),
        ({"kind": "banner"}, "does not match any"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_its_reason(body: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        RULE.validate_python(body)


@pytest.mark.parametrize(
    ("body", "objection"),
    [
        ({"kind": "synonyms", "words": ["лампа"]}, "at least two words"),
        ({"kind": "synonyms", "words": ["лампа", "фара"], "also_finds": ["диск"]}, "no also_finds"),
        ({"kind": "synonyms", "direction": "one_way", "words": ["лампа"]}, "needs also_finds"),
        ({"kind": "synonyms", "words": ["лампа", "!!"]}, "no word"),
        ({"kind": "synonyms", "words": ["лампа", "раз два три чотири п'ять шість сім"]}, "at most 6"),
        ({"kind": "stop_words", "words": ["дві ціни"]}, "not one word"),
        ({"kind": "stop_words", "words": ["   "]}, "not one word"),
        ({"kind": "stop_words", "words": ["для"]}, "anyway"),
        ({"kind": "query", "queries": ["колодки"]}, "neither pins nor hides"),
        ({"kind": "query", "queries": ["?"], "hides": [1]}, "nothing that can be searched"),
        (
            {"kind": "query", "queries": ["a"], "pins": [{"product_id": p, "position": 1} for p in (1, 2)]},
            "one position",
        ),
        (
            {"kind": "query", "queries": ["a"], "pins": [{"product_id": 1, "position": p} for p in (1, 2)]},
            "pinned twice",
        ),
        ({"kind": "query", "queries": ["a"], "pins": [{"product_id": 1, "position": 1}], "hides": [1]}, "both"),
        ({"kind": "query", "queries": ["a"], "hides": [1], "starts_at": NOW, "ends_at": NOW}, "later than starts_at"),
        (
            {"kind": "boost", "products": {"supplier": "SEM"}, "addition": 0.1, "starts_at": NOW, "ends_at": NOW - DAY},
            "later than starts_at",
        ),
        ({"kind": "boost", "products": {}, "addition": 0.1}, "name a supplier"),
        ({"kind": "boost", "products": {"supplier": "--"}, "addition": 0.1}, "no letter and no digit"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(body: dict[str, object], objection: str) -> None:
    found = objections(RULE.validate_python(body))
    assert len(found) == 1
    assert objection in found[0]


def test_what_makes_sense_meets_no_objection() -> None:
    for body in (
        {"kind": "synonyms", "words": ["лампа", "фара головна"]},
        {"kind": "synonyms", "direction": "one_way", "words": ["гума"], "also_finds": ["шина"]},
        {"kind": "stop_words", "words": ["купити"]},
        {"kind": "query", "queries": ["колодки"], "hides": [1], "starts_at": NOW, "ends_at": NOW + DAY},
        {"kind": "boost", "products": {"product_ids": [1]}, "addition": -1},
    ):
        assert objections(RULE.validate_python(body)) == []
