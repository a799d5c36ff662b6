"""Which products boosts are for, kept in memory and read again one boost at a time.

Stage: service, merchandising. Reads ``dim_product_search``; writes nothing. Reading one may take a look at every
product of the catalogue (0.7 s at 278,698), so nothing else waits until all are read.
"""

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

import numpy as np

from service.merchandising.boosts import Boost, ProductIdArray
from service.merchandising.models import BoostedProducts, BoostRule
from service.merchandising.selection import load_boosted
from service.search.rows import Connection

_OLDEST_SECONDS = 300.0


class _Read(NamedTuple):
    products: ProductIdArray
    at: float


class BoostedProductIds:
    """The products of the boosts that are wanted, as far as they were read."""

    def __init__(self) -> None:
        self._wanted: tuple[tuple[int, BoostRule], ...] = ()
        self._read: dict[BoostedProducts, _Read] = {}

    def want(self, rules: Sequence[tuple[int, BoostRule]]) -> None:
        """Keep what is read of ``rules``, forget the rest."""
        self._wanted = tuple(rules)
        self._read = {rule.products: self._read[rule.products] for _, rule in rules if rule.products in self._read}

    def due(self) -> BoostedProducts | None:
        """Return what to read next: what never was, else the oldest if it is more than five minutes old."""
        wanted = [rule.products for _, rule in self._wanted]
        unread = next((products for products in wanted if products not in self._read), None)
        if unread is not None or not wanted:
            return unread
        oldest = min(wanted, key=lambda products: self._read[products].at)
        return oldest if monotonic() - self._read[oldest].at > _OLDEST_SECONDS else None

    def __len__(self) -> int:
        """Return how many boosts are wanted."""
        return len(self._wanted)

    async def read(self, connection: Connection, products: BoostedProducts) -> bool:
        """Read the products of one boost; return whether they are others than before. Raises asyncpg and OS errors."""
        before = self._read.get(products)
        found = np.sort(np.array(await load_boosted(connection, products), np.int64))
        self._read[products] = _Read(found, monotonic())
        return before is None or not np.array_equal(before.products, found)

    def boosts(self) -> list[Boost]:
        """Return the boosts whose products are known."""
        return [
            Boost(rule_id, rule, self._read[rule.products].products)
            for rule_id, rule in self._wanted
            if rule.products in self._read
        ]
