"""What happened to products: impressions, clicks, carts and purchases, written in the background.

Stage: service. Reads what a storefront sends; writes ``events.event`` and the counts by day of products and queries.
An event that was accepted is not lost while the process lives; when there is no room, none is accepted.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg

from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query
from service.events.batches import BatchWriter

EventKind = Literal["impression", "click", "cart", "purchase"]


class EventRow(NamedTuple):
    """A row of ``events.event``, in the order of its columns."""

    event_id: UUID
    kind: EventKind
    search_id: UUID | None
    product_id: int
    position: int | None
    received_at: datetime


class NoRoomError(CordSearchError):
    """More events wait to be written than the service may hold."""


class EventLog:
    """Takes events from storefronts."""

    def __init__(self, queue: BatchWriter[EventRow]) -> None:
        self._queue = queue

    def accept(self, events: Iterable[tuple[UUID, EventKind, UUID | None, int, int | None]]) -> int:
        """Queue events (key, kind, search, product, position), each key once; return how many keys there were.

        Raises:
            NoRoomError: not one of them was taken.
        """
        now = datetime.now(UTC)
        rows = {event[0]: EventRow(*event, now) for event in events}
        if not self._queue.offer(list(rows.values())):
            raise NoRoomError("Too many events wait to be written. None of these was taken; send them again shortly.")
        return len(rows)


async def write_events(pool: asyncpg.Pool, rows: Sequence[EventRow]) -> None:
    """Write ``rows`` that are not there yet. Raises asyncpg and OS errors."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(load_query(__file__, "sql/one_writer.sql"))
        await connection.fetch(load_query(__file__, "sql/write_events.sql"), *columns)
