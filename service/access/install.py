"""Puts everything that guards the application around it, in order.

Stage: service, HTTP. A request meets, from outside to inside: the proxy's account of it, the headers of the answer,
CORS, the bounds of size, the gate, the queue. What is refused early costs little.
"""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cordsearch.settings import Settings
from service.access.answer_headers import AnswerHeaders
from service.access.bounded_queue import BoundedQueue
from service.access.caller import Callers, read_networks
from service.access.gate import Gate
from service.access.origins import read_origins
from service.access.rate_limits import RateLimits
from service.access.request_bounds import RequestBounds

_READABLE_BY_OTHER_SITES = ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID", "ETag")
_PREFLIGHT_SECONDS = 3_600


def install_access(app: FastAPI, settings: Settings) -> None:
    """Guard ``app``; middleware added later stands outside of all of it.

    Raises:
        SettingsError: a rate limit, a network or an origin of the settings is none; the message names it.
    """
    callers = Callers(settings)
    limits = RateLimits(settings.rate_limit_address, settings.rate_limit_key)
    app.add_middleware(
        BoundedQueue,
        running=settings.service_concurrency,
        waiting=settings.service_queue_length,
        wait_ms=settings.service_queue_wait_ms,
        deadline_ms=settings.service_deadline_ms,
    )
    app.add_middleware(Gate, callers=callers, limits=limits)
    app.add_middleware(RequestBounds, largest_body=settings.service_largest_body)
    origins = read_origins("CORDSEARCH_CORS_ORIGINS", settings.cors_origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["*"],  # no cookies: a header a page sends is one its author wrote
            expose_headers=_READABLE_BY_OTHER_SITES,
            max_age=_PREFLIGHT_SECONDS,
        )
    app.add_middleware(AnswerHeaders)
    proxies = read_networks("CORDSEARCH_TRUSTED_PROXIES", settings.trusted_proxies)
    if proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[str(proxy) for proxy in proxies])
