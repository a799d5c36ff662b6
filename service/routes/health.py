"""``GET /health`` and ``GET /ready``."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response

from service.readiness import check_readiness, find_stale
from service.schemas import Health, Readiness
from service.state import State

router = APIRouter(tags=["operation"])


@router.get("/health", summary="Does the process answer?", response_model=Health)
async def health() -> Health:
    """Answer without touching anything; for the supervisor that restarts a hung process."""
    return Health(status="ok")


@router.get(
    "/ready",
    summary="Can searches be answered?",
    response_class=Response,
    responses={
        200: {"model": Readiness, "description": "Searches can be answered."},
        503: {"model": Readiness, "description": "Something is missing; the checks say what."},
    },
)
async def ready(request: Request, state: State) -> Response:
    """Check the database, the catalogue and the encoder; for the balancer that sends traffic.

    Data past its limit of freshness is told and takes nothing down.
    """
    checks = await check_readiness(state)
    if request.app.state.draining.says_not_ready:
        checks["accepting"] = "no; this process is about to stop"
    is_ready = all(outcome == "ok" for outcome in checks.values())
    stale = await find_stale(state) if checks["database"] == "ok" else []
    body = {"status": "ready" if is_ready else "not_ready", "checks": checks, "stale": stale}
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
