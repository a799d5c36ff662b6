"""How the client talks: JSON under any content type, errors that say ``message`` and ``status``.

Stage: service, HTTP. Reads bodies; writes answers. Browsers send the body as ``text/plain`` or as
``application/x-www-form-urlencoded`` with the key in the query string, because neither costs a preflight request:
https://github.com/algolia/algoliasearch-client-javascript (packages/requester-browser-xhr, packages/client-common)
"""

from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from cordsearch.errors import DatabaseUnavailableError
from service.instantsearch.refused import RefusedRequestError
from service.problems import problem

_RETRY_SECONDS: Final = "2"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ClientRoute(APIRoute):
    """A route whose errors the client can read: a problem document that says ``message`` beside ``detail``."""

    def get_route_handler(self) -> Handler:
        """Return the handler of the route, with its own handling of errors."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await _answered(answer, request)

        return handle


async def _answered(answer: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    try:
        return await answer(request)
    except RefusedRequestError as error:
        return failure(HTTPStatus.BAD_REQUEST, str(error))
    except HTTPException as error:
        return failure(error.status_code, str(error.detail), dict(error.headers or {}))
    except DatabaseUnavailableError as error:
        return failure(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": _RETRY_SECONDS})


def failure(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error: what the client shows is ``message``; the rest is a problem document (RFC 9457)."""
    answer = problem(status, message, headers)
    answer.body = orjson.dumps(orjson.loads(answer.body) | {"message": message})
    answer.headers["content-length"] = str(len(answer.body))
    return answer


async def read_object(request: Request) -> dict[str, JsonValue]:
    """Return the JSON object that is the body; nothing at all is an empty one.

    Raises:
        RefusedRequestError: the body is no JSON object.
    """
    body = await request.body()
    if not body.strip():
        return {}
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RefusedRequestError(f"the body is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise RefusedRequestError("the body must be a JSON object")
    return read


def json_answer(body: dict[str, Any]) -> Response:
    """Return ``body`` as the answer to the client."""
    return Response(orjson.dumps(body), media_type="application/json")
