"""What counting costs a search, and what freshness costs the database.

On the warehouse in ``--data-directory``: the same requests alternate between two applications in one process, one that
counts and one that does not, so that whatever else the machine does falls on both. Then the middleware alone around
an application that does nothing, and the time of ``/freshness``, ``/metrics`` and one observation.

    python -m benchmarks.telemetry --data-directory .cordsearch
"""

import argparse
import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.report import markdown_table, write_result
from cordsearch.database import warehouse
from cordsearch.freshness import observe
from cordsearch.settings import Settings
from service.app import create_app
from service.telemetry import RequestTimer, Telemetry

QUERIES = ("SEM143", "тяга", "81432206012", "тормозні колодки", "klocki hamulcowe", "nzuf", "амотризатор")
EMPTY_ROUNDS = 20_000
ROUNDS_OF_OTHERS = 30


class Uncounted(Telemetry):
    """Counts nothing."""

    def search(self, runs: Any) -> None:
        """Leave the runs alone."""


def uncounted(settings: Settings, url: str) -> FastAPI:
    """Return the application without its middleware and without counting retrievers."""
    app = create_app(settings, url)
    app.user_middleware = [each for each in app.user_middleware if each.cls is not RequestTimer]  # type: ignore[comparison-overlap]
    app.state.telemetry = Uncounted()
    return app


async def call(app: ASGIApp, path: str, query: str = "") -> float:
    """Return the milliseconds until the answer is complete."""
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] in (200, 204), message["status"]

    started = perf_counter()
    await app(scope, receive, send)
    return (perf_counter() - started) * 1000


async def empty(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    """Answer nothing."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def alternate(
    first: Callable[[], Awaitable[float]], second: Callable[[], Awaitable[float]]
) -> tuple[float, float]:
    """Run both, in an order drawn by lot: the second of two equal searches finds warmer caches."""
    if random.random() < 0.5:
        one = await first()
        return one, await second()
    other = await second()
    return await first(), other


async def measure(settings: Settings, url: str, rounds: int) -> tuple[list[list[object]], dict[str, Any]]:
    """Return the rows of the table, and the figures."""
    async with AsyncExitStack() as stack:
        apps = [create_app(settings, url), uncounted(settings, url)]
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
        counting, plain = apps
        requests = [f"q={quote(query)}" for query in QUERIES]
        pairs: list[tuple[float, float]] = []
        for number in range(rounds + 3):
            for query in requests:
                pair = await alternate(
                    lambda query=query: call(counting, "/search", query),  # type: ignore[misc]
                    lambda query=query: call(plain, "/search", query),  # type: ignore[misc]
                )
                pairs += [pair] if number >= 3 else []
        timed = RequestTimer(empty, Telemetry())
        bare = [await alternate(lambda: call(timed, "/"), lambda: call(empty, "/")) for _ in range(EMPTY_ROUNDS)]
        others = {
            path: [await call(counting, path) for _ in range(ROUNDS_OF_OTHERS)] for path in ("/freshness", "/metrics")
        }
    others["one observation"] = [await asyncio.to_thread(_observation, url) for _ in range(ROUNDS_OF_OTHERS)]
    rows: list[list[object]] = [
        ["search, counted", *_summary([pair[0] for pair in pairs])],
        ["search, not counted", *_summary([pair[1] for pair in pairs])],
        ["difference within a pair", *_summary([pair[0] - pair[1] for pair in pairs])],
        ["the middleware alone", *_summary([pair[0] - pair[1] for pair in bare])],
        *([name, *_summary(times)] for name, times in others.items()),
    ]
    figures = {str(row[0]): {"median_ms": row[1], "p95_ms": row[2]} for row in rows}
    return rows, {"searches_each": len(pairs), "figures": figures}


def _observation(url: str) -> float:
    started = perf_counter()
    observe(url)
    return (perf_counter() - started) * 1000


def _summary(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    settings = Settings(data_directory=arguments.data_directory, search_deadline_ms=5_000)
    with warehouse(settings) as url:
        rows, figures = asyncio.run(measure(settings, url, arguments.rounds))
    write_result("telemetry", figures, markdown_table(("milliseconds", "median", "p95"), rows))


if __name__ == "__main__":
    main()
