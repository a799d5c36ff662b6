"""Events of the Insights API in the words of this service: impressions, clicks, carts and purchases. Pure.

Stage: service, HTTP. Reads the body of ``POST /1/events``; writes what the event log takes. Names and bounds:
https://www.algolia.com/doc/rest-api/insights/push-events

An event about filters, about something that is no product, or a view that no search led to, says nothing that this
service keeps: it is accepted and left out, like what the widgets tell of themselves. No user token is kept.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from pydantic import JsonValue

from service.bounds import LARGEST_ID
from service.events.event_log import EventKind
from service.events.schemas import LARGEST_POSITION
from service.instantsearch.refused import RefusedRequestError

MOST_EVENTS: Final = 1_000
_OF_THE_WIDGETS: Final = "instantsearch"
_MOST_OBJECTS: Final = 20  # of one event, as documented
_KINDS: Final[Mapping[tuple[str, str], EventKind]] = {
    ("view", ""): "impression",
    ("click", ""): "click",
    ("conversion", "addToCart"): "cart",
    ("conversion", "purchase"): "purchase",
    # What a conversion without a subtype was is the shop's secret; the weaker of the two.
    ("conversion", ""): "cart",
}


class Told(NamedTuple):
    """One event, in the order in which the event log takes it."""

    event_id: UUID
    kind: EventKind
    search_id: UUID | None
    product_id: int
    position: int | None


def read_events(body: Mapping[str, JsonValue]) -> list[Told]:
    """Return the events of ``body`` that say something of products, one per product.

    Raises:
        RefusedRequestError: the body holds no list of events, too many of them, or one that is not of the form.
    """
    events = body.get("events")
    if not isinstance(events, list) or not events:
        raise RefusedRequestError("events must be a list with at least one event")
    if len(events) > MOST_EVENTS:
        raise RefusedRequestError(f"{len(events)} events at once; at most {MOST_EVENTS} are allowed")
    return [told for number, event in enumerate(events) for told in _told(event, f"events[{number}]")]


def _told(event: JsonValue, where: str) -> Iterator[Told]:
    if not isinstance(event, dict):
        raise RefusedRequestError(f"{where} must be an object")
    if event.get("eventType") == _OF_THE_WIDGETS:
        return
    kind = _KINDS.get((str(event.get("eventType")), str(event.get("eventSubtype") or "")))
    if kind is None:
        raise RefusedRequestError(
            f"{where}: eventType must be view, click or conversion, a conversion's eventSubtype addToCart or purchase"
        )
    objects = event.get("objectIDs") or []
    positions = event.get("positions") or []
    if not isinstance(objects, list) or not isinstance(positions, list) or len(objects) > _MOST_OBJECTS:
        raise RefusedRequestError(f"{where}: objectIDs and positions must be lists of at most {_MOST_OBJECTS}")
    if positions and len(positions) != len(objects):
        raise RefusedRequestError(f"{where}: positions must be as many as objectIDs")
    search_id = _search_id(event, where)
    if kind == "impression" and search_id is None:
        return
    for place, name in enumerate(objects):
        product_id = _product_id(name)
        if product_id is not None:
            position = _position(positions[place], where) if positions else None
            yield Told(_event_id(event, product_id), kind, search_id, product_id, position)


def _search_id(event: Mapping[str, JsonValue], where: str) -> UUID | None:
    """Return the search; a purchase may name one per product, of which the event's own counts."""
    given = event.get("queryID")
    if given is None:
        return None
    try:
        return UUID(str(given))
    except ValueError as error:
        raise RefusedRequestError(f"{where}: queryID is not one that a search of this service had") from error


def _product_id(name: JsonValue) -> int | None:
    text = name if isinstance(name, str) else ""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def _position(position: JsonValue, where: str) -> int | None:
    if isinstance(position, bool) or not isinstance(position, int) or position < 1:
        raise RefusedRequestError(f"{where}: a position is a whole number from 1")
    return position if position <= LARGEST_POSITION else None


def _event_id(event: Mapping[str, JsonValue], product_id: int) -> UUID:
    """Return a key: the same for an event that is sent again, because the client repeats what got no answer."""
    said = orjson.dumps([event, product_id], option=orjson.OPT_SORT_KEYS).decode()
    return uuid5(NAMESPACE_URL, said)
