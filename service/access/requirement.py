"""What a route asks of its caller: ``dependencies=[require("search")]``.

Stage: service, HTTP. Reads who calls from the request, where the gate has put it; costs nothing more.
"""

from http import HTTPStatus
from typing import Any, Final, Literal

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.exceptions import HTTPException

from service.access.caller import METRICS, Caller
from service.schemas import Problem

CALLER: Final = "cordsearch.caller"  # in the ASGI scope
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="Cord Search"'}
_NO_KEY: Final = "An API key is needed: send one as `Authorization: Bearer <key>` or `X-API-Key: <key>`."

GUARDED_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Problem, "description": "No API key was sent, or it is unknown, revoked or expired."},
    403: {"model": Problem, "description": "The API key has another scope."},
    413: {"model": Problem, "description": "The body is too large."},
    414: {"model": Problem, "description": "The query string is too long."},
    429: {"model": Problem, "description": "Too many requests; Retry-After says when to come again."},
    431: {"model": Problem, "description": "The headers are too large."},
    503: {"model": Problem, "description": "Too much to do, or the database does not answer; Retry-After says when."},
}


class Requirement(SecurityBase):
    """A dependency that lets only callers with one scope pass; 401 without a key, 403 with the wrong one."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self.scheme_name = "ApiKey"
        self.model = HTTPBearer(
            bearerFormat="cord_<id>_<secret>",
            description="A key made with `cordsearch keys create`; the header `X-API-Key` takes it too. "
            "On the machine of the service no key is needed until the first one is made.",
        )

    async def __call__(self, request: Request) -> None:
        """Pass, or raise HTTPException."""
        caller: Caller = request.scope[CALLER]
        if self._scope in caller.scopes:
            return
        if caller.key is None:
            detail = caller.refusal or _NO_KEY
            raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, headers=_CHALLENGE)
        wanted = "admin" if self._scope == METRICS else self._scope
        raise HTTPException(
            HTTPStatus.FORBIDDEN,
            f"API key {caller.key.key_id} has no scope {wanted!r}; it has {', '.join(sorted(caller.key.scopes))}.",
        )


def require(scope: Literal["search", "events", "admin", "metrics"]) -> Any:
    """Return the dependency for a router or a route."""
    return Depends(Requirement(scope))


def guarded(scope: Literal["search", "events", "admin", "metrics"]) -> dict[str, Any]:
    """Return what ``include_router`` takes for routes that need ``scope``: the dependency, and what it may answer."""
    return {"dependencies": [require(scope)], "responses": GUARDED_RESPONSES}
