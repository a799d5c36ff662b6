"""``GET /suggest/top-queries`` and ``GET /suggest/zero-results``."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from service.events.reports import Period, Report, read_top_queries, read_zero_results
from service.events.schemas import ReportParameters, TopQueries, ZeroResults
from service.schemas import Problem
from service.search.rows import Row
from service.state import State

router = APIRouter(prefix="/suggest", tags=["reports"])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "A parameter is out of bounds."},
    503: {"model": Problem, "description": "The database does not answer."},
}


@router.get(
    "/top-queries",
    summary="What is searched for most?",
    response_class=Response,
    responses={200: {"model": TopQueries, "description": "The queries, most searched first."}, **_PROBLEMS},
)
async def top_queries(state: State, asked: Annotated[ReportParameters, Query()]) -> Response:
    """Tell how often each query was searched, in how many searches something was clicked, and at which place."""
    report = await read_top_queries(state.writing_pool, _period(asked), state.settings.report_searches)
    return _response(report, asked, state.settings.report_searches, [_top_query(row) for row in report.queries])


@router.get(
    "/zero-results",
    summary="What finds nothing?",
    response_class=Response,
    responses={200: {"model": ZeroResults, "description": "The queries, those that fail most first."}, **_PROBLEMS},
)
async def zero_results(state: State, asked: Annotated[ReportParameters, Query()]) -> Response:
    """Tell which queries found nothing, or only products near in meaning.

    Searches with a filter do not count: the filter may be why.
    """
    report = await read_zero_results(state.writing_pool, _period(asked), state.settings.report_searches)
    return _response(report, asked, state.settings.report_searches, [_zero_query(row) for row in report.queries])


def _period(asked: ReportParameters) -> Period:
    return Period(asked.days, asked.language, asked.limit)


def _response(report: Report, asked: ReportParameters, smallest_count: int, queries: list[dict[str, Any]]) -> Response:
    body = {
        "since": report.since,
        "days": asked.days,
        "smallest_count": smallest_count,
        "searches": report.searches,
        "queries": queries,
    }
    return Response(orjson.dumps(body), media_type="application/json")


def _query(row: Row) -> dict[str, Any]:
    return {"query": row["text"], **{name: row[name] for name in ("searches", "nothing", "only_similar")}}


def _top_query(row: Row) -> dict[str, Any]:
    position = row["average_click_position"]
    return _query(row) | {
        "clicks": row["clicks"],
        "click_share": round(row["click_share"], 4),
        "average_click_position": None if position is None else round(position, 2),
    }


def _zero_query(row: Row) -> dict[str, Any]:
    return _query(row) | {"last_day": row["last_day"]}
