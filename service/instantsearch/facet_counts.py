"""Counts of the values of facets, as the client knows them. Pure.

Stage: service, HTTP. Reads the facets of an answer; writes ``facets``, ``facets_stats`` and facet hits.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Per attribute its values with their numbers of products; lowest and highest of numbers; whether all are exact."""

    counts: Mapping[str, Mapping[str, int]]
    statistics: Mapping[str, Mapping[str, float]]
    exact: bool
