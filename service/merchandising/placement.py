"""Boosts and pins in a ranked list. Pure.

Stage: service, after ranking. Reads the ranked products; writes them in the order that staff decided. Places are
counted over the whole list, so that pages cut from it neither repeat nor miss a product.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from service.merchandising.boosts import Boosts
from service.merchandising.rules import PinnedProduct
from service.search.candidate import Ranked


def boost(ranked: list[Ranked], boosts: Boosts, now: datetime) -> list[Ranked]:
    """Return ``ranked`` with the additions of the boosts in force, in the new order; ties go to the lower id."""
    if not boosts or not ranked:
        return ranked
    additions = boosts.additions([item.fused.product_id for item in ranked], now)
    if additions is None:
        return ranked
    raised = [
        Ranked(item.fused, item.score + addition, item.relevance, item.similarity, addition) if addition else item
        for item, addition in zip(ranked, additions.tolist(), strict=True)
    ]
    raised.sort(key=lambda item: (-item.score, item.fused.product_id))
    return raised


def place(ranked: Sequence[Ranked], pins: Sequence[PinnedProduct], known: Mapping[int, Ranked]) -> list[Ranked]:
    """Return ``ranked`` with the ``pins`` that are ``known`` at their places.

    ``pins`` are in order of their places. Two for one place stand one after the other; a place beyond the end of the
    list is its end; a pin that is not known leaves its place to the next product.
    """
    pinned = {pin.product_id for pin in pins if pin.product_id in known}
    placed = [item for item in ranked if item.fused.product_id not in pinned]
    last = -1
    for pin in pins:
        if pin.product_id in pinned:
            last = max(pin.position - 1, last + 1)
            placed.insert(last, known[pin.product_id]._replace(pinned=True))
    return placed
