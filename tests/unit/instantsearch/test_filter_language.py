"""The parameter ``filters`` becomes the same groups of conditions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.instantsearch.conditions import Condition, NumberIn, ValueIs
from service.instantsearch.filter_language import read_filters
from service.instantsearch.refused import RefusedRequestError

A, B, C = ValueIs("f", "a"), ValueIs("f", "b"), ValueIs("f", "c")


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", []),
        ("f:a", [(A,)]),
        ("f:a AND f:b", [(A,), (B,)]),
        ("f:a OR f:b", [(A, B)]),
        ("f:a AND (f:b OR f:c)", [(A,), (B, C)]),
        ("(f:a OR f:b) AND f:c", [(A, B), (C,)]),
        ("((f:a) AND ((f:b)))", [(A,), (B,)]),
        # the documented reading without parentheses
        ("f:a AND f:b OR f:c", [(A,), (B, C)]),
        ("f:a OR f:b AND f:c", [(A, B), (C,)]),
        ("(f:a OR f:b) OR f:c", [(A, B, C)]),
        ("NOT f:a AND f:b", [(ValueIs("f", "a", negated=True),), (B,)]),
        ('f:"a" AND \'f\':"b"', [(A,), (B,)]),
        ('name:"with \\"quotes\\" (and) AND"', [(ValueIs("name", 'with "quotes" (and) AND'),)]),
        ("категорія:'Гальмівна система'", [(ValueIs("категорія", "Гальмівна система"),)]),
        ("price:5.99 TO 100", [(NumberIn("price", 5.99, 100),)]),
        ("price >= 10 AND price<=20", [(NumberIn("price", 10, math.inf),), (NumberIn("price", -math.inf, 20),)]),
        ("price = -3", [(NumberIn("price", -3, -3),)]),
    ],
)
def test_the_language_is_read(text: str, groups: list[tuple[Condition, ...]]) -> None:
    assert read_filters(text) == groups


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("f:a OR (f:b AND f:c)", "AND inside OR"),
        ("NOT (f:a OR f:b)", "NOT before parentheses"),
        ("NOT price > 3", "'price'"),
        ("NOT price:1 TO 2", "'price'"),
        ("price != 3", "price !="),
        ("published", "'published' alone"),
        ("price > ten", "'ten'"),
        ("f:", "after 'f :'"),
        ("f:a AND", "after"),
        ("f:a f:b", "after"),
        ("(f:a", "after"),
        ("f:a)", "after"),
        ("AND f:a", "after"),
        ('f:"a', "cannot read filters at"),
        ("(" * 50 + "f:a" + ")" * 50, "deep"),
        ("f:a OR " * 2_000 + "f:a", "characters"),
    ],
)
def test_what_the_language_does_not_have_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        read_filters(text)
    assert named in str(refused.value)


@given(some.text(alphabet=some.sampled_from("fab:()<>=!\"'\\ -1.ANDORTO"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        groups = read_filters(text)
    except RefusedRequestError:
        return
    assert all(groups)
