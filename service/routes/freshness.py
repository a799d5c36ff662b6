"""``GET /freshness``."""

from typing import Any

import orjson
from fastapi import APIRouter, Response

from service.freshness import (
    SEARCH,
    WINDOW_SECONDS,
    Freshness,
    Limit,
    read_freshness,
    search_is_stale,
    stale_reasons,
    table_row_is_stale,
)
from service.schemas import FreshnessResponse, Problem
from service.search.rows import Row
from service.state import State

router = APIRouter(tags=["operation"])


@router.get(
    "/freshness",
    summary="How fresh is the data?",
    response_class=Response,
    responses={
        200: {"model": FreshnessResponse, "description": "Ages now, from what the worker last observed."},
        503: {"model": Problem, "description": "The database does not answer."},
    },
)
async def freshness(state: State) -> Response:
    """Tell per table how old its data is, and how long a change takes from its commit until it can be found."""
    body = freshness_answer(await read_freshness(state.pool), state.settings.freshness_limit)
    return Response(orjson.dumps(body), media_type="application/json")


def freshness_answer(found: Freshness, limit_of: Limit) -> dict[str, Any]:
    """Return the answer in plain types; ages in seconds, None where nobody knows."""
    stale = stale_reasons(found, limit_of)
    if found.pipeline is None:
        return {
            "status": "unknown", "observed_at": None, "observed_age_seconds": None, "stale": stale, "tables": [],
            "search": None, "publications": None,
        }  # fmt: skip
    pipeline = found.pipeline
    return {
        "status": "stale" if stale else "fresh",
        "observed_at": pipeline["observed_at"],
        "observed_age_seconds": _age(pipeline["observed_age"]),
        "stale": stale,
        "tables": [_table(row, limit_of(row["table_name"])) for row in found.tables],
        "search": {
            "products": pipeline["products"],
            "waiting": pipeline["waiting"],
            "waiting_age_seconds": _age(pipeline["waiting_age_seconds"]),
            "limit_seconds": limit_of(SEARCH),
            "stale": search_is_stale(found, limit_of(SEARCH)),
        },
        "publications": _publications(found.publications),
    }


def _table(row: Row, limit: float) -> dict[str, Any]:
    return {
        "source": row["source_name"],
        "table": row["table_name"],
        "method": row["method"],
        "complete": row["complete"],
        "rows": row["row_count"],
        "refused": row["refused_count"],
        "newest_change_at": row["newest_change_at"],
        "newest_change_age_seconds": _age(row["newest_change_age_seconds"]),
        "looked_at": row["looked_at"],
        "look_age_seconds": _age(row["look_age_seconds"]),
        "rows_behind": row["rows_behind"],
        "unpublished_events": row["unpublished_events"],
        "unpublished_age_seconds": _age(row["unpublished_age_seconds"]),
        "limit_seconds": limit,
        "stale": table_row_is_stale(row, limit),
    }


def _publications(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "window_seconds": WINDOW_SECONDS,
        "count": row["publications"],
        "events": row["events"],
        "newest_at": row["newest_published_at"],
        "newest_age_seconds": _age(row["newest_age"]),
        "commit_to_published_seconds": _delays(row, "published"),
        "commit_to_searchable_seconds": _delays(row, "searchable"),
    }


def _delays(row: Row, until: str) -> dict[str, float | None]:
    return {name: row[f"{name}_{until}"] for name in ("typical", "median", "p95", "worst")}


def _age(seconds: float | None) -> float | None:
    """Return an age, not below zero: the clocks of the source and of the warehouse are two."""
    return None if seconds is None else max(0.0, seconds)
