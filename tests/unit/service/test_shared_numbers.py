"""One part number, several makes."""

from collections.abc import Mapping

from service.search.candidate import Retrieved, RetrieverRun
from service.search.rank import LinearRanker
from service.search.shared_numbers import keep_makes_together
from tests.unit.service.builders import candidate, fused


def order(
    scores: Mapping[int, float], makes: Mapping[int, int], beginnings: Mapping[int, int] | None = None
) -> list[int]:
    """Rank by ``scores``; the number of the products of ``makes`` was typed in full, of ``beginnings`` in part."""
    found = [candidate(product)._replace(make=make) for product, make in makes.items()]
    found += [candidate(product, 0.5)._replace(make=make) for product, make in (beginnings or {}).items()]
    run = RetrieverRun("code", "ok", 1.0, Retrieved(found, len(found), bounded=False))
    ranked = LinearRanker({"relevance": 1.0}).rank([fused(product, score) for product, score in scores.items()])
    return [item.fused.product_id for item in keep_makes_together(ranked, [run])]


def test_the_makes_do_not_come_in_turns() -> None:
    assert order({1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6}, {1: 7, 2: 5, 3: 7, 4: 5}) == [1, 3, 2, 4]


def test_what_was_found_otherwise_keeps_its_place() -> None:
    assert order({1: 0.9, 2: 0.8, 9: 0.75, 3: 0.7}, {1: 7, 2: 5, 3: 7}) == [1, 3, 9, 2]
    assert order({1: 0.9, 2: 0.8, 3: 0.7}, {1: 7}, {2: 5, 3: 7}) == [1, 2, 3]


def test_one_make_stays_as_ranked() -> None:
    assert order({1: 0.9, 2: 0.8, 3: 0.7}, {3: 5, 1: 5, 2: 5}) == [1, 2, 3]
