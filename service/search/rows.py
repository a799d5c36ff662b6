"""Database rows as candidates.

Stage: service, inside the retrievers. Every retriever's SQL ends in the same columns; this reads them.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol

from service.search.candidate import Candidate, Closeness, Signals

Row = Mapping[str, Any]
# Above every character in the "C" collation, so that [prefix, prefix + HIGHEST) holds all that begin with prefix.
HIGHEST = "\U0010ffff"


class Connection(Protocol):
    """The one thing a retriever needs of an asyncpg connection."""

    async def fetch(self, query: str, *arguments: object) -> Sequence[Row]:
        """Run a statement with bound arguments and return its rows."""


_SIGNALS = itemgetter(*Signals._fields)


def signals(row: Row) -> Signals:
    """Return the signal columns of a candidate row."""
    return Signals._make(_SIGNALS(row))


def candidate(row: Row, coverage: float, matched: str, closeness: Closeness | None = None) -> Candidate:
    """Return the candidate of ``row``."""
    return Candidate(row["product_id"], row["score"], coverage, matched, signals(row), 0, closeness)
