"""Conditions on products: ``filters``, ``facetFilters`` and ``numericFilters`` read into one form. Pure.

Stage: service, HTTP. Reads the three parameters; writes nothing. The one form is a conjunction of groups, a group a
disjunction of conditions, which is all the original can say too:
https://www.algolia.com/doc/guides/managing-results/refine-results/filtering/in-depth/combining-boolean-operators
https://www.algolia.com/doc/api-reference/api-parameters/filters (also facetFilters, numericFilters)
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from service.instantsearch.refused import RefusedRequestError

LONGEST_FILTER = 4_000  # characters
MOST_CONDITIONS = 200

_COMPARISON = re.compile(r"\s*([^<>=!:]+?)\s*(<=|>=|!=|<|>|=)\s*(\S+)\s*")
_RANGE = re.compile(r"\s*([^<>=!:]+?)\s*:\s*(\S+)\s+TO\s+(\S+)\s*")
_LARGEST = 4_611_686_018_427_387  # the documented bound of numbers in filters


@dataclass(frozen=True, slots=True)
class ValueIs:
    """The attribute has this value; with ``negated``, it has not."""

    attribute: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class NumberIn:
    """The attribute lies between ``low`` and ``high``, both included; infinite where a side is open."""

    attribute: str
    low: float
    high: float


Condition = ValueIs | NumberIn
Group = tuple[Condition, ...]


def read_facet_filters(given: JsonValue) -> list[Group]:
    """Return the groups of ``facetFilters``: strings are joined by AND, strings in a nested list by OR.

    Raises:
        RefusedRequestError: something in it is no ``attribute:value``.
    """
    return [
        tuple(_facet_filter(each) for each in _strings(item, "facetFilters"))
        for item in _items(given, "facetFilters")
        if item != []
    ]


def read_numeric_filters(given: JsonValue) -> list[Group]:
    """Return the groups of ``numericFilters``, nested like ``facetFilters``; a bare string is split at its commas.

    Raises:
        RefusedRequestError: something in it is neither ``attribute<operator>number`` nor ``attribute:low TO high``.
    """
    if isinstance(given, str):
        given = [text for text in given.split(",") if text.strip()]
    return [
        tuple(read_number(each) for each in _strings(item, "numericFilters"))
        for item in _items(given, "numericFilters")
        if item != []
    ]


def read_number(text: str) -> NumberIn:
    """Return the condition that ``text`` states about a number.

    Raises:
        RefusedRequestError: it states none, or with ``!=``, which only values that are words may have.
    """
    if found := _RANGE.fullmatch(text):
        return NumberIn(found[1], number(found[2], text), number(found[3], text))
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise RefusedRequestError(f"cannot read {text[:100]!r}: write attribute >= number, or attribute:low TO high")
    return compared(found[1], found[2], number(found[3], text))


def compared(attribute: str, operator: str, value: float) -> NumberIn:
    """Return the condition ``attribute operator value``; both bounds of a condition are included.

    Raises:
        RefusedRequestError: the operator is ``!=``.
    """
    bounds = {
        "=": (value, value),
        ">=": (value, math.inf),
        ">": (math.nextafter(value, math.inf), math.inf),
        "<=": (-math.inf, value),
        "<": (-math.inf, math.nextafter(value, -math.inf)),
    }.get(operator)
    if bounds is None:
        raise RefusedRequestError(f"{attribute[:100]} {operator} {value:g}: != is not supported for numbers")
    return NumberIn(attribute, *bounds)


def number(text: str, whole: str) -> float:
    """Return the finite number that ``text`` is, a part of ``whole``.

    Raises:
        RefusedRequestError: it is none, or beyond what a filter may hold.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:
        raise RefusedRequestError(f"{text[:40]!r} in {whole[:100]!r} is not a number that a filter can hold")
    return value


def check_size(groups: Sequence[Group]) -> None:
    """Raise RefusedRequestError when there are more conditions than a person would choose."""
    count = sum(map(len, groups))
    if count > MOST_CONDITIONS:
        raise RefusedRequestError(f"{count} conditions in one search; at most {MOST_CONDITIONS} are allowed")


def _items(given: JsonValue, parameter: str) -> list[JsonValue]:
    if given is None or given == "":
        return []
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise RefusedRequestError(f"{parameter} must be a list of strings, or of lists of strings")
    return given


def _strings(item: JsonValue, parameter: str) -> list[str]:
    texts = item if isinstance(item, list) else [item]
    found = [text for text in texts if isinstance(text, str)]
    if len(found) != len(texts):
        raise RefusedRequestError(f"{parameter} may nest lists once only, and must hold strings")
    return found


def _facet_filter(text: str) -> ValueIs:
    attribute, colon, value = text.partition(":")
    if not colon or not attribute.strip():
        raise RefusedRequestError(f"cannot read {text[:100]!r} in facetFilters: write attribute:value")
    negated = value.startswith("-")
    value = value.removeprefix("-").removeprefix("\\") if negated or value.startswith("\\-") else value
    return ValueIs(attribute.strip(), value.strip(), negated)
