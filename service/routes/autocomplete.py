"""``GET /autocomplete``."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from service.access.requirement import guarded
from service.answers.caching import kept_answer
from service.answers.openapi import operation_id
from service.presentation import autocomplete_answer
from service.routes.parameters import AutocompleteParameters
from service.routes.query_route import QueryRoute
from service.schemas import AutocompleteResponse, Problem
from service.state import ServiceState

router = APIRouter(
    tags=["search"], route_class=QueryRoute, generate_unique_id_function=operation_id, **guarded("search")
)


@router.get(
    "/autocomplete",
    summary="Complete what is being typed",
    response_class=Response,
    responses={
        200: {"model": AutocompleteResponse, "description": "The completions, best first."},
        304: {"description": "The client has this answer (`If-None-Match`)."},
        422: {"model": Problem, "description": "A parameter is missing or out of bounds."},
        503: {"model": Problem, "description": "The database does not answer."},
    },
)
async def autocomplete(request: Request, asked: Annotated[AutocompleteParameters, Query()]) -> Response:
    """Complete words, part names and part numbers; tolerant of keyboard layout, script and typos."""
    state: ServiceState = request.app.state.service
    answer = await state.autocomplete.complete(asked.q, asked.language, asked.limit)
    body = autocomplete_answer(answer)
    return kept_answer(request, orjson.dumps(body), of=orjson.dumps(body["suggestions"]))
