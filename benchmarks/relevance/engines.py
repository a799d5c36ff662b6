"""Who is asked: the real service over HTTP, and its pipeline with retrievers left out.

Reads a built warehouse; writes nothing. An engine answers a text with product ids, best first.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx

from benchmarks import served
from cordsearch.settings import Settings
from service.search.fusion import fuse
from service.search.pipeline import SearchAnswer, SearchRequest
from service.search.rank import LinearRanker
from service.state import open_state
from service.telemetry import Telemetry

DEPTH = 100
RETRIEVERS = ("code", "fulltext", "trigram", "vector")
COMPARISON = "comparison"


class Engine(Protocol):
    """Something that searches."""

    name: str

    def search(self, text: str) -> list[int]:
        """Return at most :data:`DEPTH` product ids, best first."""


@dataclass(frozen=True)
class Answer:
    """What the service said: products best first, those it called exact code matches, and times in milliseconds."""

    products: list[int]
    exact: list[int]
    understand_ms: float
    took_ms: float


class Service:
    """The real service over HTTP."""

    name = "Cord Search"

    def __init__(self, base_url: str) -> None:
        """Keep one connection to ``base_url`` open."""
        self.base_url = base_url
        self._client = httpx.Client(base_url=base_url, timeout=30)

    def ask(self, text: str) -> Answer:
        """Return the whole answer. Raises httpx.HTTPStatusError, or RuntimeError when a part of it is missing."""
        response = self._client.get("/search", params={"q": text, "limit": DEPTH})
        response.raise_for_status()
        body = response.json()
        if body["degraded"]:
            raise RuntimeError(f"the service answered {text!r} without one of its retrievers; is the machine too busy?")
        exact = [hit["product_id"] for hit in body["hits"] if any(map(_is_exact_code, hit["reasons"]))]
        products = [hit["product_id"] for hit in body["hits"]]
        return Answer(products, exact, body["timings_ms"]["understand"], body["took_ms"])

    def search(self, text: str) -> list[int]:
        """Return the products only."""
        return self.ask(text).products


def _is_exact_code(reason: dict[str, object]) -> bool:
    return reason["retriever"] == "code" and reason["score"] == 1.0


@contextmanager
def running_service(warehouse_url: str, settings: Settings) -> Iterator[Service]:
    """Start ``cordsearch serve`` on a free port of the loopback, and stop it at the end of the block."""
    # Quality is measured here, not speed: on a busy machine no retriever may be left out.
    patient = {
        "CORDSEARCH_SEARCH_DEADLINE_MS": "10000",
        "CORDSEARCH_STATEMENT_TIMEOUT_MS": "10000",
        "CORDSEARCH_RATE_LIMIT_ADDRESS": "none",
    }
    with served.running_service(warehouse_url, settings.data_directory, patient) as (base_url, _):
        yield Service(base_url)


def ablations() -> dict[str, frozenset[str]]:
    """Return the selections worth comparing: each retriever alone, all but each, and all without the comparison step.

    The comparison of every product with the query belongs to the vector retriever; alone, no retriever has it.
    """
    alone = {f"{name} alone": frozenset({name}) for name in RETRIEVERS}
    others = {f"all but {name}": frozenset(RETRIEVERS) - {name} | {COMPARISON} for name in RETRIEVERS}
    others["all but vector"] -= {COMPARISON}
    return alone | others | {"all but comparison": frozenset(RETRIEVERS)}


def search_with_selections(settings: Settings, warehouse_url: str, texts: Sequence[str]) -> dict[str, list[list[int]]]:
    """Return, by the name of the ablation, its answers to ``texts``.

    Each text is searched once by the service's own pipeline, in this process; a selection then fuses and ranks what its
    retrievers found, as the pipeline does. One more has all of them and fuses by score.
    """
    # Vectors always: a list that follows from another retriever's says nothing about the vectors alone.
    patience = {"search_deadline_ms": 10_000, "statement_timeout_ms": 10_000}
    patient = settings.model_copy(update={**patience, "pool_size": 4, "search_vectors": "always"})
    answers = asyncio.run(_all_answers(patient, warehouse_url, texts))
    found = {name: [_select(patient, answer, chosen) for answer in answers] for name, chosen in ablations().items()}
    by_score = patient.model_copy(update={"search_fusion": "score"})
    whole = frozenset(RETRIEVERS) | {COMPARISON}
    return found | {"fused by score": [_select(by_score, answer, whole) for answer in answers]}


async def _all_answers(settings: Settings, warehouse_url: str, texts: Sequence[str]) -> list[SearchAnswer]:
    async with open_state(settings, warehouse_url, Telemetry()) as state:
        return [await state.search.search(SearchRequest(text, limit=1)) for text in texts]


def _select(settings: Settings, answer: SearchAnswer, chosen: frozenset[str]) -> list[int]:
    runs = [run for run in answer.runs if run.name in chosen]
    found_by_code = any(run.name == "code" and run.retrieved.candidates for run in answer.runs)
    fused = fuse(
        runs,
        settings.search_retriever_weights,
        settings.search_rrf_constant,
        settings.search_fusion,
        compared=COMPARISON in chosen and not found_by_code,
    )
    return [each.fused.product_id for each in LinearRanker(settings.ranking_weights).rank(fused)[:DEPTH]]
