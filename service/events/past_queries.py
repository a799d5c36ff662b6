"""Past queries that autocomplete offers: what many searched for, and found.

Stage: service, in the background. Reads ``events.query_day``; writes nothing.

Offered are queries of words the catalogue has, the last one whole, because people type on after half a word. That
leaves out slips of the finger, unfinished typing, and names and addresses of persons. Nothing with as many digits as a
telephone number is offered.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from cordsearch.analysis.lexemes import STOP_WORDS
from cordsearch.analysis.tokens import tokenise_folded
from cordsearch.sql import load_query
from service.events.demand import HALF_LIFE_DAYS
from service.events.personal import may_be_offered
from service.search.autocomplete import UNDETERMINED, language_of
from service.search.phrases import Phrase
from service.search.rows import Connection, Row

_MOST = 5_000  # in memory; more would make searches wait while they are sorted
_SHORTEST = 3


class KnownWords(Protocol):
    """What choosing past queries needs of the catalogue's words."""

    def knows(self, word: str) -> bool:
        """Tell whether the folded ``word``, or another form of it, occurs in the catalogue."""

    def holds(self, word: str) -> bool:
        """Tell whether the folded ``word`` itself occurs in the catalogue."""


async def load_past_queries(connection: Connection, smallest_count: int) -> Sequence[Row]:
    """Return texts, and their decayed number of searches as ``weight``, heaviest first.

    Raises asyncpg and OS errors.
    """
    return await connection.fetch(load_query(__file__, "sql/past_queries.sql"), HALF_LIFE_DAYS, smallest_count, _MOST)


def choose_past_queries(rows: Iterable[Row], words: KnownWords) -> list[Phrase]:
    """Return what may be offered, ``popularity`` as a share of the most searched one's."""
    offered = [row for row in rows if may_be_offered(row["text"]) and _is_whole(row["text"], words)]
    heaviest = max((row["weight"] for row in offered), default=1.0)
    return [
        Phrase(row["text"], row["text"], language_of(row["text"]) or UNDETERMINED, 0, row["weight"] / heaviest)
        for row in offered
    ]


def _is_whole(text: str, words: KnownWords) -> bool:
    spoken = [token.text for token in tokenise_folded(text) if token.kind == "word" and token.text not in STOP_WORDS]
    if len(text) < _SHORTEST or not spoken or not all(map(words.knows, spoken)):
        return False
    return not text.endswith(spoken[-1]) or words.holds(spoken[-1])
