"""The first thing a request meets that knows who sends it: the caller is told apart, its requests are counted.

Stage: service, HTTP, ASGI. Reads the keys in memory. What a caller may do is decided by the routes
(service.access.requirement); here it is only refused when it asks too often.
"""

from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.batch import COUNT
from service.access.caller import Callers
from service.access.rate_limits import RateLimits, Verdict
from service.access.requirement import CALLER
from service.problems import problem

# A supervisor and a balancer ask often, from anywhere, and must get an answer while everything else is refused.
UNCOUNTED: Final = frozenset({"/health", "/ready", "/metrics"})


class Gate:
    """ASGI middleware: puts the caller into the scope; 429 with Retry-After when it asks too often."""

    def __init__(self, app: ASGIApp, callers: Callers, limits: RateLimits) -> None:
        self._app, self._callers, self._limits = app, callers, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        caller = self._callers.identify(scope, scope["app"].state.service.keys)  # type: ignore[arg-type]
        scope[CALLER] = caller
        if scope["path"] in UNCOUNTED:
            await self._app(scope, receive, send)
            return
        verdict = self._limits.check(caller)

        def count(requests: int) -> Verdict:
            nonlocal verdict  # the fields of the answer tell what is left after these, too
            verdict = self._limits.check(caller, requests)
            return verdict

        scope[COUNT] = count

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *verdict.fields]}
            await send(message)

        if verdict.refusal is not None:
            detail = f"{verdict.refusal} Try again in {verdict.retry_after} s."
            refusal = problem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(verdict.retry_after)})
            await refusal(scope, receive, send_with_fields)
            return
        await self._app(scope, receive, send_with_fields if verdict.fields else send)
