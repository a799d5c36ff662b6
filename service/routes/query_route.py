"""Routes asked by a query string, on the shortest way to their answer.

Stage: service, HTTP. FastAPI describes such a route, so OpenAPI is what it would be anyway; it does not take part in
answering, where it costs more than the answer's own validation and JSON (ADR 28 has the figures).
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic_core import Url
from starlette.types import Receive, Scope, Send

Asked = TypeVar("Asked", bound=BaseModel)


class QueryRoute(APIRoute):
    """A route whose endpoint is ``async (request, asked: Annotated[Model, Query()]) -> Response``; others are as ever.

    What guards it has to be among the dependencies of its router or its own: those of ``include_router`` are not seen
    here. Each of them is called with the request, and may raise.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._guards = [each.dependency for each in self.dependencies if each.dependency is not None]
        model = _queried_model(endpoint)
        self._reader = None if model is None else QueryReader(model)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request. Raises RequestValidationError and what the guards and the endpoint raise."""
        if self._reader is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        for guard in self._guards:
            await guard(request)
        response = await self.endpoint(request, self._reader.read(scope["query_string"]))
        await response(scope, receive, send)


class QueryReader(Generic[Asked]):
    """Reads query strings as one model; of a field that is no list the last value counts."""

    def __init__(self, model: type[Asked]) -> None:
        self._model = model
        self._lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}

    def read(self, query_string: bytes) -> Asked:
        """Return what is asked for. Raises RequestValidationError."""
        given: dict[str, str | list[str]] = {}
        # what parse_qsl returns, in a sixth of the time: letters beyond ASCII come as six characters each
        for name, value in Url(f"http://query/?{query_string.decode('latin-1')}").query_params():
            if name in self._lists:
                given.setdefault(name, []).append(value)  # type: ignore[union-attr] # what a list has is a list
            else:
                given[name] = value
        try:
            return self._model.model_validate(given)
        except ValidationError as error:
            described = [{**each, "loc": ("query", *each["loc"])} for each in error.errors(include_url=False)]
            raise RequestValidationError(described) from error


def _queried_model(endpoint: Callable[..., Any]) -> type[BaseModel] | None:
    """Return the model that ``endpoint`` takes beside the request; None when it takes anything else."""
    parameters = {name: each.annotation for name, each in inspect.signature(endpoint, eval_str=True).parameters.items()}
    asked = parameters.pop("asked", None)
    if parameters != {"request": Request} or get_origin(asked) is not Annotated:
        return None
    model, source = get_args(asked)
    return model if isinstance(source, Query) else None
