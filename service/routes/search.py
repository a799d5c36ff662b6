"""``GET /search``."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from service.presentation import search_answer
from service.routes.parameters import SearchParameters
from service.schemas import Problem, SearchResponse
from service.state import State

router = APIRouter(tags=["search"])


@router.get(
    "/search",
    summary="Find products",
    response_class=Response,
    responses={
        200: {"model": SearchResponse, "description": "The products found, best first."},
        422: {"model": Problem, "description": "A parameter is missing or out of bounds."},
        503: {"model": Problem, "description": "The database does not answer."},
    },
)
async def search(state: State, asked: Annotated[SearchParameters, Query()]) -> Response:
    """Find products by name, part number or size, tolerant of typos, keyboard layout and script."""
    language = asked.language or state.settings.search_default_language
    answer = await state.search.search(asked.request(language))
    if asked.analytics:
        state.shoppers.searches.record(answer, language, asked.offset)
    body = search_answer(answer, asked.shape(language, explain=asked.explain))
    return Response(orjson.dumps(body), media_type="application/json")
