"""``/admin/rules`` and ``/admin/audit``: what merchandisers decide, and who changed it."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from service.access.caller import Caller
from service.access.requirement import CALLER
from service.bounds import LARGEST_ID
from service.merchandising.models import ChangesPage, Kind, Rule, RulesPage, StoredRule
from service.merchandising.store import RuleRefusedError
from service.problems import problem
from service.schemas import Problem
from service.state import State

router = APIRouter(prefix="/admin", tags=["merchandising"])

RuleId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="ID of a rule.", examples=[7])]
Limit = Annotated[int, Query(ge=1, le=200, description="Entries wanted.")]

_OUT_OF_BOUNDS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "A value is missing or out of bounds."},
    503: {"model": Problem, "description": "The database does not answer."},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such rule."}}
# What the schema cannot say. Not 422: that is for what the schema refuses, so that a client can tell the two apart.
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {
        "model": Problem,
        "description": "The rule makes no sense, names a product that the catalogue has not, or is one too many.",
    }
}


@router.get("/rules", summary="List rules", response_model=RulesPage, responses=_OUT_OF_BOUNDS)
async def list_rules(
    state: State,
    kind: Annotated[Kind | None, Query(description="Only rules of this kind.")] = None,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID, description="Only rules with a higher ID.")] = 0,
    limit: Limit = 50,
) -> RulesPage:
    """List synonyms, stop words, rules for queries and boosts, in the order they were made."""
    return await state.rule_store.page(kind, after, limit)


@router.post(
    "/rules",
    summary="Create a rule",
    status_code=HTTPStatus.CREATED,
    response_model=StoredRule,
    responses={**_REFUSED, **_OUT_OF_BOUNDS},
)
async def create_rule(state: State, request: Request, rule: Annotated[Rule, Body()], response: Response) -> Any:
    """Create a rule; searches follow it at once, on every process."""
    try:
        stored = await state.rule_store.create(rule, caller_name(request))
    except RuleRefusedError as error:
        return _refused(error)
    response.headers["Location"] = f"/admin/rules/{stored.id}"
    return stored


@router.get(
    "/rules/{rule_id}", summary="Show a rule", response_model=StoredRule, responses={**_NOT_FOUND, **_OUT_OF_BOUNDS}
)
async def get_rule(state: State, rule_id: RuleId) -> Any:
    """Show one rule, and which products it names that the catalogue no longer has."""
    return await state.rule_store.get(rule_id) or _unknown(rule_id)


@router.put(
    "/rules/{rule_id}",
    summary="Replace a rule",
    response_model=StoredRule,
    responses={**_NOT_FOUND, **_REFUSED, **_OUT_OF_BOUNDS},
)
async def replace_rule(state: State, request: Request, rule_id: RuleId, rule: Annotated[Rule, Body()]) -> Any:
    """Write a rule anew; it stays of its kind."""
    try:
        return await state.rule_store.replace(rule_id, rule, caller_name(request)) or _unknown(rule_id)
    except RuleRefusedError as error:
        return _refused(error)


@router.delete(
    "/rules/{rule_id}",
    summary="Delete a rule",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses={**_NOT_FOUND, **_OUT_OF_BOUNDS},
)
async def delete_rule(state: State, request: Request, rule_id: RuleId) -> Response:
    """Delete a rule; the audit keeps what it said."""
    if not await state.rule_store.delete(rule_id, caller_name(request)):
        return _unknown(rule_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/audit", summary="List changes of rules", response_model=ChangesPage, responses=_OUT_OF_BOUNDS)
async def list_changes(
    state: State,
    rule_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Only changes of this rule.")] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Only changes with a lower ID.")] = None,
    limit: Limit = 50,
) -> ChangesPage:
    """List who changed which rule, when and how, the newest first."""
    return await state.rule_store.changes(rule_id, before, limit)


def caller_name(request: Request) -> str:
    """Return the name of the API key; without one, that nobody said who it is."""
    caller: Caller = request.scope[CALLER]
    return "anonymous" if caller.key is None else caller.key.name


def _refused(error: RuleRefusedError) -> Response:
    return problem(HTTPStatus.CONFLICT, str(error))


def _unknown(rule_id: int) -> Response:
    return problem(HTTPStatus.NOT_FOUND, f"There is no rule {rule_id}.")
