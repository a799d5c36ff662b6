"""Who asks, and what is timed: clients that ask one after the other, or requests that come whatever happens.

Times are in milliseconds: in a closed loop from the first byte sent to the last byte read, with arrivals from the
moment a request was due, so that one that had to wait is not left out. Nothing is parsed meanwhile: what an answer says
of itself (stages, its own time) is read when the loop is over.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import orjson

from benchmarks.latency.queries import Question
from benchmarks.open_loop import Client, open_loop

_HITS = b',"hits":['


@dataclass(frozen=True)
class Timed:
    """One answered question: ``head`` is its body up to the hits, as sent; ``late_ms`` how late it was asked."""

    question: Question
    milliseconds: float
    status: int
    head: bytes
    late_ms: float = 0.0


@dataclass(frozen=True)
class Told:
    """What an answer says of itself: milliseconds by stage and in all, if a part is missing, if nothing was found."""

    stages: dict[str, float]
    took_ms: float
    degraded: bool
    empty: bool


async def closed_loop(base_url: str, sessions: Iterable[Sequence[Question]], clients: int) -> list[Timed]:
    """Let ``clients`` ask at once, each one session after the other until none is left, each over one connection."""
    waiting, answers = iter(sessions), list[Timed]()
    await asyncio.gather(*(_ask(base_url, waiting, answers) for _ in range(clients)))
    return answers


async def _ask(base_url: str, waiting: Iterator[Sequence[Question]], answers: list[Timed]) -> None:
    client = Client(base_url)
    for session in waiting:
        for question in session:
            started = perf_counter()
            response = await client.ask(question.address)
            milliseconds = (perf_counter() - started) * 1000
            answers.append(Timed(question, milliseconds, response.status, head_of(response.body)))
    client.close()


async def arrivals(base_url: str, questions: Iterable[Question], rate: float) -> list[Timed]:
    """Ask ``rate`` questions per second until there are no more, whatever becomes of those before."""
    asked: list[Question] = []

    def addresses() -> Iterator[str]:
        for question in questions:
            asked.append(question)
            yield question.address

    answers = await open_loop(base_url, rate, addresses(), head_of)
    return [
        Timed(question, answer.milliseconds, answer.status, answer.kept, answer.late_ms)
        for question, answer in zip(asked, answers, strict=True)
    ]


def head_of(body: bytes) -> bytes:
    """Return the body without its hits and what follows them; a short one as it is.

    Text within JSON cannot hold the mark: its quotes come with a backslash.
    """
    end = body.find(_HITS)
    return body[:end] + b"}" if end >= 0 else body


def told(timed: Timed) -> Told:
    """Return what an answer says of itself. Raises orjson.JSONDecodeError when it is not JSON."""
    body = orjson.loads(timed.head)
    return Told(
        body.get("timings_ms", {}), body.get("took_ms", 0.0), body.get("degraded", False), body.get("total") == 0
    )
