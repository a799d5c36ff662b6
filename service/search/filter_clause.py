"""Filters as conditions of a statement: only those that are asked for, each with its bound values. Pure.

Stage: service, inside whatever reads products. A statement says ``{filters}`` after a condition on a product that it
calls ``product``; the conditions come there, their values after its own. An unfiltered statement is as if there were
no filters at all: one plan for ``$n is null or ...`` keeps filtered searches from every index.
"""

import re
from functools import cache, lru_cache, partial
from math import inf
from typing import NamedTuple

from cordsearch.sql import load_query
from service.search.filters import FilterName, Filters
from service.search.rows import HIGHEST

_PLACE = re.compile(r"\$\{(\d)\}")


class Filtered(NamedTuple):
    """A statement with its filters, and their values, to be bound after its own."""

    statement: str
    values: tuple[object, ...]


def apply_filters(statement: str, filters: Filters, own_values: int) -> Filtered:
    """Return ``statement`` with the conditions of ``filters`` at every ``{filters}``; its own values come before.

    ``{filters beside words}`` are the same where a condition on words stands beside them: their index knows more.
    """
    names = filters.names
    values = tuple(value for name in names for value in _values(filters, name))
    return Filtered(_with_conditions(statement, names, own_values), values)


@lru_cache(maxsize=1_000)
def _with_conditions(statement: str, names: tuple[FilterName, ...], own_values: int) -> str:
    conditions, beside_words = [""], [""]
    bound = own_values
    for name in names:
        condition = _conditions()[name]
        conditions.append(number_places(condition, bound))
        beside_words.append(number_places(_conditions().get(f"{name}_beside_words", condition), bound))
        bound += len(set(_PLACE.findall(condition)))
    statement = statement.replace("{filters beside words}", "\nand ".join(beside_words))
    return statement.replace("{filters}", "\nand ".join(conditions))


def number_places(part: str, bound: int) -> str:
    """Return ``part`` of a statement with its places (``${1}``, ``${2}``) numbered after the ``bound`` ones before."""
    return _PLACE.sub(partial(_number, bound), part)


def _number(bound: int, place: re.Match[str]) -> str:
    return f"${bound + int(place[1])}"


def read_parts(text: str, kind: str) -> dict[str, str]:
    """Return the parts of a SQL file by name, each under its heading ``-- kind: name``."""
    _, *parts = re.split(rf"^-- {kind}: (\w+)$", text, flags=re.MULTILINE)
    return {name: part.strip() for name, part in zip(parts[::2], parts[1::2], strict=True)}


@cache
def _conditions() -> dict[str, str]:
    """Return the condition of each filter, from filters.sql."""
    return read_parts(load_query(__file__, "filters.sql"), "filter")


def _values(filters: Filters, name: FilterName) -> tuple[object, ...]:
    match name:
        case "supplier":
            return filters.supplier, f"{filters.supplier}{HIGHEST}"
        case "price":
            return _range(filters.price_min, filters.price_max)
        case "weight":
            return _range(filters.weight_min, filters.weight_max)
        case _:
            (value,) = filters.given(name)
            return (value,)


def _range(lowest: float | None, highest: float | None) -> tuple[float, float]:
    return (-inf if lowest is None else lowest, inf if highest is None else highest)
