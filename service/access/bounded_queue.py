"""How much is done at once: a few requests run, some more wait a moment, the rest is told to come again.

Stage: service, HTTP, ASGI. Without a bound every request is accepted, all of them wait for the same processor and the
same connections, and under twice the load nobody gets an answer in time. With one, who gets in is answered as ever.
"""

import asyncio
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.gate import UNCOUNTED
from service.problems import problem

_RETRY_SECONDS = "1"


class BoundedQueue:
    """ASGI middleware: 503 with Retry-After for what does not fit.

    ``running`` requests are answered at once; ``waiting`` more wait behind them, each for up to ``wait_ms``. An answer
    that takes longer than ``deadline_ms`` is given up.
    """

    def __init__(self, app: ASGIApp, running: int, waiting: int, wait_ms: float, deadline_ms: float) -> None:
        self._app = app
        self._places = asyncio.Semaphore(running)
        self._free_seats = waiting
        self._wait_seconds, self._deadline_seconds = wait_ms / 1000, deadline_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request in its turn, or refuse it."""
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self._app(scope, receive, send)
        elif await self._enter():
            try:
                await self._answer(scope, receive, send)
            finally:
                self._places.release()
        else:
            await _refuse("The service has too much to do. Try again shortly.", scope, receive, send)

    async def _enter(self) -> bool:
        """Take a place; False when all stay taken or too many wait already."""
        if not self._places.locked():
            await self._places.acquire()  # returns at once
            return True
        if self._free_seats == 0:
            return False
        self._free_seats -= 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._free_seats += 1
        return True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def watch(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            async with asyncio.timeout(self._deadline_seconds) as deadline:
                await self._app(scope, receive, watch)
        except TimeoutError:
            if is_started or not deadline.expired():
                raise
            await _refuse("The answer took too long and was given up. Try again shortly.", scope, receive, send)


async def _refuse(detail: str, scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": _RETRY_SECONDS})
    await answer(scope, receive, send)
