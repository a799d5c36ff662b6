"""``GET /operations``: what the page at ``/ops`` shows beside freshness and reports."""

from math import inf
from typing import Any

import orjson
from fastapi import APIRouter, Response

from service.operations.latency import RouteLatency, route_latencies
from service.operations.overview import Overview, read_overview
from service.operations.schemas import Operations
from service.schemas import Problem
from service.state import State
from service.telemetry import Counted

router = APIRouter(tags=["operation"])


@router.get(
    "/operations",
    summary="How does the machinery run?",
    response_class=Response,
    responses={
        200: {"model": Operations, "description": "Latencies, refreshes, duties of the workers, models."},
        503: {"model": Problem, "description": "The database does not answer."},
    },
)
async def operations(state: State, telemetry: Counted) -> Response:
    """Tell how fast answers are, what the workers did last and what they wait for, and how far re-embedding is."""
    overview = await read_overview(state.writing_pool)
    body = operations_answer(route_latencies(telemetry.request_samples()), overview)
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def operations_answer(routes: list[RouteLatency], overview: Overview) -> dict[str, Any]:
    """Return the answer in plain types."""
    return {
        "routes": [_route(each) for each in routes],
        "publications": [dict(row) for row in overview.publications],
        "duties": [dict(row) for row in overview.duties],
        "jobs": [dict(row) for row in overview.jobs],
        "table_problems": [dict(row) for row in overview.table_problems],
        "models": [dict(row) for row in overview.models],
    }


def _route(each: RouteLatency) -> dict[str, Any]:
    return {
        "method": each.method,
        "route": each.route,
        "requests": each.requests,
        "failures": each.failures,
        "p50_ms": each.percentile(0.5),
        "p95_ms": each.percentile(0.95),
        "p99_ms": each.percentile(0.99),
        "bounds_ms": [None if bound == inf else bound for bound in each.bounds],
        "counts": each.counts,
    }
