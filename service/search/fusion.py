"""Fusion: several ranked lists become one. Pure.

Stage: service, after retrieval. Reads: the lists. Writes: one list in which each retriever's rank and score survive.
"""

from collections.abc import Mapping, Sequence

from service.search.candidate import Candidate, Evidence, Fused, RetrieverRun


def fuse(runs: Sequence[RetrieverRun], weights: Mapping[str, float], constant: float) -> list[Fused]:
    """Merge the lists by weighted reciprocal rank fusion, best first, ties by product id.

    score(product) = sum over lists of weight / (``constant`` + rank), rank from 1 (G. Cormack, C. Clarke, S.
    Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009). A
    retriever without a weight counts 1. Neither the order of ``runs`` nor a product's place in several lists
    changes anything else.
    """
    scores: dict[int, float] = {}
    evidence: dict[int, list[Evidence]] = {}
    best: dict[int, Candidate] = {}
    for run in sorted(runs, key=lambda run: run.name):
        weight = weights.get(run.name, 1.0)
        for rank, candidate in enumerate(run.retrieved.candidates, start=1):
            product = candidate.product_id
            scores[product] = scores.get(product, 0.0) + weight / (constant + rank)
            evidence.setdefault(product, []).append(Evidence(run.name, rank, candidate.score, candidate.matched))
            known = best.get(product)
            if known is None or candidate.coverage > known.coverage:
                best[product] = candidate
    order = sorted((-score, product) for product, score in scores.items())
    return [
        Fused(product, -score, best[product].coverage, tuple(evidence[product]), best[product].signals)
        for score, product in order
    ]
