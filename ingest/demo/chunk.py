"""Stage: demo source. Reads the plan; writes nothing: products in a row, and how often each kind of dirt hits them.

The rates are estimates for a catalogue kept by hand in three languages; no single customer's data was counted.
"""

from dataclasses import dataclass

import numpy as np

from ingest.demo.plan import Plan
from ingest.demo.rows import Booleans, Integers

DIRT = {
    "no_pl": 0.15,
    "no_uk": 0.10,
    "no_ru": 0.02,
    "junk_ru": 0.0004,
    "junk_uk": 0.0015,
    "junk_pl": 0.0008,
    "latin": 0.010,
    "short_pl": 0.05,
    "russian_uk": 0.03,
    "half_russian_uk": 0.03,
    "double_space": 0.02,
    "trailing_space": 0.03,
    "apostrophe": 0.5,  # of the names that have one
    "capitals": 0.03,
    "size_sign": 0.05,
    "weight_zero": 0.08,
}


@dataclass(frozen=True)
class Chunk:
    """Products ``start`` to ``stop`` of a plan with this chunk's random generator."""

    plan: Plan
    random: np.random.Generator
    start: int
    stop: int

    @property
    def count(self) -> int:
        """Number of products."""
        return self.stop - self.start

    def of(self, values: Integers) -> Integers:
        """Return the part of a per-product array that is this chunk's."""
        return values[self.start : self.stop]

    def chance(self, share: float) -> Booleans:
        """Draw for every product; anchored products never lose."""
        return (self.random.random(self.count) < share) & ~self.plan.anchored[self.start : self.stop]

    def places(self, kind: str) -> list[int]:
        """Draw which products have one kind of dirt; places count from the start of the chunk."""
        return np.flatnonzero(self.chance(DIRT[kind])).tolist()
