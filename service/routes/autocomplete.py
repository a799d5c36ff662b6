"""``GET /autocomplete``."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from service.answers.caching import kept_answer
from service.presentation import autocomplete_answer
from service.routes.parameters import AutocompleteParameters
from service.schemas import AutocompleteResponse, Problem
from service.state import State

router = APIRouter(tags=["search"])


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
async def autocomplete(request: Request, state: State, asked: Annotated[AutocompleteParameters, Query()]) -> Response:
    """Complete words, part names and part numbers; tolerant of keyboard layout, script and typos."""
    answer = await state.autocomplete.complete(asked.q, asked.language, asked.limit)
    body = autocomplete_answer(answer)
    return kept_answer(request, orjson.dumps(body), of=orjson.dumps(body["suggestions"]))
