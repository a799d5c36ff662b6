"""The shapes of events and reports, as OpenAPI publishes them. Pure.

Stage: service, HTTP.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.bounds import LARGEST_ID
from service.schemas import Language

MOST_EVENTS = 1_000
LARGEST_POSITION = 100_000
LONGEST_PERIOD_DAYS = 366

_EVENTS: dict[str, JsonValue] = {
    "events": [
        {
            "event_id": "0b6d1f3e-52a7-4f0e-9f0c-3f7a0f1f6a11",
            "kind": "click",
            "search_id": "5f2c1b8e9d3a4c6f8e7d6c5b4a392817",
            "product_id": 1042,
            "position": 3,
        },
        {"event_id": "7d0f9a34-0f5b-4a53-8c61-5a5d7f0b2f10", "kind": "purchase", "product_id": 1042},
    ]
}
_TOP: dict[str, JsonValue] = {
    "since": "2026-01-05",
    "days": 7,
    "smallest_count": 1,
    "searches": 5120,
    "queries": [
        {
            "query": "тормозні колодки",
            "searches": 212,
            "nothing": 0,
            "only_similar": 0,
            "clicks": 158,
            "click_share": 0.62,
            "average_click_position": 2.4,
        }
    ],
}
_ZERO: dict[str, JsonValue] = {
    "since": "2026-01-05",
    "days": 7,
    "smallest_count": 1,
    "searches": 5120,
    "queries": [{"query": "багажник на дах", "searches": 9, "nothing": 4, "only_similar": 5, "last_day": "2026-01-11"}],
}


class _Event(BaseModel):
    """What every event says."""

    model_config = ConfigDict(extra="forbid")

    event_id: UUID = Field(description="Made by the client, once per event: what is sent again is counted once.")
    product_id: int = Field(ge=1, le=LARGEST_ID)
    position: int | None = Field(
        default=None, ge=1, le=LARGEST_POSITION, description="Place among the hits, from 1; offset included."
    )


class SearchEvent(_Event):
    """A product was shown, or opened, from the answer to a search."""

    kind: Literal["impression", "click"]
    search_id: UUID = Field(description="`search_id` of the answer; on later pages that of the first.")


class ShopEvent(_Event):
    """A product was put into a cart, or bought."""

    kind: Literal["cart", "purchase"]
    search_id: UUID | None = Field(default=None, description="The search that led to it, if one did.")


ShopperEvent = Annotated[SearchEvent | ShopEvent, Field(discriminator="kind")]


class EventsRequest(BaseModel):
    """What happened, in any order."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EVENTS})

    events: list[ShopperEvent] = Field(min_length=1, max_length=MOST_EVENTS)


class EventsAccepted(BaseModel):
    """How many events will be written, and how many keys came more than once in this request.

    An event that was accepted before, or the same kind for the same product and search, is accepted and not counted.
    """

    accepted: int = Field(ge=0)
    repeated: int = Field(ge=0)


class ReportParameters(BaseModel):
    """The query string of a report."""

    days: int = Field(default=7, ge=1, le=LONGEST_PERIOD_DAYS, description="The last days (UTC), today among them.")
    limit: int = Field(default=50, ge=1, le=1_000, description="Queries wanted.")
    language: Language | None = Field(default=None, description="Only searches that asked for names in this language.")


class _Report(BaseModel):
    """What both reports say."""

    since: date = Field(description="The first day (UTC).")
    days: int
    smallest_count: int = Field(description="Queries searched less often in this period are not listed.")
    searches: int = Field(description="All searches of the period, first pages only.")


class _Query(BaseModel):
    """What both reports say of a query."""

    query: str = Field(description="Folded: lower case, no accents, single blanks.")
    searches: int
    nothing: int = Field(description="Searches without a filter that found nothing.")
    only_similar: int = Field(description="Searches without a filter that found only what is near in meaning.")


class TopQuery(_Query):
    """A query, how often it was searched, and what became of it."""

    clicks: int
    click_share: float = Field(ge=0, le=1, description="Share of the searches in which something was clicked.")
    average_click_position: float | None = Field(description="From 1; null without a click that told its position.")


class TopQueries(_Report):
    """The most searched queries."""

    model_config = ConfigDict(json_schema_extra={"example": _TOP})

    queries: list[TopQuery]


class ZeroResultQuery(_Query):
    """A query that found nothing, or only what is near in meaning."""

    last_day: date = Field(description="The last day on which it did.")


class ZeroResults(_Report):
    """The queries that most often found nothing."""

    model_config = ConfigDict(json_schema_extra={"example": _ZERO})

    queries: list[ZeroResultQuery]
