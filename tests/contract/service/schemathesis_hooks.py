"""What Schemathesis must know that a JSON schema cannot say: which bounds fit each other, and what a cursor is.

Loaded by Schemathesis itself (SCHEMATHESIS_HOOKS). An empty range and a cursor that was not given out are refused with
422, as the description says in words; tests of the filters and of the pages see to that.
"""

from collections.abc import Mapping
from typing import Any

import schemathesis

RANGES = (("price_min", "price_max"), ("weight_min", "weight_max"))


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:  # noqa: ARG001
    """Leave out empty ranges and made-up cursors."""
    parts = (case.query, case.body)
    return not any(_holds_empty_range(part) or _holds_cursor(part) for part in parts)


def _holds_cursor(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("cursor"), str)


def _holds_empty_range(value: object) -> bool:
    """Look into the bodies of batches too."""
    if isinstance(value, list):
        return any(map(_holds_empty_range, value))
    if not isinstance(value, Mapping):
        return False
    return any(_is_above(value.get(low), value.get(high)) for low, high in RANGES) or any(
        map(_holds_empty_range, value.values())
    )


def _is_above(low: Any, high: Any) -> bool:
    """Whether both are numbers and the first is the larger one."""
    try:
        return float(low) > float(high)
    except (TypeError, ValueError):
        return False
