"""Several searches in one request.

Stage: service, HTTP. Every search is validated and answered by itself.
"""

import asyncio
from http import HTTPStatus
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from cordsearch.errors import DatabaseUnavailableError
from service.database_failures import DATABASE_FAILURES
from service.presentation import Json
from service.problems import describe_invalid, problem_body
from service.routes.answering import answer_search
from service.routes.parameters import SearchBody
from service.schemas import Problem, SearchResponse
from service.state import ServiceState

MOST_SEARCHES = 10
_CONNECTIONS_OF_A_SEARCH = 3  # part numbers, words, meaning

_EXAMPLE: dict[str, JsonValue] = {
    "shared": {"language": "uk", "limit": 5, "available": True},
    "searches": [{"q": "колодки тормозные"}, {"q": "81.43220-6012", "available": None}],
}


class MultiSearch(BaseModel):
    """Searches, and what they share."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    shared: dict[str, Any] = Field(
        default={}, description="Fields of the body of `POST /search` for all searches that do not say otherwise."
    )
    searches: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST_SEARCHES,
        description="Bodies of `POST /search`. Each is checked by itself: a wrong one has a problem for its answer.",
    )


class SearchOutcome(BaseModel):
    """What became of one search."""

    status: int = Field(description="As `POST /search` would have answered: 200, 422 or 503.", examples=[200])
    answer: SearchResponse | None = Field(description="Null unless the status is 200.")
    problem: Problem | None = Field(description="Null when the status is 200.")


class MultiSearchResponse(BaseModel):
    """The outcome of every search, in the order they were asked."""

    took_ms: float
    results: list[SearchOutcome]


async def answer_all(state: ServiceState, asked: MultiSearch) -> Json:
    """Return the body of the answer; at once are as many searches answered as there are connections for."""
    started = perf_counter()
    at_once = asyncio.Semaphore(max(1, state.settings.pool_size // _CONNECTIONS_OF_A_SEARCH))

    async def answer(fields: dict[str, Any]) -> Json:
        async with at_once:
            return await _outcome(state, asked.shared | fields)

    results = await asyncio.gather(*map(answer, asked.searches))
    return {"took_ms": round((perf_counter() - started) * 1000, 2), "results": results}


async def _outcome(state: ServiceState, fields: dict[str, Any]) -> Json:
    try:
        return {"status": 200, "answer": await answer_search(state, SearchBody.model_validate(fields)), "problem": None}
    except ValidationError as error:
        return _failed(HTTPStatus.UNPROCESSABLE_ENTITY, describe_invalid(error.errors()))
    except (DatabaseUnavailableError, *DATABASE_FAILURES) as error:
        return _failed(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _failed(status: HTTPStatus, detail: str) -> Json:
    return {"status": status.value, "answer": None, "problem": problem_body(status, detail)}
