"""Fusion: several ranked lists become one. Pure.

Stage: service, after retrieval. Reads: the lists. Writes: one list in which each retriever's rank and score survive.
By rank is the default; docs/adr/0019 has what each of the two is worth.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cordsearch.ranking import FusionMethod
from service.search.candidate import Candidate, Evidence, Fused, RetrieverRun

_NO_DEMAND: Final[Mapping[int, float]] = MappingProxyType({})


def fuse(
    runs: Sequence[RetrieverRun],
    weights: Mapping[str, float],
    constant: float,
    method: FusionMethod = "rank",
    demand: Mapping[int, float] = _NO_DEMAND,
    *,
    compared: bool = True,
) -> list[Fused]:
    """Merge the lists, best first, ties by product id.

    ``method`` is :func:`rank_shares` with ``constant``, or :func:`score_shares`. A retriever without a weight counts 1.
    Neither the order of ``runs`` nor a product's place in several lists changes anything else. ``demand`` of shoppers,
    0 to 1, by product; ``compared`` False leaves out how near the products are.
    """
    if method == "score":
        found = _merge(runs, weights, score_shares)
    else:
        found = _merge(runs, weights, lambda candidates: rank_shares(candidates, constant))
    order = sorted((-score, product) for product, (score, _, _) in found.items())
    fused = []
    for score, product in order:
        _, best, evidence = found[product]
        closeness = best.closeness if compared else None
        fused.append(Fused(product, -score, best.coverage, evidence, best.signals, closeness, demand.get(product, 0.0)))
    return fused


def rank_shares(candidates: Sequence[Candidate], constant: float) -> list[float]:
    """Return 1 / (``constant`` + rank) for each of a list, rank from 1: reciprocal rank fusion.

    G. Cormack, C. Clarke, S. Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods", SIGIR 2009.
    """
    return [1 / (constant + rank) for rank in range(1, len(candidates) + 1)]


def score_shares(candidates: Sequence[Candidate]) -> list[float]:
    """Return the score of each of a list as a share of the list's best, 0 to 1: a convex combination of these.

    Every score here is 0 or more by its nature, so this is the theoretical min-max normalisation of S. Bruch, S. Gai,
    A. Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023. A list that gives words up
    on its way compares scores only where as many words match: the share is of the best with the same coverage, times
    the coverage (0 is that of a list that has none).
    """
    best: dict[float, float] = {}
    for candidate in candidates:
        best[candidate.coverage] = max(best.get(candidate.coverage, 0.0), candidate.score)
    return [
        (candidate.coverage or 1.0) * max(candidate.score, 0.0) / (best[candidate.coverage] or 1.0)
        for candidate in candidates
    ]


def _merge(
    runs: Sequence[RetrieverRun],
    weights: Mapping[str, float],
    shares: Callable[[Sequence[Candidate]], Sequence[float]],
) -> dict[int, tuple[float, Candidate, tuple[Evidence, ...]]]:
    """Return by product: the sum of weight x share over the lists, its candidate with most coverage, its evidence."""
    found: dict[int, tuple[float, Candidate, tuple[Evidence, ...]]] = {}
    for run in sorted(runs, key=lambda run: run.name):
        name, weight = run.name, weights.get(run.name, 1.0)
        candidates = run.retrieved.candidates
        rank = 0
        for candidate, share in zip(candidates, shares(candidates), strict=True):
            rank += 1
            added = weight * share
            evidence = (Evidence(name, rank, candidate.score, candidate.matched, added),)
            product = candidate.product_id
            known = found.get(product)
            if known is None:
                found[product] = (added, candidate, evidence)
                continue
            score, best, before = known
            if candidate.coverage > best.coverage:
                best = candidate
            found[product] = (score + added, best, before + evidence)
    return found
