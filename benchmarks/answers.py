"""What rendering, marking and compressing an answer cost.

On the warehouse in ``--data-directory``, processor time of this process, medians: the same 20 hits as plain values and
through the published models, with and without marks, in turn; then the bytes and the time of every compression on those
answers; then the middleware around a small answer; then one product in full.

    python -m benchmarks.answers --data-directory .cordsearch
"""

import argparse
import asyncio
import gzip
import statistics
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Any

import brotli  # type: ignore[import-untyped]
import orjson
import zstandard
from fastapi import FastAPI
from starlette.types import Message, Scope
from starlette_compress import CompressMiddleware

from benchmarks.report import markdown_table, write_result
from cordsearch.analysis import places
from cordsearch.database import warehouse
from cordsearch.settings import Settings
from service.answers.manners import SMALLEST_COMPRESSED
from service.answers.parameters import Shape
from service.app import create_app
from service.presentation import search_answer
from service.schemas import SearchResponse
from service.search.highlight import Tags
from service.search.pipeline import SearchAnswer, SearchRequest
from service.tables import create_tables

QUERIES = ("тормозні колодки", "klocki hamulcowe", "амотризатор", "SEM1", "81.4", "фільтр масляний daf xf 105")
PLAIN = Shape("uk")
MARKED = Shape("uk", tags=Tags())
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip 1": lambda body: gzip.compress(body, 1),
    "gzip 4": lambda body: gzip.compress(body, 4),
    "brotli 1": lambda body: bytes(brotli.compress(body, quality=1)),
    "brotli 4": lambda body: bytes(brotli.compress(body, quality=4)),
    "zstd 1": lambda body: zstandard.ZstdCompressor(level=1).compress(body),
    "zstd 4": lambda body: zstandard.ZstdCompressor(level=4).compress(body),
}
Rows = list[list[object]]


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median processor time of ``work``."""
    times = []
    for _ in range(rounds):
        started = thread_time()
        work()
        times.append((thread_time() - started) * 1e6)
    return statistics.median(times)


def rendering(answer: SearchAnswer, rounds: int) -> list[float]:
    """Return the microseconds of the ways to render one answer."""

    def cold() -> None:
        places.words.cache_clear()
        search_answer(answer, MARKED)

    body = search_answer(answer, PLAIN) | {"next_cursor": None}  # which the route adds
    plain = microseconds(lambda: search_answer(answer, PLAIN), rounds)
    return [
        plain,
        microseconds(lambda: orjson.dumps(body), rounds),
        microseconds(lambda: SearchResponse.model_validate(body).model_dump_json(by_alias=True), rounds),
        microseconds(lambda: search_answer(answer, MARKED), rounds) - plain,
        microseconds(cold, rounds) - plain,
    ]


def compressing(bodies: list[bytes], rounds: int) -> Rows:
    """Return the bytes and the microseconds of every encoder, per answer."""
    rows: Rows = [["as it is", statistics.mean(map(len, bodies)), 0.0]]
    for name, compress in ENCODERS.items():
        times = [microseconds(partial(compress, body), rounds) for body in bodies]
        rows.append([name, statistics.mean(len(compress(body)) for body in bodies), statistics.mean(times)])
    return rows


async def call(app: FastAPI, path: str, accepted: bytes) -> float:
    """Return the microseconds of processor time of one request."""
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"accept-encoding", accepted)], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        assert message["type"] != "http.response.start" or message["status"] == 200, message["status"]

    started = thread_time()
    await app(scope, receive, send)
    return (thread_time() - started) * 1e6


async def in_turn(first: Callable[[], Awaitable[float]], second: Callable[[], Awaitable[float]], rounds: int) -> Rows:
    """Return the medians of two requests that alternate."""
    pairs = [(await first(), await second()) for _ in range(rounds)]
    return [[statistics.median(pair[0] for pair in pairs)], [statistics.median(pair[1] for pair in pairs)]]


async def measure(settings: Settings, url: str, rounds: int) -> tuple[str, dict[str, Any]]:
    """Return the tables, and the figures."""
    app, bare = create_app(settings, url), create_app(settings, url)
    bare.user_middleware = [each for each in bare.user_middleware if each.cls is not CompressMiddleware]  # type: ignore[comparison-overlap]
    async with app.router.lifespan_context(app), bare.router.lifespan_context(bare):
        answers = [await app.state.service.search.search(SearchRequest(query, 20)) for query in QUERIES]
        rendered: Rows = [
            [query, len(answer.hits), *rendering(answer, rounds)]
            for query, answer in zip(QUERIES, answers, strict=True)
        ]
        bodies = [orjson.dumps(search_answer(answer, PLAIN)) for answer in answers]
        squeezed = compressing(bodies, rounds)
        product = f"/products/{answers[0].hits[0].product['product_id']}"
        requests: Rows = []
        for path in ("/health", product):
            with_it, without = await in_turn(
                partial(call, app, path, b"gzip, br, zstd"),
                partial(call, bare, path, b"gzip, br, zstd"),
                rounds * 5,
            )
            requests.append([path if path == "/health" else "/products/{id}", *with_it, *without])
    header = ("query", "hits", "plain values", "orjson", "models instead", "marks", "marks of new words")
    tables = [
        markdown_table(header, rendered),
        markdown_table(("20 hits", "bytes", "microseconds"), squeezed),
        markdown_table((f"request (compressed from {SMALLEST_COMPRESSED} bytes)", "with it", "without"), requests),
    ]
    figures = {"unit": "microseconds", "rendering": rendered, "compression": squeezed, "requests": requests}
    return "\n\n".join(tables), figures


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    settings = Settings(data_directory=arguments.data_directory, search_deadline_ms=5_000)
    with warehouse(settings) as url:
        create_tables(url)
        tables, figures = asyncio.run(measure(settings, url, arguments.rounds))
    write_result("answers", figures, tables)


if __name__ == "__main__":
    main()
