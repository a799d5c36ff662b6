"""Which boost is read next, and what is known meanwhile."""

from collections.abc import Sequence
from typing import Any

import pytest

from service.merchandising import boosted_products
from service.merchandising.boosted_products import BoostedProductIds
from service.merchandising.models import BoostRule


class Catalogue:
    """Has the products that a test gives it, whatever it is asked for."""

    def __init__(self, *product_ids: int) -> None:
        self.product_ids = product_ids

    async def fetch(self, _query: str, *_arguments: object) -> Sequence[dict[str, Any]]:
        return [{"product_id": product_id} for product_id in self.product_ids]


def boost(supplier: str, addition: float = 0.1) -> BoostRule:
    return BoostRule.model_validate({"kind": "boost", "products": {"supplier": supplier}, "addition": addition})


def known(boosted: BoostedProductIds) -> list[tuple[int, list[int]]]:
    return [(each.rule_id, each.products.tolist()) for each in boosted.boosts()]


async def test_boosts_are_read_one_by_one_and_again_when_they_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(boosted_products, "monotonic", lambda: now)
    one, other = boost("ONE"), boost("OTHER")
    boosted = BoostedProductIds()
    assert boosted.due() is None
    boosted.want([(1, one), (2, other)])
    assert boosted.due() == one.products
    assert await boosted.read(Catalogue(7, 5), one.products)
    assert known(boosted) == [(1, [5, 7])]
    now = 10.0
    assert boosted.due() == other.products
    await boosted.read(Catalogue(6), other.products)
    assert boosted.due() is None
    now = 305.0
    assert boosted.due() == one.products
    assert not await boosted.read(Catalogue(5, 7), one.products)
    assert boosted.due() is None
    now = 311.0
    assert boosted.due() == other.products
    assert await boosted.read(Catalogue(8), other.products)
    assert known(boosted) == [(1, [5, 7]), (2, [8])]


async def test_what_is_known_stays_when_other_rules_change() -> None:
    boosted = BoostedProductIds()
    boosted.want([(1, boost("ONE")), (2, boost("TWO"))])
    for each in ("ONE", "TWO"):
        await boosted.read(Catalogue(5), boost(each).products)
    boosted.want([(1, boost("ONE", 0.9)), (3, boost("THREE"))])
    assert known(boosted) == [(1, [5])]
    assert boosted.due() == boost("THREE").products
    assert len(boosted) == 2
