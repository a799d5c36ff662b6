"""``GET /search``, ``POST /search`` and ``POST /multi-search``."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from service.access.batch import count_batch
from service.access.requirement import guarded
from service.answers.openapi import operation_id
from service.routes.answering import answer_search
from service.routes.multi_search import MultiSearch, MultiSearchResponse, answer_all
from service.routes.parameters import SearchBody, SearchParameters
from service.routes.query_route import QueryRoute
from service.schemas import Problem, SearchResponse
from service.state import State

router = APIRouter(
    tags=["search"], route_class=QueryRoute, generate_unique_id_function=operation_id, **guarded("search")
)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": SearchResponse, "description": "The products found, best first."},
    422: {"model": Problem, "description": "A parameter is missing or out of bounds."},
    503: {"model": Problem, "description": "The database does not answer."},
}


@router.get("/search", summary="Find products", response_class=Response, responses=_RESPONSES)
async def search(request: Request, asked: Annotated[SearchParameters, Query()]) -> Response:
    """Find products by name, part number or size, tolerant of typos, keyboard layout and script."""
    return _json(await answer_search(request.app.state.service, asked))


@router.post("/search", summary="Find products, asked in a body", response_class=Response, responses=_RESPONSES)
async def search_by_body(state: State, asked: SearchBody) -> Response:
    """Find products; the body holds what `GET /search` takes in its address, for what would make that too long."""
    return _json(await answer_search(state, asked))


@router.post(
    "/multi-search",
    summary="Answer several searches at once",
    response_class=Response,
    responses={
        200: {"model": MultiSearchResponse, "description": "An answer or a problem for each search, in their order."},
        422: {"model": Problem, "description": "There are none, too many, or it is no list of searches."},
    },
)
async def multi_search(state: State, asked: MultiSearch, request: Request) -> Response:
    """Answer up to ten searches, each by itself: one that is wrong or fails leaves the others alone.

    Each counts as a request towards the rate limits.
    """
    count_batch(request, len(asked.searches))
    return _json(await answer_all(state, asked))


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
