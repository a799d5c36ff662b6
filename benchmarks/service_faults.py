"""What the service answers with twice the work it can do, and while PostgreSQL is killed and started again.

Starts an embedded PostgreSQL of its own and a service on it, in ``--data-directory`` (the demo catalogue is built there
when there is none). Finds the rate that the service can just answer, then

1. sends twice as many requests for ``--seconds``: answers may only be 200, 429 and 503 with Retry-After;
2. sends half as many and kills PostgreSQL (SIGKILL) in the middle: no other error may come, and searches must be
   answered again within five seconds after PostgreSQL is back.

    python -m benchmarks.service_faults --data-directory .cordsearch-faults --products 20000

Fails when an answer was another one. Client, service and database share the processors of the machine.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.latency.figures import summary
from benchmarks.open_loop import Answered, addresses, capacity, open_loop
from benchmarks.report import markdown_table, write_result
from benchmarks.served import running_service
from cordsearch.database import connect, embedded_server, warehouse
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.pipeline import build_demo_source, build_search, demo_source_url
from cordsearch.settings import Settings

TARGET_MS = 98.0
RECOVERY_SECONDS = 5.0
_PROBE_SECONDS = 5.0
_AT_ONCE = 8


def kill(server: EmbeddedPostgres) -> None:
    """Kill the postmaster and wait until the kernel has forgotten it."""
    os.kill(int((server.data_directory / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    while server.is_running():
        time.sleep(0.02)


async def overload(base_url: str, rate: float, seconds: float) -> dict[str, Any]:
    """Return the figures of ``seconds`` with ``rate`` requests per second."""
    answers = await open_loop(base_url, rate, addresses(int(rate * seconds)))
    accepted = [each.milliseconds for each in answers if each.status == 200]
    refused = [each.milliseconds for each in answers if each.status in (429, 503)]
    return {
        "rate": rate, "requests": len(answers), "statuses": _statuses(answers), "wrong": _wrong(answers),
        "accepted_ms": summary(accepted), "refused_ms": summary(refused),
    }  # fmt: skip


async def killed(
    base_url: str, rate: float, seconds: float, server: EmbeddedPostgres, uses: ExitStack
) -> dict[str, Any]:
    """Return the figures of ``seconds`` in which PostgreSQL is killed after a third and started again at once.

    ``uses`` keeps the new server until the end.
    """
    load = asyncio.create_task(open_loop(base_url, rate, addresses(int(rate * seconds))))
    began = time.perf_counter()
    await asyncio.sleep(seconds / 3)
    away = time.perf_counter() - began
    await asyncio.to_thread(kill, server)
    await asyncio.to_thread(uses.enter_context, server.running())
    back = time.perf_counter() - began
    answers = await load
    first = next((each for each in answers if each.due > back and each.status == 200), None)
    last_refused = max((each.due for each in answers if each.status != 200), default=away)
    return {
        "rate": rate, "requests": len(answers), "statuses": _statuses(answers), "wrong": _wrong(answers),
        "away_seconds": back - away,
        "first_answer_after_back_seconds": None if first is None else first.due + first.milliseconds / 1000 - back,
        "last_refusal_after_back_seconds": max(0.0, last_refused - back),
    }  # fmt: skip


def _statuses(answers: Sequence[Answered]) -> dict[str, int]:
    return {str(status): count for status, count in sorted(Counter(each.status for each in answers).items())}


def _wrong(answers: Sequence[Answered]) -> int:
    """How many were neither answered nor told when to come again."""
    return sum(each.status != 200 and not (each.status in (429, 503) and each.retry_after) for each in answers)


async def measure(
    base_url: str, arguments: argparse.Namespace, server: EmbeddedPostgres, uses: ExitStack
) -> dict[str, Any]:
    """Return the figures of both parts."""
    await capacity(base_url, 1.0, _AT_ONCE)
    found = await capacity(base_url, _PROBE_SECONDS, _AT_ONCE)
    return {
        "capacity_per_second": found,
        "overload": await overload(base_url, 2 * found, arguments.seconds),
        "killed": await killed(base_url, found / 2, arguments.kill_seconds, server, uses),
    }


def as_markdown(figures: dict[str, Any]) -> str:
    """Return the figures as a table."""
    overloaded, restarted = figures["overload"], figures["killed"]
    rows = [
        ["requests per second it can just answer", f"{figures['capacity_per_second']:.0f}"],
        ["sent with twice as many", f"{overloaded['requests']:,}; answers by status: {overloaded['statuses']}"],
        ["of the accepted: p50, p99, worst ms", _times(overloaded["accepted_ms"])],
        ["of the refused: p50, p99, worst ms", _times(overloaded["refused_ms"])],
        ["sent with half as many, PostgreSQL killed", f"{restarted['requests']:,}; {restarted['statuses']}"],
        ["PostgreSQL away, s", f"{restarted['away_seconds']:.1f}"],
        ["first answer after it is back, s", f"{restarted['first_answer_after_back_seconds']:.2f}"],
        ["last request refused after it is back, s", f"{restarted['last_refusal_after_back_seconds']:.2f}"],
        ["answers that were neither, both parts", str(overloaded["wrong"] + restarted["wrong"])],
    ]
    return f"{figures['products']:,} products.\n\n" + markdown_table(("", "measured"), rows)


def _times(found: dict[str, float]) -> str:
    return ", ".join(f"{found[name]:.1f}" for name in ("p50", "p99", "max")) if found["count"] else "none"


def failures(figures: dict[str, Any]) -> list[str]:
    """Return which promises were not kept."""
    overloaded, restarted = figures["overload"], figures["killed"]
    first = restarted["first_answer_after_back_seconds"]
    broken = {
        "an answer was neither 200, 429 nor 503 with Retry-After": overloaded["wrong"] + restarted["wrong"] > 0,
        f"p99 of accepted requests is past {TARGET_MS:.0f} ms": overloaded["accepted_ms"].get("p99", 0.0) > TARGET_MS,
        "searches did not come back within five seconds": first is None or first > RECOVERY_SECONDS,
    }
    return [problem for problem, is_so in broken.items() if is_so]


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-directory", type=Path, required=True, help="its PostgreSQL is killed; nobody else's")
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kill-seconds", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    settings = Settings(data_directory=arguments.data_directory, DATABASE_URL=None)
    server = embedded_server(settings)
    if server.is_running():
        sys.exit(f"{server.data_directory} is in use. Name a data directory of its own: its server is killed.")
    with ExitStack() as uses:
        url = uses.enter_context(warehouse(settings))
        build_demo_source(demo_source_url(url), arguments.products, warehouse_url=url)
        build_search(settings, url, demo_url=demo_source_url(url))
        with connect(url) as connection:
            row = connection.execute("select count(*) from staging_marts.dim_product_search").fetchone()
        workers = {"CORDSEARCH_SERVICE_WORKERS": str(arguments.workers)}
        base_url, _ = uses.enter_context(running_service(url, arguments.data_directory, workers))
        measured = asyncio.run(measure(base_url, arguments, server, uses))
        figures = {"products": row[0] if row else 0, "workers": arguments.workers, **measured}
    write_result("service_faults", figures, as_markdown(figures))
    if broken := failures(figures):
        sys.exit("; ".join(broken))


if __name__ == "__main__":
    main()
