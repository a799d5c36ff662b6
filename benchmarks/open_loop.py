"""Requests at a steady rate, whatever becomes of them: a slow answer does not hold up the next request.

A request's time counts from when it was due, so waiting is part of it. The client is a few lines over asyncio streams,
because the usual ones take as much of the processor as the service does, on the same machine.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import quote, urlsplit

QUERIES = (
    "SEM143", "тяга", "81432206012", "тормозні колодки", "klocki hamulcowe", "nzuf", "амотризатор", "фільтр масляний",
    "309x242", "filtr oleju daf", "kolodki", "brake pads",
)  # fmt: skip
_PATIENCE_SECONDS = 15.0
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Answered:
    """One request: when it was due (seconds since the start), the milliseconds from then, and what came back.

    ``status`` 0: the connection failed; ``retry_after`` says whether the answer told when to come again; ``late_ms``
    is how late it was sent, because the client itself was busy: part of ``milliseconds``. ``kept`` is of the body.
    """

    due: float
    milliseconds: float
    status: int
    retry_after: bool = False
    late_ms: float = 0.0
    kept: bytes = b""


@dataclass(frozen=True)
class Response:
    """What came back: the status (0: nobody answered), whether it has a Retry-After, and the body as sent."""

    status: int
    retry_after: bool = False
    body: bytes = b""


@dataclass
class Client:
    """Keeps connections open and opens more when all are busy."""

    base_url: str
    _idle: list[Connection] = field(default_factory=list)

    async def get(self, address: str) -> tuple[int, bool]:
        """Return the status (0: nobody answered) and whether there is a Retry-After."""
        response = await self.ask(address)
        return response.status, response.retry_after

    async def ask(self, address: str) -> Response:
        """Return the whole answer.

        A connection that was kept may have been closed meanwhile: then another one is tried, as every client does.
        """
        while True:
            kept = bool(self._idle)
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    connection = self._idle.pop() if kept else await self._connect()
                    return await self._ask(connection, address)
            except (OSError, EOFError, TimeoutError):
                if not kept:
                    return Response(0)

    async def _connect(self) -> Connection:
        parts = urlsplit(self.base_url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async def _ask(self, connection: Connection, address: str) -> Response:
        reader, writer = connection
        writer.write(f"GET {address} HTTP/1.1\r\nHost: service\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append(connection)
        return Response(int(head.split(b" ", 2)[1]), b"\r\nretry-after:" in head, body)

    def close(self) -> None:
        """Close every connection."""
        for _, writer in self._idle:
            writer.close()


def addresses(count: int) -> list[str]:
    """Return ``count`` addresses: searches, every third behind a filter, and completions between them."""
    chosen = random.Random(7)
    made = []
    for _ in range(count):
        query = chosen.choice(QUERIES)
        if chosen.random() < 0.3:
            made.append(f"/autocomplete?q={quote(query[: chosen.randint(2, len(query))])}")
        else:
            made.append(f"/search?q={quote(query)}" + ("&supplier=SEM1" if chosen.random() < 0.3 else ""))
    return made


async def capacity(base_url: str, seconds: float, at_once: int) -> float:
    """Return how many requests per second are answered when ``at_once`` clients ask one after the other."""
    client, ends, answered = Client(base_url), perf_counter() + seconds, 0

    async def ask(asked: Sequence[str]) -> None:
        nonlocal answered
        for address in asked:
            if perf_counter() > ends:
                return
            status, _ = await client.get(address)
            answered += status == 200

    made = addresses(100_000)
    await asyncio.gather(*(ask(made[number::at_once]) for number in range(at_once)))
    client.close()
    return answered / seconds


async def open_loop(
    base_url: str, rate: float, asked: Iterable[str], keep: Callable[[bytes], bytes] | None = None
) -> list[Answered]:
    """Send ``rate`` requests per second until ``asked`` ends; return what became of each, in the order they were due.

    ``asked`` are addresses. ``keep`` returns what is to be kept of a body; nothing is without it.
    """
    client, started = Client(base_url), perf_counter()

    async def ask(number: int, address: str) -> Answered:
        due = number / rate
        late = perf_counter() - started - due
        response = await client.ask(address)
        took = perf_counter() - started - due
        kept = keep(response.body) if keep else b""
        return Answered(due, took * 1000, response.status, response.retry_after, late * 1000, kept)

    tasks = []
    for number, address in enumerate(asked):
        await asyncio.sleep(max(0.0, started + number / rate - perf_counter()))
        tasks.append(asyncio.create_task(ask(number, address)))
    answers = await asyncio.gather(*tasks)
    client.close()
    return list(answers)
