"""The bounded queue before an application that answers only when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.access.bounded_queue import BoundedQueue

LONG = 60_000.0


class Held:
    """An application whose answers wait to be let go; it knows how many it works on."""

    def __init__(self) -> None:
        self.running = 0
        self.most_running = 0
        self.answered = 0
        self.let_go = asyncio.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            if scope["path"] == "/search":
                await self.let_go.acquire()
            await PlainTextResponse("found")(scope, receive, send)
            self.answered += 1
        finally:
            self.running -= 1


@asynccontextmanager
async def queue(
    *, running: int, waiting: int, wait_ms: float = LONG, deadline_ms: float = LONG
) -> AsyncIterator[tuple[Held, httpx.AsyncClient]]:
    held = Held()
    app = BoundedQueue(held, running, waiting, wait_ms, deadline_ms)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        yield held, client


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_beyond_running_and_waiting_is_refused_at_once() -> None:
    async with queue(running=2, waiting=3) as (held, client):
        accepted = [asyncio.create_task(client.get("/search")) for _ in range(5)]
        await settle()
        assert held.running == 2
        refused = await client.get("/search")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["content-type"] == "application/problem+json"
        assert not any(task.done() for task in accepted)

        for _ in range(5):
            held.let_go.release()
        assert [(await task).status_code for task in accepted] == [200] * 5
        assert held.most_running == 2


async def test_a_saturated_service_still_says_that_it_lives() -> None:
    async with queue(running=1, waiting=0) as (held, client):
        accepted = asyncio.create_task(client.get("/search"))
        await settle()
        for path in ("/health", "/ready", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/search")).status_code == 503
        held.let_go.release()
        assert (await accepted).status_code == 200


async def test_who_waits_too_long_is_refused_and_leaves_its_seat() -> None:
    async with queue(running=1, waiting=1, wait_ms=1) as (held, client):
        accepted = asyncio.create_task(client.get("/search"))
        await settle()
        for _ in range(3):
            assert (await client.get("/search")).status_code == 503
        held.let_go.release()
        assert (await accepted).status_code == 200
        assert held.answered == 1


async def test_an_answer_that_takes_too_long_is_given_up_and_frees_its_place() -> None:
    async with queue(running=1, waiting=0, deadline_ms=1) as (held, client):
        for _ in range(3):
            given_up = await client.get("/search")
            assert given_up.status_code == 503
            assert given_up.headers["retry-after"]
            assert held.running == 0


async def test_a_client_that_leaves_frees_its_place() -> None:
    async with queue(running=1, waiting=1) as (held, client):
        running, waiting = (asyncio.create_task(client.get("/search")) for _ in range(2))
        await settle()
        for left in (waiting, running):
            left.cancel()
            with pytest.raises(asyncio.CancelledError):
                await left
        held.let_go.release()
        assert (await client.get("/search")).status_code == 200


async def test_a_burst_is_answered_in_the_order_it_came() -> None:
    async with queue(running=1, waiting=50) as (held, client):
        order: list[int] = []

        async def ask(number: int) -> None:
            await client.get("/search")
            order.append(number)

        asking = [asyncio.create_task(ask(number)) for number in range(20)]
        await settle()
        for _ in range(20):
            held.let_go.release()
        await asyncio.gather(*asking)
        assert order == sorted(order)
        assert held.most_running == 1
