"""Other engines beside the service: the same judged queries, catalogue, machine and run; how fast, and how good.

The service answers over HTTP with everything a page shows; the peers answer in this process with product ids only, so
what is left out is in their favour. Each is set up as its own documentation recommends: see
``benchmarks.relevance.peers``.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.latency.figures import summary
from benchmarks.latency.processes import Meter
from benchmarks.latency.queries import SEED, Question, search_address
from benchmarks.latency.service_part import UNLIMITED, measured_loop, postmaster
from benchmarks.relevance.catalogue import read_parts, sibling_types
from benchmarks.relevance.evaluation import JudgedSet, judge
from benchmarks.relevance.measures import mean, score
from benchmarks.relevance.needs import read_queries, read_siblings
from benchmarks.relevance.peers import HybridPeer, active_encoder, open_connection, open_peers
from benchmarks.served import running_service
from cordsearch.database import connect, warehouse
from cordsearch.errors import CordSearchError
from cordsearch.pipeline import demo_description, demo_source_url
from cordsearch.settings import Settings
from ingest.demo.vocabulary import load_vocabulary

DEPTH = 20  # a page of the storefront
CLIENTS = 4
SERVICE = "Cord Search, over HTTP"
_AT_A_TIME = 50

Search = Callable[[str], list[int]]


def measure_peers(directory: Path, queries: int, seconds: float, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return times and nDCG@10 by engine on ``queries`` judged queries; and how many a second service and hybrid do.

    ``seconds`` is for how long the hybrid in SQL is asked by several at once; ``changed`` are settings of the service.
    """
    settings = Settings(data_directory=directory, DATABASE_URL=None)
    with ExitStack() as uses:
        url = uses.enter_context(warehouse(settings))
        judged = judged_queries(url, queries)
        texts = [query.text for query in judged.queries]
        others = other_texts(texts, queries)
        base_url, process_id = uses.enter_context(running_service(url, directory, {**UNLIMITED, **changed}))
        peers = uses.enter_context(open_peers(settings, url, DEPTH))
        engines: dict[str, Search] = {SERVICE: uses.enter_context(closing(OverHttp(base_url))).search}
        engines |= {peer.name: peer.search for peer in peers}
        rows = [
            {"name": name, **summary(times), "ndcg_10": ndcg(judged, answers)}
            for name, (times, answers) in answers_in_turn(engines, texts, others).items()
        ]
        sessions = [[Question("judged", search_address(text))] for text in texts]
        meter = Meter(process_id, postmaster(settings))
        ours = asyncio.run(measured_loop(base_url, sessions, CLIENTS, meter))
        theirs = hybrid_per_second(settings, url, texts, seconds)
        with connect(url) as connection:
            row = connection.execute("select count(*) from staging_marts.dim_product_search").fetchone()
    throughput = {SERVICE: ours["per_second"], "RRF hybrid in SQL": theirs}
    return {
        "products": row[0] if row else 0, "queries": len(texts), "depth": DEPTH, "engines": rows, "clients": CLIENTS,
        "per_second": throughput,
    }  # fmt: skip


class OverHttp:
    """The service, asked over one connection that stays open."""

    def __init__(self, base_url: str) -> None:
        """Connect with the first search."""
        parts = urlsplit(base_url)
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=30)

    def search(self, text: str) -> list[int]:
        """Return product ids, best first. Raises RuntimeError when the service does not answer with 200."""
        try:
            response = self._asked(text)
        except RemoteDisconnected:  # closed while slower engines had their turn
            self._connection.close()
            response = self._asked(text)
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"the service answered {response.status} to a search for {text!r}")
        return [hit["product_id"] for hit in orjson.loads(body)["hits"]]

    def _asked(self, text: str) -> HTTPResponse:
        self._connection.request("GET", search_address(text))
        return self._connection.getresponse()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def judged_queries(warehouse_url: str, count: int) -> JudgedSet:
    """Return judged queries, ``count`` drawn by the seed less those that nothing in the catalogue serves.

    Drawn before they are judged, which takes a third of a second each at full size. Raises CordSearchError when the
    source is not the demo.
    """
    source_url = demo_source_url(warehouse_url)
    described = re.match(r"demo catalogue: (\d+) products, seed (\d+)", demo_description(source_url) or "")
    if described is None:
        raise CordSearchError("Peers are compared on the demo catalogue, whose products are known for what they are.")
    products, seed = map(int, described.groups())
    queries = read_queries()
    drawn = random.Random(SEED).sample(queries, min(count, len(queries)))
    return judge(drawn, read_parts(source_url, products, seed), sibling_types(load_vocabulary(), read_siblings()))


def other_texts(texts: Sequence[str], count: int) -> list[str]:
    """Return ``count`` texts of the judged set that are not among ``texts``, drawn by the seed."""
    left = sorted({query.text for query in read_queries()} - set(texts))
    return random.Random(SEED).sample(left, min(count, len(left)))


def answers_in_turn(
    engines: Mapping[str, Search], texts: Sequence[str], warm_up: Sequence[str]
) -> dict[str, tuple[list[float], list[list[int]]]]:
    """Return milliseconds and answers of every text by engine.

    The engines take turns, some texts each, so that all meet the same noise of the machine. Other texts warm each up:
    an engine that was filled a moment ago has its pages in memory, one that was filled last week does not.
    """
    for search in engines.values():
        for text in warm_up:
            search(text)
    found: dict[str, tuple[list[float], list[list[int]]]] = {name: ([], []) for name in engines}
    for start in range(0, len(texts), _AT_A_TIME):
        for name, search in engines.items():
            times, answers = found[name]
            for text in texts[start : start + _AT_A_TIME]:
                started = time.perf_counter()
                answer = search(text)
                times.append((time.perf_counter() - started) * 1000)
                answers.append(answer)
    return found


def ndcg(judged: JudgedSet, answers: Sequence[list[int]]) -> float:
    """Return the mean nDCG@10 of answers in the order of the judged queries."""
    keys = [query.key for query in judged.queries]
    return mean(list(score(judged.grades, dict(zip(keys, answers, strict=True))).values())).ndcg_10


def hybrid_per_second(settings: Settings, warehouse_url: str, texts: Sequence[str], seconds: float) -> float:
    """Return how many queries a second the hybrid in SQL answers to several clients, each with a connection."""
    encoder = active_encoder(settings, warehouse_url)
    ends = time.perf_counter() + seconds

    def ask(number: int) -> int:
        answered = 0
        with open_connection(warehouse_url, DEPTH) as connection:
            peer = HybridPeer(connection, encoder, DEPTH)
            for text in _from(texts, number):
                if time.perf_counter() > ends:
                    break
                peer.search(text)
                answered += 1
        return answered

    with ThreadPoolExecutor(CLIENTS) as threads:
        return sum(threads.map(ask, range(CLIENTS))) / seconds


def _from(texts: Sequence[str], number: int) -> Iterator[str]:
    """Return the texts again and again, each client from another place on."""
    start = number * len(texts) // CLIENTS
    return cycle([*texts[start:], *texts[:start]])
