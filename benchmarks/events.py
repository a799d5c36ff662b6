"""What writing events costs searches.

Starts a service on the warehouse in ``--data-directory``. Searches come at a steady rate (open loop: a slow answer does
not hold up the next request). Another process sends events, in every second slice of time only, so that slices with and
without events alternate in one run and whatever else the machine does falls on both. The slices without events are
compared with each other too: that is how much the figures differ by themselves.

    python -m benchmarks.events --data-directory .cordsearch --seconds 240

Reads the warehouse; writes its schema ``events``: the searches stay in the query log, the events are taken out again.
Fails when events are lost.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect, warehouse
from cordsearch.settings import Settings

QUERIES = (
    "SEM143", "тяга", "81432206012", "тормозні колодки", "klocki hamulcowe", "nzuf", "амотризатор", "фільтр масляний",
    "309x242", "filtr oleju daf", "kolodki", "brake pads",
)  # fmt: skip
KINDS = ("impression",) * 90 + ("click",) * 8 + ("cart", "purchase")
WARM_UP_SEARCHES = 100
PRODUCTS = 20_000
FIRST_PRODUCT = 10**15  # beyond every catalogue: nothing is ranked by what is made up here
BAR = 0.10  # the share by which the 99th percentile may move


def batch(search_ids: list[str], size: int) -> dict[str, Any]:
    """Return the body of one request: what a page of results gives rise to."""
    shown_by = uuid4().hex  # impressions of a search of their own, so that none is a repetition
    return {
        "events": [
            {
                "event_id": str(uuid4()),
                "kind": kind,
                "search_id": random.choice(search_ids) if kind == "click" else shown_by,
                "product_id": FIRST_PRODUCT + random.randrange(PRODUCTS),
                "position": place,
            }
            for place, kind in enumerate(random.choices(KINDS, k=size), start=1)
        ]
    }


async def send_events(url: str, start: float, arguments: argparse.Namespace) -> None:
    """Send events in every second slice until the end; print the answers by status, and the events accepted."""
    pause = 60 * arguments.batch / arguments.events_per_minute
    answers: Counter[int] = Counter()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client, asyncio.TaskGroup() as sending:

        async def send() -> None:
            response = await client.post("/events", json=batch(search_ids, arguments.batch))
            answers[response.status_code] += 1

        found = [(await client.get("/search", params={"q": query})).json() for query in QUERIES]
        search_ids = [answer["search_id"] for answer in found]
        due = start
        while (due := due + pause) < start + arguments.seconds:
            if int((due - start) / arguments.slice) % 2:
                await asyncio.sleep(max(0.0, due - time.time()))
                sending.create_task(send())
    print(answers[202], sum(answers.values()) - answers[202])


async def search(url: str, start: float, arguments: argparse.Namespace) -> tuple[dict[int, list[float]], int]:
    """Return the milliseconds of the searches by slice, counted from when each was due; and how many were refused."""
    times: dict[int, list[float]] = {}
    refused = 0
    async with httpx.AsyncClient(base_url=url, timeout=30) as client, asyncio.TaskGroup() as searching:

        async def one(due: float) -> None:
            nonlocal refused
            response = await client.get("/search", params={"q": random.choice(QUERIES)})
            if response.status_code == 503:  # with Retry-After: the machine is too busy for this rate
                refused += 1
                return
            response.raise_for_status()
            times.setdefault(int((due - start) / arguments.slice), []).append((time.time() - due) * 1000)

        for number in range(int(arguments.seconds * arguments.searches_per_second)):
            due = start + number / arguments.searches_per_second
            await asyncio.sleep(max(0.0, due - time.time()))
            searching.create_task(one(due))
    return times, refused


@contextmanager
def service(url: str, data_directory: Path, port: int) -> Iterator[str]:
    """Run a service for the length of the block; yield its address."""
    limits = {"CORDSEARCH_RATE_LIMIT_ADDRESS": "none", "CORDSEARCH_ANONYMOUS": "true"}
    environment = os.environ | limits | {"DATABASE_URL": url, "CORDSEARCH_DATA_DIRECTORY": str(data_directory)}
    command = [sys.executable, "-m", "cordsearch", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{address}/ready", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        else:
            raise SystemExit("The service was not ready within a minute.")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def rows_by_outcome(address: str) -> dict[str, int]:
    """Return what became of the events, as the service counts it."""
    found = re.findall(
        r'cordsearch_background_rows_total\{outcome="(\w+)",queue="events"\} (\S+)',
        httpx.get(f"{address}/metrics").text,
    )
    return {outcome: int(float(count)) for outcome, count in found}


def measure(address: str, arguments: argparse.Namespace) -> tuple[dict[int, list[float]], dict[str, int]]:
    """Return the times of searches by slice, and what became of the events."""
    for number in range(WARM_UP_SEARCHES):
        httpx.get(f"{address}/search", params={"q": QUERIES[number % len(QUERIES)]}).raise_for_status()
    start = time.time() + 3
    options = ("seconds", "slice", "batch", "events_per_minute", "searches_per_second")
    command = [sys.executable, "-m", "benchmarks.events", "--send-to", address, "--start", str(start)]
    command += [part for name in options for part in (f"--{name.replace('_', '-')}", str(getattr(arguments, name)))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        times, searches_refused = asyncio.run(search(address, start, arguments))
        accepted, refused = map(int, sender.communicate(timeout=60)[0].split())
    time.sleep(3)  # the queue is written within a second
    outcomes = rows_by_outcome(address) | {"requests_accepted": accepted, "requests_refused": refused}
    outcomes["searches_refused"] = searches_refused
    if outcomes["written"] != accepted * arguments.batch:
        raise SystemExit(f"Events are missing: {outcomes}")
    return times, outcomes


def take_out(url: str) -> int:
    """Delete what this benchmark wrote; return how many events the counts by day had."""
    with connect(url) as connection:
        counted = connection.execute(
            "with gone as ("
            f"delete from events.product_day where product_id >= {FIRST_PRODUCT}"
            " returning impressions + clicks + carts + purchases as events"
            ") select coalesce(sum(events), 0) from gone"
        ).fetchone()
        connection.execute(f"delete from events.event where product_id >= {FIRST_PRODUCT}")
    return int(counted[0]) if counted else 0


def summary(times: list[float]) -> tuple[float, float, float]:
    """Return median, 95th and 99th percentile."""
    shares = statistics.quantiles(times, n=100, method="inclusive")
    return statistics.median(times), shares[94], shares[98]


def report(times: dict[int, list[float]], outcomes: dict[str, int], arguments: argparse.Namespace) -> None:
    """Write the result; say how far the 99th percentile moved, and how far it moves by itself."""

    def of(*slices: int) -> list[float]:
        return [each for number, found in times.items() if number % 4 in slices for each in found]

    without, with_events = summary(of(0, 2)), summary(of(1, 3))
    by_itself = summary(of(0))[2] / summary(of(2))[2] - 1
    moved = with_events[2] / without[2] - 1
    rows: list[list[object]] = [
        ["without events", len(of(0, 2)), *without],
        [f"with {arguments.events_per_minute:,} events a minute", len(of(1, 3)), *with_events],
    ]
    table = markdown_table(("searches, milliseconds", "searches", "median", "p95", "p99"), rows)
    verdict = (
        f"\n\nThe 99th percentile moved by {moved:+.1%} (bar: {BAR:.0%}); between slices without events it differs by "
        f"{by_itself:+.1%}. {outcomes['written']:,} events written, {outcomes['turned_away']:,} turned away; "
        f"{outcomes['searches_refused']:,} searches and {outcomes['requests_refused']:,} requests with events refused "
        "because the machine was too busy."
    )
    figures = {
        "without": dict(zip(("median_ms", "p95_ms", "p99_ms"), without, strict=True)),
        "with_events": dict(zip(("median_ms", "p95_ms", "p99_ms"), with_events, strict=True)),
        "p99_moved": moved,
        "p99_moves_by_itself": by_itself,
        "events": outcomes,
        "arguments": {name: str(value) for name, value in vars(arguments).items() if value is not None},
    }
    write_result("events", figures, table + verdict)


def arguments_of(description: str | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--slice", type=float, default=5.0, help="Seconds with, then without events.")
    parser.add_argument("--searches-per-second", type=float, default=20.0)
    parser.add_argument("--events-per-minute", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=20, help="Events per request.")
    parser.add_argument("--send-to", help=argparse.SUPPRESS)
    parser.add_argument("--start", type=float, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure and write the result; or, as the other process, send events."""
    arguments = arguments_of(__doc__)
    if arguments.send_to:
        asyncio.run(send_events(arguments.send_to, arguments.start, arguments))
        return
    with warehouse(Settings(data_directory=arguments.data_directory)) as url:
        with service(url, arguments.data_directory, arguments.port) as address:
            times, outcomes = measure(address, arguments)
        outcomes["counted"] = take_out(url)
    report(times, outcomes, arguments)


if __name__ == "__main__":
    main()
