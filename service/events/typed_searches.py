"""Searches of pages that search at every keystroke: of ``а``, ``ам``, ``аморт`` the last one is the query.

Stage: service, before the query log. Holds the last search of everybody who types, in memory only; hands it to the log
when it has stood for some seconds, when another query follows that does not go on from it, or when something came of it
(a click). Who typed is forgotten then, and never written.
"""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from service.events.query_log import SearchRow

SETTLE_SECONDS: Final = 5.0
_MOST_WAITING: Final = 10_000


class _Waiting(NamedTuple):
    """A search that may be typed on, and what will settle it."""

    row: SearchRow
    timer: asyncio.TimerHandle


class TypedSearches:
    """The searches being typed at this moment. One event loop only."""

    def __init__(self, keep: Callable[[SearchRow], None], settle_seconds: float = SETTLE_SECONDS) -> None:
        """``keep`` takes the searches that are queries."""
        self._keep, self._settle_seconds = keep, settle_seconds
        self._waiting: dict[str, _Waiting] = {}
        self._typists: dict[str, str] = {}  # by search id

    def offer(self, who: str, row: SearchRow) -> None:
        """Take the newest search of ``who``; later pages are no typing, and kept with the search before them."""
        before = self._take(who)
        if before is not None and (row.page_offset or not _goes_on(before.text, row.text)):
            self._keep(before)
        if row.page_offset or len(self._waiting) >= _MOST_WAITING:
            self._keep(row)
            return
        timer = asyncio.get_running_loop().call_later(self._settle_seconds, self._settle, who)
        self._waiting[who] = _Waiting(row, timer)
        self._typists[row.search_id] = who

    def settle(self, search_id: str) -> None:
        """Keep the search of this id now, if it waits: something came of it."""
        who = self._typists.get(search_id)
        if who is not None:
            self._settle(who)

    def settle_all(self) -> None:
        """Keep all that wait: the service stops."""
        for who in list(self._waiting):
            self._settle(who)

    def _settle(self, who: str) -> None:
        row = self._take(who)
        if row is not None:
            self._keep(row)

    def _take(self, who: str) -> SearchRow | None:
        waiting = self._waiting.pop(who, None)
        if waiting is None:
            return None
        waiting.timer.cancel()
        del self._typists[waiting.row.search_id]
        return waiting.row


def _goes_on(before: str, after: str) -> bool:
    """Whether ``after`` is ``before`` typed on, taken back in part, or asked again with other filters."""
    return after.startswith(before) or before.startswith(after)
