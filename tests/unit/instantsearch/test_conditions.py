"""``facetFilters`` and ``numericFilters`` become groups of conditions."""

import math

import pytest
from pydantic import JsonValue

from service.instantsearch.conditions import (
    MOST_CONDITIONS,
    NumberIn,
    ValueIs,
    check_size,
    read_facet_filters,
    read_numeric_filters,
)
from service.instantsearch.refused import RefusedRequestError


def test_strings_are_joined_by_and_and_nested_strings_by_or() -> None:
    given: JsonValue = [["category:Гальма", "category:Двигун"], "car_brand:MAN"]

    assert read_facet_filters(given) == [
        (ValueIs("category", "Гальма"), ValueIs("category", "Двигун")),
        (ValueIs("car_brand", "MAN"),),
    ]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("category:a:b", ValueIs("category", "a:b")),
        ("category:-a", ValueIs("category", "a", negated=True)),
        ("category:\\-a", ValueIs("category", "-a")),
        ("category:-\\-a", ValueIs("category", "-a", negated=True)),
        ("category : with blanks ", ValueIs("category", "with blanks")),
    ],
)
def test_a_minus_negates_unless_a_backslash_stands_before_it(text: str, condition: ValueIs) -> None:
    assert read_facet_filters(text) == [(condition,)]


@pytest.mark.parametrize("nothing", [None, "", [], [[]]])
def test_no_filter_is_no_condition(nothing: list[object] | str | None) -> None:
    assert read_facet_filters(nothing) == []  # type: ignore[arg-type]
    assert read_numeric_filters(nothing) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("price>=10", 10, math.inf),
        ("price <= 10.5", -math.inf, 10.5),
        ("price=7", 7, 7),
        ("price:5.99 TO 100", 5.99, 100),
        ("price : -5 TO 100", -5, 100),
    ],
)
def test_numbers_are_compared(text: str, low: float, high: float) -> None:
    assert read_numeric_filters([text]) == [(NumberIn("price", low, high),)]


def test_a_strict_comparison_leaves_its_number_out() -> None:
    ((above,), (below,)) = read_numeric_filters("price>10,price<20")

    assert isinstance(above, NumberIn)
    assert isinstance(below, NumberIn)
    assert 10 < above.low < 10.000001
    assert 19.999999 < below.high < 20


@pytest.mark.parametrize(
    "given", [{"a": "b"}, 5, [5], [[["a:b"]]], ["no colon"], [":value"], "brand", [["a:b"], {"c": "d"}]]
)
def test_what_is_no_facet_filter_is_refused(given: object) -> None:
    with pytest.raises(RefusedRequestError):
        read_facet_filters(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["price", "price>", "price>ten", "price>nan", "price>1e300", "price>inf", "price!=3", "price:1 TO", ">3", "a:b"],
)
def test_what_is_no_comparison_is_refused(text: str) -> None:
    with pytest.raises(RefusedRequestError):
        read_numeric_filters([text])


def test_so_many_conditions_are_refused() -> None:
    check_size([tuple(ValueIs("category", str(number)) for number in range(MOST_CONDITIONS))])
    with pytest.raises(RefusedRequestError, match="at most"):
        check_size([(ValueIs("category", "a"),)] * (MOST_CONDITIONS + 1))
