"""``GET /autocomplete``."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

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
        422: {"model": Problem, "description": "A parameter is missing or out of bounds."},
        503: {"model": Problem, "description": "The database does not answer."},
    },
)
async def autocomplete(state: State, asked: Annotated[AutocompleteParameters, Query()]) -> Response:
    """Complete words, part names and part numbers; tolerant of keyboard layout, script and typos."""
    answer = await state.autocomplete.complete(asked.q, asked.language, asked.limit)
    return Response(orjson.dumps(autocomplete_answer(answer)), media_type="application/json")
