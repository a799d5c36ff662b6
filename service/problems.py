"""Errors as Problem Details (RFC 9457, ``application/problem+json``), all of them.

Stage: service, HTTP. Reads the exception; writes a log line where an operator must look, and never a stack trace to
the client.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cordsearch.errors import CordSearchError, DatabaseUnavailableError
from cordsearch.logs import REQUEST_ID
from service.access.answer_headers import SECURITY_HEADERS
from service.database_failures import DATABASE_FAILURES
from service.request_identity import HEADER, SCOPE_KEY

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "2"
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error response; ``detail`` is for a person and names the cause."""
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(problem_body(status, detail)), status, sent, MEDIA_TYPE)


def problem_body(status: int, detail: str) -> dict[str, object]:
    """Return the problem document."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
    }
    if (request_id := REQUEST_ID.get()) is not None:
        body["request_id"] = request_id
    return body


def title_of(status: int) -> str:
    """Return the name of ``status`` in RFC 9110; Python before 3.13 has older ones."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DatabaseUnavailableError, _unavailable)
    for driver_error in DATABASE_FAILURES:
        app.add_exception_handler(driver_error, _database_error)
    app.add_exception_handler(Exception, _unexpected)


async def _invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, describe_invalid(error.errors(), outer=1))


def describe_invalid(errors: Sequence[Mapping[str, Any]], *, outer: int = 0) -> str:
    """Return what is wrong with which field; the first ``outer`` steps to a field are not of the caller's making."""
    described = []
    for error in errors:
        field = ".".join(map(str, error["loc"][outer:])) or ".".join(map(str, error["loc"]))
        said = error["msg"].removeprefix("Value error, ")
        described.append(f"{field}: {said}" if field else said)
    return "; ".join(described)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _unavailable(_request: Request, error: Exception) -> Response:
    assert isinstance(error, CordSearchError)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": _RETRY_SECONDS})


async def _database_error(request: Request, error: Exception) -> Response:
    logger.warning("%s: the database failed: %s: %s", request.url.path, type(error).__name__, error)
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"The database did not answer ({type(error).__name__}). Try again shortly.",
        {"Retry-After": _RETRY_SECONDS},
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    # Every middleware has ended by now, also the one that knew the request's id.
    request_id = request.scope.get(SCOPE_KEY)
    headers = SECURITY_HEADERS | ({HEADER: request_id} if request_id is not None else {})
    token = REQUEST_ID.set(request_id)
    try:
        logger.error("%s failed", request.url.path, exc_info=error)
        detail = "The service failed on this request; the log says why."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, headers)
    finally:
        REQUEST_ID.reset(token)
