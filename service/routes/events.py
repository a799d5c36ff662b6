"""``POST /events``."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Response

from service.events.event_log import NoRoomError
from service.events.schemas import EventsAccepted, EventsRequest
from service.problems import problem
from service.schemas import Problem
from service.state import State

router = APIRouter(tags=["events"])

_RETRY_SECONDS = "2"


@router.post(
    "/events",
    summary="Tell what shoppers did",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses={
        202: {"model": EventsAccepted, "description": "All of them were accepted and will be written shortly."},
        422: {"model": Problem, "description": "An event is not one; none was accepted."},
        503: {"model": Problem, "description": "Too many wait to be written; none was accepted. Send them again."},
    },
)
async def take_events(state: State, told: Annotated[EventsRequest, Body()]) -> Response:
    """Take impressions, clicks, carts and purchases, one to a thousand at once; send many together.

    Every event has a key of its own (`event_id`): what is sent again, after an error or a lost answer, is counted once.
    Within one search a product counts once per kind. An accepted event is written within about a second, or as soon as
    the database takes it.
    """
    try:
        accepted = state.shoppers.events.accept(
            (event.event_id, event.kind, event.search_id, event.product_id, event.position) for event in told.events
        )
    except NoRoomError as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": _RETRY_SECONDS})
    body = {"accepted": accepted, "repeated": len(told.events) - accepted}
    return Response(orjson.dumps(body), HTTPStatus.ACCEPTED, media_type="application/json")
