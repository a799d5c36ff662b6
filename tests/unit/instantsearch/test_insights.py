"""Events of the Insights API become events of the service."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.instantsearch.insights import MOST_EVENTS, read_events
from service.instantsearch.refused import RefusedRequestError

SEARCH = "5f2c1b8e9d3a4c6f8e7d6c5b4a392817"
CLICK: dict[str, Any] = {
    "eventType": "click", "eventName": "Product opened", "index": "products", "userToken": "anonymous-1",
    "timestamp": 1641290601962, "objectIDs": ["7", "9"], "positions": [3, 4], "queryID": SEARCH,
}  # fmt: skip


def read(**changes: Any) -> list[tuple[Any, ...]]:
    return [told[1:] for told in read_events({"events": [CLICK | changes]})]


def test_every_product_of_an_event_is_an_event() -> None:
    assert read() == [("click", UUID(SEARCH), 7, 3), ("click", UUID(SEARCH), 9, 4)]


@pytest.mark.parametrize(
    ("event_type", "subtype", "kind"),
    [
        ("view", None, "impression"),
        ("conversion", "addToCart", "cart"),
        ("conversion", "purchase", "purchase"),
        ("conversion", None, "cart"),
    ],
)
def test_kinds_are_translated(event_type: str, subtype: str | None, kind: str) -> None:
    assert [told[0] for told in read(eventType=event_type, eventSubtype=subtype)] == [kind, kind]


@pytest.mark.parametrize(
    "changes",
    [
        {"objectIDs": ["гальма", ""], "positions": None},
        {"objectIDs": None, "positions": None, "filters": ["car_brand:MAN"]},
        {"eventType": "view", "queryID": None},
        {"eventType": "instantsearch", "objectIDs": None, "positions": None, "widgets": []},
    ],
    ids=["no products", "filters", "a view without a search", "the widgets of themselves"],
)
def test_what_says_nothing_of_products_is_left_out(changes: dict[str, Any]) -> None:
    assert read(**changes) == []


def test_an_event_sent_again_has_the_same_key_and_another_one_has_not() -> None:
    again = read_events({"events": [CLICK, dict(reversed(list(CLICK.items()))), CLICK | {"timestamp": 1641290601963}]})

    keys = [told.event_id for told in again]
    assert keys[:2] == keys[2:4]
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"eventType": "like"}, {"eventSubtype": "wish"}, {"queryID": "of another service"}, {"objectIDs": "7"},
        {"positions": [1]}, {"positions": [0, 1]}, {"positions": [True, 1]}, {"objectIDs": [str(n) for n in range(21)]},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_event_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedRequestError, match=r"events\[0\]"):
        read(**changes)


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": {}}, {"events": [CLICK] * (MOST_EVENTS + 1)}], ids=len)
def test_what_holds_no_events_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(RefusedRequestError):
        read_events(body)


JSON = some.none() | some.booleans() | some.integers(-(2**63), 2**63) | some.text(max_size=5) | some.floats()
EVENT = some.dictionaries(
    some.sampled_from([*CLICK, "eventSubtype"]),
    JSON | some.lists(JSON, max_size=3) | some.sampled_from(["view", "click", "conversion", "purchase", SEARCH]),
)


@given(some.lists(JSON | EVENT, max_size=3))
def test_any_json_is_read_or_refused(events: list[Any]) -> None:
    try:
        read = read_events({"events": events})
    except RefusedRequestError:
        return
    assert all(told.product_id > 0 for told in read)
