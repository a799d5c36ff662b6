"""How well a product serves a need, from what it truly is."""

from dataclasses import replace

import pytest

from benchmarks.relevance.grading import Part, grade
from benchmarks.relevance.needs import Need

PADS = Part(
    product_id=1,
    part_type="brake_pads",
    qualifiers=frozenset({"front"}),
    makes=frozenset({"DAF"}),
    models=frozenset({"DAF/XF105"}),
    sizes=frozenset({"309x242"}),
    codes=frozenset({"81432206012"}),
    languages=frozenset({"ru", "pl"}),
)
SIBLINGS = frozenset({("brake_pads", "brake_shoes")})


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        (Need(("brake_pads",)), 3),
        (Need(("brake_shoes", "brake_pads")), 3),
        (Need(("brake_cylinder",)), 0),
        (Need(("brake_pads",), ("front",)), 3),
        (Need(("brake_pads",), ("rear",)), 1),
        (Need(("brake_pads",), ("left",)), 2),
        (Need(("brake_pads",), make="DAF"), 3),
        (Need(("brake_pads",), make="Volvo"), 1),
        (Need(("brake_pads",), make="DAF", model="XF105"), 3),
        (Need(("brake_pads",), make="DAF", model="CF85"), 1),
        (Need(("brake_pads",), ("rear",), make="DAF", model="XF105"), 1),
        (Need(("brake_pads",), size="309x242"), 3),
        (Need(("brake_pads",), size="100x100"), 1),
        (Need(size="309x242"), 3),
        (Need(size="100x100"), 0),
        (Need(code="81432206012"), 3),
        (Need(code="8143220601"), 0),
        (Need(prefix="81432"), 3),
        (Need(prefix="1432"), 0),
    ],
)
def test_a_need_grades_the_product(need: Need, expected: int) -> None:
    assert grade(need, PADS, SIBLINGS) == expected


def test_what_a_product_does_not_say_is_worth_two() -> None:
    silent = replace(PADS, qualifiers=frozenset(), makes=frozenset(), models=frozenset(), sizes=frozenset())
    for need in (
        Need(("brake_pads",), ("front",)),
        Need(("brake_pads",), make="DAF"),
        Need(("brake_pads",), make="DAF", model="XF105"),
        Need(("brake_pads",), size="309x242"),
    ):
        assert grade(need, silent, SIBLINGS) == 2


def test_a_sibling_is_worth_one_and_nothing_when_it_contradicts() -> None:
    shoes = replace(PADS, part_type="brake_shoes")
    assert grade(Need(("brake_pads",)), shoes, SIBLINGS) == 1
    assert grade(Need(("brake_pads",), make="Volvo"), shoes, SIBLINGS) == 0
    assert grade(Need(("brake_shoes",)), PADS, SIBLINGS) == 0
