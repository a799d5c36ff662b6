"""What HTTP expects of every answer: HEAD and OPTIONS, ``Allow`` beside 405, ``Cache-Control``, compression.

Stage: service, HTTP. Changes answers on their way out; reads and writes nothing else.

Compression starts at one network packet: a smaller answer arrives no sooner and costs its time all the same. The levels
are the fastest ones (ADR 23 has the figures).
"""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

SMALLEST_COMPRESSED: Final = 1_400  # bytes; what an Ethernet frame carries of a TCP stream
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def install_manners(app: FastAPI) -> None:
    """Give every answer of ``app`` its manners; routes may be added later. Call it first: then it is innermost."""
    app.add_middleware(
        CompressMiddleware, minimum_size=SMALLEST_COMPRESSED, zstd_level=1, brotli_quality=1, gzip_level=1
    )
    app.add_middleware(Manners, routes=app.router.routes)


class Manners:
    """ASGI middleware. Methods as in RFC 9110, sections 9.3.2 (HEAD), 9.3.7 (OPTIONS) and 15.5.6 (405).

    HEAD is answered as GET without its body. What says nothing about caching is not to be kept: answers hold prices,
    stock, and the id under which a search is known.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        bodiless = method == "HEAD"

        async def politely(message: Message) -> None:
            nonlocal bodiless
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                if message["status"] == 405:
                    headers["Allow"] = ", ".join(self._allowed(scope))
                    if method == "OPTIONS":
                        bodiless = True
                        message["status"] = 204
                        del headers["Content-Length"], headers["Content-Type"]
            elif bodiless and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if method != "HEAD":
            await self._app(scope, receive, politely)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, politely)
        finally:
            # what the router leaves for those outside, who count by route
            scope.update({key: value for key, value in asked.items() if key != "method"})

    def _allowed(self, scope: Scope) -> list[str]:
        """Return the methods the address knows."""

        def knows(method: str) -> bool:
            asked = {**scope, "method": method}
            return any(not isinstance(each, Mount) and each.matches(asked)[0] == Match.FULL for each in self._routes)

        # every other address is one of the page's files
        known = [method for method in _METHODS if knows(method)] or ["GET"]
        return [*known, *(["HEAD"] if "GET" in known else []), "OPTIONS"]
