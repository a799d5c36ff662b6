"""Products that carry the same part number for different makes. Pure.

Stage: service, after ranking. Reads the ranked products and what the code retriever said of them; writes the order.

Short numbers are used by several makers: ``2218205`` is an engine mount of one and a heater core of another. Ranked by
stock and popularity alone they come in turns; whoever reads the list wants the ones for the best one's make first.
"""

from collections.abc import Sequence

from service.search.candidate import Ranked, RetrieverRun


def keep_makes_together(ranked: Sequence[Ranked], runs: Sequence[RetrieverRun]) -> list[Ranked]:
    """Return ``ranked`` with the products found by a whole number in groups of a make, in the order of each one's best.

    They take the places they had among the others.
    """
    makes = {
        candidate.product_id: candidate.make
        for run in runs
        if run.name == "code"
        for candidate in run.retrieved.candidates
        if candidate.score >= 1
    }
    whole = [item for item in ranked if item.fused.product_id in makes]
    order = {make: place for place, make in enumerate(dict.fromkeys(makes[item.fused.product_id] for item in whole))}
    if len(order) < 2:
        return list(ranked)
    grouped = iter(sorted(whole, key=lambda item: order[makes[item.fused.product_id]]))
    return [next(grouped) if item.fused.product_id in makes else item for item in ranked]
