"""Stopping without losing a request.

Stage: service, at its end. Reads and writes nothing. Three steps:

1. ``/ready`` says no while every request is still answered, so that a balancer sends its traffic elsewhere.
2. No connection is accepted any more, every answer closes its own. With several workers the others accept meanwhile.
3. The server (uvicorn) lets what is under way finish and closes the connections that are left.

Without the second step a connection that was accepted just before the third would be closed unread.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

SAY_NO: Final = signal.SIGUSR1
"""What the parent of several workers sends them for the first step: it ends them itself when the time is over."""

_LINGER_SECONDS = 0.5
_CLOSE = (b"connection", b"close")


class Draining:
    """Whether this process is about to stop."""

    def __init__(self) -> None:
        self.says_not_ready = False
        self.closes_connections = False


class CloseWhileDraining:
    """ASGI middleware: while the process drains, every answer is the last of its connection."""

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app, self._draining = app, draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; ask for the connection to be closed if it is time."""
        if scope["type"] != "http" or not self._draining.closes_connections:
            await self._app(scope, receive, send)
            return

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), _CLOSE]
            await send(message)

        await self._app(scope, receive, close)


@contextmanager
def drained(draining: Draining, seconds: float, *, is_worker: bool) -> Iterator[None]:
    """Inside the block, SIGTERM drains before uvicorn's own handler stops the server.

    ``seconds`` is the length of the first step; one of several workers leaves it to its parent (SIGUSR1), because a
    worker that is replaced on SIGHUP must not say that the service is not ready. Outside of the main thread nothing is
    changed: only there may signals be handled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = _Signals(draining, 0.0 if is_worker else seconds)
    handlers = {signal.SIGTERM: signals.on_worker_term if is_worker else signals.on_term, SAY_NO: signals.on_say_no}
    if not is_worker:
        handlers[signal.SIGHUP] = signals.on_hang_up
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Signals:
    """What this process does on signals. A handler runs between any two steps of the program: it notes and arranges."""

    def __init__(self, draining: Draining, seconds: float) -> None:
        self._draining, self._seconds = draining, seconds
        self._loop = asyncio.get_running_loop()
        self._uvicorns = signal.getsignal(signal.SIGTERM)

    def on_term(self, number: int, frame: FrameType | None) -> None:
        """First step, the others later; asked twice: at once."""
        if self._draining.says_not_ready:
            self._end(number, frame)
            return
        self._draining.says_not_ready = True
        logger.info("draining for %g s before the end", self._seconds)
        self._loop.call_soon_threadsafe(self._loop.call_later, self._seconds, self._stop_accepting, number)

    def on_worker_term(self, number: int, _frame: FrameType | None) -> None:
        """The first step was its parent's affair."""
        self._loop.call_soon_threadsafe(self._stop_accepting, number)

    def on_say_no(self, _number: int, _frame: FrameType | None) -> None:
        """First step, by order of the parent."""
        self._draining.says_not_ready = True

    def on_hang_up(self, _number: int, _frame: FrameType | None) -> None:
        """Say why nothing happens."""
        logger.warning("nothing reloaded: SIGHUP replaces workers and there are none; set CORDSEARCH_SERVICE_WORKERS")

    def _stop_accepting(self, number: int) -> None:
        self._draining.closes_connections = True
        server = getattr(self._uvicorns, "__self__", None)
        if isinstance(server, uvicorn.Server):
            for listener in server.servers:
                listener.close()
        self._loop.call_later(_LINGER_SECONDS, self._end, number, None)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if callable(self._uvicorns):
            self._uvicorns(number, frame)
