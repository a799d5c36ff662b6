"""What Schemathesis must know that a JSON schema cannot say: which bounds fit each other, and what a cursor is.

Loaded by Schemathesis itself (SCHEMATHESIS_HOOKS). An empty range and a cursor that was not given out are refused with
422, as the description says in words; tests of the filters and of the pages see to that. ``GET /operations`` tells of
route templates, which the stateful tests take for addresses. The events of a body may be of either kind: a click made
"wrong" as an event of the other kind is right.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from service.events.schemas import EventsRequest

RANGES = (("price_min", "price_max"), ("weight_min", "weight_max"))


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:  # noqa: ARG001
    """Leave out empty ranges and made-up cursors."""
    return not (_makes_no_sense(case.query) or _makes_no_sense(case.body) or _is_right_after_all(case))


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001
    """Ask for the first of its kind where the template itself would be asked for."""
    for name, value in (case.path_parameters or {}).items():
        if unquote(str(value)) == f"{{{name}}}":
            case.path_parameters[name] = 1


def _is_right_after_all(case: schemathesis.Case[Any]) -> bool:
    """Whether the body was to break the schema and does not."""
    body = None if case.meta is None else case.meta.components.get(ParameterLocation.BODY)
    if case.path != "/events" or body is None or not body.mode.is_negative:
        return False
    try:
        EventsRequest.model_validate_json(json.dumps(case.body))
    except (TypeError, ValueError):
        return False
    return True


def _makes_no_sense(value: object) -> bool:
    """Look into the bodies of batches too."""
    if isinstance(value, list):
        return any(map(_makes_no_sense, value))
    if not isinstance(value, Mapping):
        return False
    if isinstance(value.get("cursor"), str) or any(_is_above(value.get(low), value.get(high)) for low, high in RANGES):
        return True
    return any(map(_makes_no_sense, value.values()))


def _is_above(low: Any, high: Any) -> bool:
    """Whether both are numbers and the first is the larger one."""
    try:
        return float(low) > float(high)
    except (TypeError, ValueError):
        return False
