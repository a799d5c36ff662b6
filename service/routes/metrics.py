"""``GET /metrics``."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Response
from prometheus_client.core import Metric

from service.database_failures import DATABASE_FAILURES
from service.freshness import read_freshness, read_worker
from service.metrics import freshness_metrics, scrape_metric, worker_metrics
from service.state import State
from service.telemetry import MEDIA_TYPE, Counted

logger = logging.getLogger(__name__)

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    summary="Everything that is counted, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Text format 0.0.4."}},
)
async def metrics(state: State, telemetry: Counted) -> Response:
    """Tell the counters of all worker processes, freshness and the worker's jobs; without a database, the counters."""

    async def freshness() -> Iterable[Metric]:
        return freshness_metrics(await read_freshness(state.pool), state.settings.freshness_limit)

    async def worker() -> Iterable[Metric]:
        return worker_metrics(*await read_worker(state.writing_pool))

    gauges: list[Metric] = []
    parts = {"freshness": freshness, "worker": worker}
    outcomes = {part: await _read(part, read, gauges) for part, read in parts.items()}
    return Response(telemetry.exposition([*gauges, scrape_metric(outcomes)]), media_type=MEDIA_TYPE)


async def _read(part: str, read: Callable[[], Awaitable[Iterable[Metric]]], gauges: list[Metric]) -> bool:
    try:
        gauges.extend(await read())
    except DATABASE_FAILURES as error:
        logger.warning("metrics: %s cannot be read: %s: %s", part, type(error).__name__, error)
        return False
    return True
