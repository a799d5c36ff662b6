"""``POST /1/indexes/*/queries`` and its companions: the routes that the ``algoliasearch`` client calls.

Stage: service, HTTP. They are not in the OpenAPI document: their shapes are not ours to publish.
https://www.algolia.com/doc/rest-api/search/search (also search-single-index, search-for-facet-values)
https://www.algolia.com/doc/rest-api/insights/push-events
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from service.access.batch import count_batch
from service.access.caller import Caller
from service.access.requirement import CALLER
from service.events.event_log import NoRoomError
from service.instantsearch.asked import AskedSearch, read_request
from service.instantsearch.http import ClientRoute, failure, json_answer, read_object
from service.instantsearch.insights import read_events
from service.instantsearch.refused import RefusedRequestError
from service.instantsearch.searching import answer, answer_all
from service.state import State

MOST_REQUESTS: Final = 50
_RETRY_SECONDS: Final = "2"

searches = APIRouter(prefix="/1/indexes", tags=["instantsearch"], route_class=ClientRoute, include_in_schema=False)
insights = APIRouter(prefix="/1", tags=["instantsearch"], route_class=ClientRoute, include_in_schema=False)


@searches.post("/*/queries")
async def search_many(state: State, request: Request) -> Response:
    """Answer several requests, each for itself and in their order."""
    body = await read_object(request)
    requests = body.get("requests")
    if not isinstance(requests, list) or len(requests) > MOST_REQUESTS:
        raise RefusedRequestError(f"requests must be a list of at most {MOST_REQUESTS} objects")
    if body.get("strategy") not in (None, "none"):
        raise RefusedRequestError("strategy must be none: every request is answered")
    count_batch(request, len(requests))
    asked = [_asked(request, _object(each, f"requests[{number}]")) for number, each in enumerate(requests)]
    return json_answer({"results": await answer_all(state, asked)})


@searches.post("/{index}/query")
async def search_one(state: State, request: Request, index: str) -> Response:
    """Answer one request to the index named in the path."""
    asked = _asked(request, await read_object(request), index)
    return json_answer(await answer(state, asked))


@searches.post("/{index}/facets/{facet}/query")
async def search_values(state: State, request: Request, index: str, facet: str) -> Response:
    """Search the values of the facet named in the path."""
    asked = _asked(request, await read_object(request) | {"type": "facet", "facet": facet}, index)
    return json_answer(await answer(state, asked))


@insights.post("/events")
async def take_events(state: State, request: Request) -> Response:
    """Take events of the Insights API; those that say nothing of products are accepted and left out."""
    told = read_events(await read_object(request))
    try:
        state.shoppers.events.accept(told)
        for search_id in {event.search_id for event in told if event.search_id is not None}:
            state.shoppers.typed.settle(search_id.hex)
    except NoRoomError as error:
        return failure(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": _RETRY_SECONDS})
    return json_answer({"status": HTTPStatus.OK, "message": "OK"})


def _asked(request: Request, parameters: dict[str, JsonValue], index: str = "") -> AskedSearch:
    """Return the request; of a widget that names no user, whoever sends it from that address."""
    asked = read_request(parameters, index)
    caller: Caller = request.scope[CALLER]
    return asked if asked.user else replace(asked, user=caller.address)


def _object(value: JsonValue, where: str) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise RefusedRequestError(f"{where} must be an object")
    return value
