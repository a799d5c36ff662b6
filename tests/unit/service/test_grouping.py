"""Which products stand behind which."""

from service.search.grouping import Kinship, group


def kin(number: str | None = None, *analogues: int) -> Kinship:
    return Kinship(number, frozenset(analogues))


def test_products_with_the_same_main_number_stand_behind_the_best() -> None:
    kinships = {1: kin("A100"), 2: kin("B200"), 3: kin("A100"), 4: kin("A100")}
    assert group([3, 2, 1, 4], kinships) == {3: (3, 1, 4), 2: (2,)}


def test_declared_analogues_stand_together_whoever_declares_them() -> None:
    assert group([1, 2], {1: kin(None, 2), 2: kin()}) == {1: (1, 2)}
    assert group([1, 2], {1: kin(), 2: kin(None, 1)}) == {1: (1, 2)}


def test_what_stands_behind_a_product_brings_nobody_along() -> None:
    kinships = {1: kin("A100", 2), 2: kin("B200", 1, 3), 3: kin("B200", 2)}
    assert group([1, 2, 3], kinships) == {1: (1, 2), 3: (3,)}


def test_the_better_of_two_leaders_is_followed() -> None:
    kinships = {1: kin("A100"), 2: kin("B200"), 3: kin("B200", 1)}
    assert group([1, 2, 3], kinships) == {1: (1, 3), 2: (2,)}
    assert group([2, 1, 3], kinships) == {2: (2, 3), 1: (1,)}


def test_a_product_nothing_is_known_of_stands_alone() -> None:
    assert group([1, 2], {}) == {1: (1,), 2: (2,)}
