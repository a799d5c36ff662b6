"""What goes with one product: similar ones by vector, analogues by pairs and numbers.

Stage: service. Reads the marts through its parts; writes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, NamedTuple

from service.database_failures import DATABASE_FAILURES
from service.search.analogues import AnalogueHit, load_analogues
from service.search.filters import Filters
from service.search.hydrate import load_products
from service.search.pipeline import unavailable
from service.search.retrieve import Pool
from service.search.rows import Connection, Row
from service.search.similar import Neighbourhood, choose_similar, load_neighbours

NothingSimilar = Literal["no_model", "no_vector", "nothing_near"]


class SimilarHit(NamedTuple):
    """A product and the cosine of its vector and that of the one asked for, -1 to 1."""

    product: Row
    similarity: float


@dataclass(frozen=True, slots=True)
class SimilarAnswer:
    """Products like ``product_id``, or why there is none; time in milliseconds."""

    product_id: int
    model_id: str | None
    hits: Sequence[SimilarHit]
    nothing_because: NothingSimilar | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class AnaloguesAnswer:
    """Products that may replace ``product_id``; time in milliseconds."""

    product_id: int
    hits: Sequence[AnalogueHit]
    total: int
    total_is_exact: bool
    took_ms: float


class RelatedProducts:
    """Answers for one product at a time; safe for any number at once. Both raise DatabaseUnavailableError."""

    def __init__(self, pool: Pool, model_id: Callable[[], str | None], smallest_similarity: float) -> None:
        """``model_id`` returns the model whose vectors are in use, None without one."""
        self._pool = pool
        self._model_id = model_id
        self._smallest_similarity = smallest_similarity

    async def similar(self, product_id: int, limit: int, *, available: bool | None) -> SimilarAnswer | None:
        """Return at most ``limit`` products like it, best first; None when there is no such product."""
        started = perf_counter()
        model_id = self._model_id()
        try:
            async with self._pool.acquire() as connection:
                found = await self._neighbourhood(connection, product_id, model_id, available=available)
                if found is None:
                    return None
                chosen = choose_similar(found.neighbours, limit)
                products = await load_products(connection, [each.product_id for each in chosen]) if chosen else {}
        except DATABASE_FAILURES as error:
            raise unavailable(error) from error
        # A product deleted between the two statements is simply no longer there.
        hits = [
            SimilarHit(products[each.product_id], each.similarity) for each in chosen if each.product_id in products
        ]
        why = _why_nothing(model_id, found) if not hits else None
        return SimilarAnswer(product_id, model_id, hits, why, (perf_counter() - started) * 1000)

    async def _neighbourhood(
        self, connection: Connection, product_id: int, model_id: str | None, *, available: bool | None
    ) -> Neighbourhood | None:
        if model_id is None:
            exists = await load_products(connection, [product_id])
            return Neighbourhood(has_vector=False, neighbours=()) if exists else None
        return await load_neighbours(
            connection, product_id, model_id, available=available, smallest_similarity=self._smallest_similarity
        )

    async def analogues(self, product_id: int, limit: int, *, available: bool | None) -> AnaloguesAnswer | None:
        """Return at most ``limit`` products that may replace it, best first; None when there is no such product."""
        started = perf_counter()
        try:
            async with self._pool.acquire() as connection:
                by_product = await load_analogues(connection, [product_id], Filters(None, available), limit)
                if product_id not in by_product:
                    return None
                found = by_product[product_id]
                wanted = [analogue.product_id for analogue in found.analogues]
                products = await load_products(connection, wanted) if wanted else {}
        except DATABASE_FAILURES as error:
            raise unavailable(error) from error
        hits = [AnalogueHit(products[each.product_id], each) for each in found.analogues if each.product_id in products]
        took_ms = (perf_counter() - started) * 1000
        return AnaloguesAnswer(product_id, hits, found.total, not found.is_bounded, took_ms)


def _why_nothing(model_id: str | None, found: Neighbourhood) -> NothingSimilar:
    if model_id is None:
        return "no_model"
    return "nothing_near" if found.has_vector else "no_vector"
