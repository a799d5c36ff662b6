"""Request ids: every request has one, the answer and every log line of the request carry it.

Stage: service, HTTP. A client or a proxy may send ``X-Request-Id``; what it sends is used as it is when it is safe to
write into a log and a header, else a new one is made.
"""

import re
from typing import Final
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cordsearch.logs import REQUEST_ID

HEADER: Final = "X-Request-Id"
SCOPE_KEY: Final = "cordsearch.request_id"

_HEADER_BYTES = HEADER.lower().encode()
_SAFE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:+/=-]{0,127}")


class RequestIdentity:
    """ASGI middleware, the outermost: what others refuse has an id too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with its id in the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or uuid4().hex
        scope[SCOPE_KEY] = request_id  # for who answers after this has ended: the handler of unexpected errors
        header = (_HEADER_BYTES, request_id.encode())

        async def identify(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        token = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, identify)
        finally:
            REQUEST_ID.reset(token)


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER_BYTES:
            return value.decode() if _SAFE.fullmatch(value) else None
    return None
