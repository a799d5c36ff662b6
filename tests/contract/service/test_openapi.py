"""The description of the interface holds together: a client can be generated from it, and its examples are true."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from service.answers.openapi import operations
from service.openapi_file import current_document

DOCUMENT: dict[str, Any] = json.loads(current_document())
OPERATIONS = {operation["operationId"]: operation for operation in operations(DOCUMENT)}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(reference: str) -> Any:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield every schema that has examples, each with one of them."""
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield node["schema"], node["example"]
        elif "example" in node and ("properties" in node or "type" in node):
            yield node, node["example"]
        if isinstance(node.get("examples"), list):
            yield from ((node, example) for example in node["examples"])
        for value in node.values():
            yield from examples(value)
    elif isinstance(node, list):
        for value in node:
            yield from examples(value)


def test_every_reference_leads_somewhere_and_every_schema_is_referred_to() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        resolved(reference)
    assert {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]} <= found


def test_operations_have_names_of_their_own() -> None:
    assert len(OPERATIONS) == len(list(operations(DOCUMENT)))
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in OPERATIONS)


def test_every_tag_is_explained() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_tells_what_it_does_takes_and_answers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description") or parameter["in"] == "header", parameter["name"]
    for status, response in operation["responses"].items():
        if status[0] in "45":
            assert response["description"]
        if status[0] == "2" and status not in ("202", "204"):
            assert all("schema" in content for content in response["content"].values())
    assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_errors_are_problem_documents(name: str) -> None:
    for response in OPERATIONS[name]["responses"].values():
        for media_type, content in response.get("content", {}).items():
            is_problem = content["schema"].get("$ref") == "#/components/schemas/Problem"
            assert is_problem == (media_type == "application/problem+json")


def test_the_examples_are_of_their_schemas() -> None:
    checked = 0
    for schema, example in examples(DOCUMENT):
        whole = {**schema, "components": DOCUMENT["components"]}
        Draft202012Validator(whole).validate(example)
        checked += 1
    assert checked > 20
