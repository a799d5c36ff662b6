"""Who is asked: the real service over HTTP, and its pipeline with retrievers left out.

Reads a built warehouse; writes nothing. An engine answers a text with product ids, best first.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from cordsearch.settings import Settings
from service.search.pipeline import SearchPipeline, SearchRequest
from service.search.retrievers import build_retrievers
from service.state import open_state

DEPTH = 100
RETRIEVERS = ("code", "fulltext", "trigram", "vector")
_START_SECONDS = 120


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": warehouse_url,
        "CORDSEARCH_DATA_DIRECTORY": str(settings.data_directory.resolve()),
        # Quality is measured here, not speed: on a busy machine no retriever may be left out.
        "CORDSEARCH_SEARCH_DEADLINE_MS": "10000",
        "CORDSEARCH_STATEMENT_TIMEOUT_MS": "10000",
    }
    command = [sys.executable, "-m", "cordsearch", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=Path.cwd(), stderr=subprocess.DEVNULL) as process:
        base_url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(process, base_url)
            yield Service(base_url)
        finally:
            process.terminate()


def _wait_until_ready(process: subprocess.Popen[bytes], base_url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base_url}/ready", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not become ready; start it by hand to see why: cordsearch serve")


async def search_with(
    settings: Settings, warehouse_url: str, selections: Sequence[frozenset[str]], texts: Sequence[str]
) -> list[list[list[int]]]:
    """Return, per selection of retrievers, the answers to ``texts`` of a pipeline that has only those."""
    patient = settings.model_copy(update={"search_deadline_ms": 10_000, "statement_timeout_ms": 10_000, "pool_size": 4})
    answers: list[list[list[int]]] = []
    async with open_state(patient, warehouse_url) as state:
        all_of_them = build_retrievers(state.encoder, smallest_similarity=patient.search_smallest_similarity)
        for selection in selections:
            chosen = [retriever for retriever in all_of_them if retriever.name in selection]
            pipeline = SearchPipeline(state.pool, state.vocabulary, chosen, patient)
            answers.append([await _products(pipeline, text) for text in texts])
    return answers


async def _products(pipeline: SearchPipeline, text: str) -> list[int]:
    answer = await pipeline.search(SearchRequest(text, limit=DEPTH))
    return [hit.product["product_id"] for hit in answer.hits]


def ablations() -> dict[str, frozenset[str]]:
    """Return the selections worth comparing: each retriever alone, and all but each."""
    alone = {f"{name} alone": frozenset({name}) for name in RETRIEVERS}
    # Codes are a matter of their own: without them nothing else is asked for a part number.
    words = {"all but " + name: frozenset(RETRIEVERS) - {name} for name in RETRIEVERS}
    return alone | words


def search_with_selections(settings: Settings, warehouse_url: str, texts: Sequence[str]) -> dict[str, list[list[int]]]:
    """Return the answers of every ablation, by its name."""
    selections = ablations()
    answers = asyncio.run(search_with(settings, warehouse_url, list(selections.values()), texts))
    return dict(zip(selections, answers, strict=True))
