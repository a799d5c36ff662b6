"""Several searches in one request count as several, or a batch would be a way around the limits.

Stage: service, HTTP. The gate counted the request as one before its body was read; here the rest is counted.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

from service.access.rate_limits import Verdict

COUNT: Final = "cordsearch.count"  # in the ASGI scope: counts so many requests more of this caller


def count_batch(request: Request, searches: int) -> None:
    """Count all of a batch of ``searches`` but the one that was counted.

    Raises:
        HTTPException: 429 with Retry-After, none of the batch may be answered.
    """
    if searches <= 1:
        return
    count: Callable[[int], Verdict] = request.scope[COUNT]
    verdict = count(searches - 1)
    if verdict.refusal is not None:
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{verdict.refusal} This batch counts as {searches}: send fewer, or again in {verdict.retry_after} s.",
            headers={"Retry-After": str(verdict.retry_after)},
        )
