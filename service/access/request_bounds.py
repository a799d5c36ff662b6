"""How large a request may be, before anything of it is understood.

Stage: service, HTTP, ASGI. A body is refused by its declared length, and by what really comes when none was declared or
it lied.
"""

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import problem

LONGEST_QUERY_STRING: Final = 65_000  # bytes; a text that is only somewhat too long is told so by its own name
LARGEST_HEAD: Final = 16_384  # bytes of all header names and values
_CLOSE: Final = {"Connection": "close"}  # what was sent on is not read to its end


class RequestBounds:
    """ASGI middleware: 413, 414 and 431 for what is too large."""

    def __init__(self, app: ASGIApp, largest_body: int) -> None:
        self._app, self._largest_body = app, largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await problem(*refusal, _CLOSE)(scope, receive, send)
            return
        read = 0

        async def count() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest_body:
                raise HTTPException(*self._too_large(), headers=_CLOSE)  # answered as every other problem
            return message

        await self._app(scope, count, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if len(scope["query_string"]) > LONGEST_QUERY_STRING:
            return HTTPStatus.REQUEST_URI_TOO_LONG, f"The query string is longer than {LONGEST_QUERY_STRING} bytes."
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            # the servers this runs under let no other than a number through
            if name == b"content-length" and int(value) > self._largest_body:
                return self._too_large()
        if size > LARGEST_HEAD:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The headers are larger than {LARGEST_HEAD} bytes."
        return None

    def _too_large(self) -> tuple[int, str]:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {self._largest_body} bytes."
