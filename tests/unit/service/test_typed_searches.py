"""Of the searches of somebody who types, the query is what is kept."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from service.events.query_log import SearchRow
from service.events.typed_searches import TypedSearches


def search(text: str, page_offset: int = 0) -> SearchRow:
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    return SearchRow(uuid4().hex, moment, text, "uk", page_offset, 3, "found", None, degraded=False, took_ms=2.0)


async def kept(*typed: tuple[str, SearchRow]) -> list[str]:
    """Return what is kept when the service stops after these searches."""
    rows: list[SearchRow] = []
    searches = TypedSearches(rows.append)
    for who, row in typed:
        searches.offer(who, row)
    searches.settle_all()
    return [row.text for row in rows]


async def test_what_is_typed_on_or_taken_back_is_one_query() -> None:
    assert await kept(*(("a", search(text)) for text in ("а", "аморт", "амортизатор", "аморт", "амортизатор man"))) == [
        "амортизатор man"
    ]


async def test_another_query_keeps_the_one_before() -> None:
    assert await kept(("a", search("тяга")), ("a", search("насос"))) == ["тяга", "насос"]


async def test_people_who_type_at_once_are_told_apart() -> None:
    assert await kept(("a", search("тя")), ("b", search("на")), ("a", search("тяга")), ("b", search("насос"))) == [
        "тяга", "насос",
    ]  # fmt: skip


async def test_a_later_page_says_that_the_first_was_read() -> None:
    assert await kept(("a", search("тяга")), ("a", search("тяга", 12)), ("a", search("тяга man"))) == [
        "тяга", "тяга", "тяга man",
    ]  # fmt: skip


async def test_a_query_that_stands_is_kept_and_a_clicked_one_at_once() -> None:
    rows: list[SearchRow] = []
    stood = asyncio.Event()

    def keep(row: SearchRow) -> None:
        rows.append(row)
        stood.set()

    quick, slow = TypedSearches(keep, settle_seconds=0.001), TypedSearches(keep, settle_seconds=3_600)
    quick.offer("a", search("тяга"))
    await asyncio.wait_for(stood.wait(), timeout=30)
    clicked = search("насос")
    slow.offer("b", clicked)
    slow.settle(clicked.search_id)
    slow.settle("0" * 32)
    slow.settle_all()
    quick.settle_all()

    assert [row.text for row in rows] == ["тяга", "насос"]
