"""``GET /search``."""

import orjson
from fastapi import APIRouter, Response

from service.presentation import search_answer
from service.routes.parameters import AskedLanguage, Available, Explain, Limit, Offset, QueryText, Supplier
from service.schemas import Problem, SearchResponse
from service.search.pipeline import SearchRequest
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
async def search(
    state: State,
    q: QueryText,
    language: AskedLanguage = None,
    limit: Limit = 20,
    offset: Offset = 0,
    supplier: Supplier = None,
    available: Available = None,
    explain: Explain = False,  # noqa: FBT002 - a query parameter, always given by name
) -> Response:
    """Find products by name, part number or size, tolerant of typos, keyboard layout and script."""
    answer = await state.search.search(SearchRequest(q, limit, offset, supplier, available))
    body = search_answer(answer, language or state.settings.search_default_language, explain=explain)
    return Response(orjson.dumps(body), media_type="application/json")
