"""Products by part number, all that are counted and not only the candidates.

Stage: service, after retrieval, for what looks at more products than a page needs: facets, other orders.
"""

from collections.abc import Iterable, Sequence

from cordsearch.settings import Settings
from service.search.candidate import RetrieverRun
from service.search.query import Query
from service.search.retrieve import Pool, Retriever, run_retrievers

_MOST_BY_NUMBER = 1_000  # what the retriever of part numbers counts to


async def found_by_number(
    pool: Pool, retrievers: Iterable[Retriever], settings: Settings, query: Query, runs: Sequence[RetrieverRun]
) -> tuple[set[int], list[Exception]]:
    """Return the products that have the number, and what went wrong; no round trip where ``runs`` hold them all."""
    run = next((run for run in runs if run.name == "code"), None)
    if run is None:
        return set(), []
    found = {candidate.product_id for candidate in run.retrieved.candidates}
    if run.retrieved.total <= len(found):
        return found, []
    deeper, problems = await run_retrievers(
        pool,
        (retriever for retriever in retrievers if retriever.name == "code"),
        query,
        limit=_MOST_BY_NUMBER,
        deadline_ms=settings.search_deadline_ms,
        patience_ms=settings.search_patience_ms,
        off=settings.search_retrievers_off,
    )
    return found | {candidate.product_id for run in deeper for candidate in run.retrieved.candidates}, problems
