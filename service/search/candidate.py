"""What travels between the steps of a search: candidates, their signals, and where they came from. Pure.

Stage: service, between retrieval and the response. Reads and writes nothing.

What exists a few hundred times per request is a named tuple: a frozen dataclass takes three times as long to make.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Status = Literal["ok", "timeout", "failed", "skipped", "spared", "off"]


class Signals(NamedTuple):
    """What the catalogue says of a product whatever the query; quantities are shares from 0 to 1."""

    available: bool
    popularity: float
    freshness: float
    data_quality: float
    static_quality: float
    has_image: bool
    has_price: bool
    for_web: bool


class Closeness(NamedTuple):
    """How near a product is to the whole query, whichever retriever proposed it.

    ``similarity`` is the cosine of the vectors, -1 to 1. ``vehicle`` is the share of the vehicle's words that the
    product has, 0 to 1; ``other_vehicle`` says that it names another make and none of them, or another model instead.
    """

    similarity: float
    vehicle: float
    other_vehicle: bool


class Candidate(NamedTuple):
    """A product that one retriever proposes.

    ``score`` is the retriever's own and only comparable within its list. ``coverage`` is the share of what the
    person typed that the product is known to match, from 0 (only near by vector) to 1 (all of it). ``matched`` says
    by what. ``make`` tells products with the same number for different makes apart. ``closeness`` is None where nothing
    was compared: the query has no meaning to compare with, or the product no vector.
    """

    product_id: int
    score: float
    coverage: float
    matched: str
    signals: Signals
    make: int = 0
    closeness: Closeness | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The ranked list of one retriever: best first, ``total`` matches of which the list may be the head.

    ``bounded`` is True when the retriever stopped counting at its bound, so ``total`` is a lower limit. ``is_filled``:
    as many as were wanted, and each matches every word.
    """

    candidates: Sequence[Candidate]
    total: int
    bounded: bool
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class RetrieverRun:
    """How one retriever fared in one request; ``took_ms`` in milliseconds.

    ``began_ms`` after the first of them. ``skipped``: the query holds nothing for it. ``spared``: its list follows from
    what the others found.
    """

    name: str
    status: Status
    took_ms: float
    retrieved: Retrieved
    began_ms: float = 0.0


class Evidence(NamedTuple):
    """That ``retriever`` had the product at ``rank`` (from 1) with ``score`` because of ``matched``.

    ``share`` is what that adds to the fused score.
    """

    retriever: str
    rank: int
    score: float
    matched: str
    share: float = 0.0


class Fused(NamedTuple):
    """A product with its fused score and everything that led to it; ``demand`` of shoppers, 0 to 1."""

    product_id: int
    score: float
    coverage: float
    evidence: tuple[Evidence, ...]
    signals: Signals
    closeness: Closeness | None = None
    demand: float = 0.0


class Ranked(NamedTuple):
    """A product in its final place; ``relevance`` and ``similarity``: fused score and cosine as shares of the best.

    ``boost`` is what staff add to the score, and part of it; ``pinned``: staff gave it this place.
    """

    fused: Fused
    score: float
    relevance: float
    similarity: float = 0.0
    boost: float = 0.0
    pinned: bool = False


NOTHING = Retrieved((), 0, bounded=False)
