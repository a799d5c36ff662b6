"""The published description of the interface: FastAPI's, completed so that a client can be generated from it.

Stage: service, HTTP. Reads the routes; ``service.openapi_file`` writes the document that is committed.

What FastAPI leaves out or gets wrong here: every error is a problem document, with its own media type, everywhere;
operations have short names, which become the names of a generated client's methods.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from service.problems import MEDIA_TYPE, title_of

Document = dict[str, Any]

ANY_VERSION: Final = "any"  # in the committed document, so that a release does not change it
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_NOT_OURS: Final = ("HTTPValidationError", "ValidationError")
TAGS: Final = [
    {"name": "search", "description": "Find products, and complete what is being typed."},
    {"name": "products", "description": "One product, and what goes with it."},
    {"name": "events", "description": "What shoppers did with what they were shown."},
    {"name": "reports", "description": "What is searched for, and what is searched for in vain."},
    {"name": "merchandising", "description": "Synonyms, stop words, pins, hides and boosts; every change is recorded."},
    {"name": "operation", "description": "For supervisors, balancers and dashboards."},
]


def operation_id(route: APIRoute) -> str:
    """Return the name of the route's function as the id of its operation."""
    return route.name


def install_openapi(app: FastAPI) -> None:
    """Make ``/openapi.json`` of ``app`` the completed document."""
    generate = app.openapi

    def openapi() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = completed(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def completed(document: Document) -> Document:
    """Return ``document`` with the problem responses of every operation."""
    components = document.setdefault("components", {})
    for name in _NOT_OURS:
        components.get("schemas", {}).pop(name, None)
    components["responses"] = {"Problem": _problem("Any other error.", "503")}
    used = {tag for operation in operations(document) for tag in operation.get("tags", ())}
    document["tags"] = [tag for tag in document.get("tags", ()) if tag["name"] in used]
    for operation in operations(document):
        responses = operation["responses"]
        for status, response in responses.items():
            if _tells_a_problem(response):
                responses[status] = {**response, **_problem(response["description"], status)}
        for status, response in responses.items():
            headers = _headers(status, response, keeps="304" in responses)
            if headers:
                response["headers"] = headers | response.get("headers", {})
        responses.setdefault("default", {"$ref": "#/components/responses/Problem"})
    for schema in components.get("schemas", {}).values():
        if "example" in schema:
            schema["example"] = _with_nulls(schema["example"], schema, document)
    return document


def operations(document: Document) -> Iterator[Document]:
    """Yield every operation of ``document``."""
    for path in document["paths"].values():
        yield from (operation for operation in path.values() if "responses" in operation)


def _headers(status: str, response: Document, *, keeps: bool) -> Document:
    """Return the headers to tell of: of an answer that may be kept, and of a refusal that passes."""
    if keeps and status in ("200", "304"):
        return {
            "ETag": _header("The answer's tag, to send back as `If-None-Match`."),
            "Cache-Control": _header("How long it may be kept."),
        }
    if status in ("429", "503") and MEDIA_TYPE in response.get("content", {}):
        return {"Retry-After": _header("Seconds to wait before trying again.")}
    return {}


def _header(description: str) -> Document:
    return {"description": description, "schema": {"type": "string"}}


def _tells_a_problem(response: Document) -> bool:
    references = {content.get("schema", {}).get("$ref", "") for content in response.get("content", {}).values()}
    return bool({reference.rpartition("/")[2] for reference in references} & {"Problem", *_NOT_OURS})


def _problem(description: str, status: str) -> Document:
    code = int(status)
    example = {
        "type": "about:blank",
        "title": title_of(code),
        "status": code,
        "detail": description,
    }
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _PROBLEM, "example": example}}}


def _with_nulls(example: Any, schema: Document, document: Document) -> Any:
    """Return ``example`` with the nulls of required properties: FastAPI takes every null out of the document."""
    schema = _of_object_or_list(schema, document)
    if isinstance(example, list):
        return [_with_nulls(each, schema.get("items", {}), document) for each in example]
    if not isinstance(example, dict):
        return example
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    of_others = others if isinstance(others, dict) else {}
    whole = dict.fromkeys(schema.get("required", ())) | example
    return {name: _with_nulls(value, properties.get(name, of_others), document) for name, value in whole.items()}


def _of_object_or_list(schema: Document, document: Document) -> Document:
    """Return what ``schema`` refers to, of several alternatives the first object or list."""
    for alternative in schema.get("anyOf", [schema]):
        if "$ref" in alternative:
            name = alternative["$ref"].rpartition("/")[2]
            referred: Document = document["components"]["schemas"][name]
            return referred
        if alternative.get("type") in ("object", "array"):
            return dict(alternative)
    return schema


def committed_form(app: FastAPI) -> str:
    """Return the document of ``app`` as it is committed: sorted, indented, of no version."""
    document = json.loads(json.dumps(app.openapi()))
    document["info"]["version"] = ANY_VERSION
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
