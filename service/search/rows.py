"""Database rows as candidates.

Stage: service, inside the retrievers. Every retriever's SQL ends in the same columns; this reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from service.search.candidate import Candidate, Signals

Row = Mapping[str, Any]
# Above every character in the "C" collation, so that [prefix, prefix + HIGHEST) holds all that begin with prefix.
HIGHEST = "\U0010ffff"


class Connection(Protocol):
    """The one thing a retriever needs of an asyncpg connection."""

    async def fetch(self, query: str, *arguments: object) -> Sequence[Row]:
        """Run a statement with bound arguments and return its rows."""


def signals(row: Row) -> Signals:
    """Return the signal columns of a candidate row."""
    return Signals(
        available=row["available"],
        popularity=row["popularity"],
        freshness=row["freshness"],
        data_quality=row["data_quality"],
        static_quality=row["static_quality"],
        has_image=row["has_image"],
        has_price=row["has_price"],
        for_web=row["for_web"],
    )


def candidate(row: Row, *, coverage: float, matched: str) -> Candidate:
    """Return the candidate of ``row``."""
    return Candidate(row["product_id"], row["score"], coverage, matched, signals(row))
