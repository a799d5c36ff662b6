"""A typed client of the service: the parameters go in and the answers come out as the service's own models.

Stage: beside the service, in the programs that call it. Sends requests; reads and writes nothing else. The models are
the service's own, so it cannot fall behind them; a test holds that it has every operation a storefront needs.

    async with CordSearch("https://search.example", api_key="cord_...") as search:
        found = await search.search(SearchParameters(q="тормозні колодки", highlight=True))
"""

from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from cordsearch.errors import CordSearchError
from service.answers.parameters import ProductParameters
from service.answers.schemas import ProductResponse, SelectedProductResponse
from service.events.schemas import EventsAccepted, EventsRequest
from service.routes.multi_search import MultiSearch, MultiSearchResponse
from service.routes.parameters import AutocompleteParameters, RelatedParameters, SearchBody, SearchParameters
from service.schemas import AnaloguesResponse, AutocompleteResponse, Problem, SearchResponse, SimilarResponse

Answer = TypeVar("Answer", bound=BaseModel)


class RefusedError(CordSearchError):
    """The service answered with an error. ``retry_after``: seconds to wait before trying again, if it said so."""

    def __init__(self, problem: Problem, retry_after: float | None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after


class CordSearch:
    """The operations a storefront needs. All raise RefusedError, and httpx.TransportError without an answer."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``timeout`` in seconds; ``transport`` for tests and proxies."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=timeout, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def search(self, asked: SearchParameters) -> SearchResponse:
        """Find products."""
        return await self._get("/search", asked, SearchResponse)

    async def search_by_body(self, asked: SearchBody) -> SearchResponse:
        """Find products; for what would make an address too long."""
        return await self._post("/search", asked, SearchResponse)

    async def multi_search(self, asked: MultiSearch) -> MultiSearchResponse:
        """Answer several searches at once."""
        return await self._post("/multi-search", asked, MultiSearchResponse)

    async def autocomplete(self, asked: AutocompleteParameters) -> AutocompleteResponse:
        """Complete what is being typed."""
        return await self._get("/autocomplete", asked, AutocompleteResponse)

    async def product(self, product_id: int, asked: ProductParameters | None = None) -> ProductResponse:
        """Return one product in full; what ``fields`` leaves out is None."""
        model = SelectedProductResponse if asked is not None and asked.fields else ProductResponse
        return await self._get(f"/products/{product_id}", asked, model)

    async def similar(self, product_id: int, asked: RelatedParameters | None = None) -> SimilarResponse:
        """Find products like one product."""
        return await self._get(f"/products/{product_id}/similar", asked, SimilarResponse)

    async def analogues(self, product_id: int, asked: RelatedParameters | None = None) -> AnaloguesResponse:
        """Find what may replace one product."""
        return await self._get(f"/products/{product_id}/analogues", asked, AnaloguesResponse)

    async def take_events(self, told: EventsRequest) -> EventsAccepted:
        """Tell what shoppers did."""
        return await self._post("/events", told, EventsAccepted)

    async def _get(self, path: str, asked: BaseModel | None, answer: type[Answer]) -> Answer:
        parameters = asked.model_dump(mode="json", exclude_unset=True, exclude_none=True) if asked else {}
        return _read(await self._client.get(path, params=parameters), answer)

    async def _post(self, path: str, asked: BaseModel, answer: type[Answer]) -> Answer:
        body = asked.model_dump_json(exclude_unset=True)
        return _read(await self._client.post(path, content=body, headers={"Content-Type": "application/json"}), answer)


def _read(answer: httpx.Response, model: type[Answer]) -> Answer:
    if answer.is_success:
        return model.model_validate_json(answer.content)
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:  # something between the service and here answered
        problem = Problem(type="about:blank", title=answer.reason_phrase, status=answer.status_code, detail="")
    wait = answer.headers.get("Retry-After", "")
    raise RefusedError(problem, float(wait) if wait.isdigit() else None)
