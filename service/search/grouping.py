"""Grouping: products that are the same part come as one, the best of them. The choice is pure.

Stage: service, after ranking, only when asked for. Reads the main numbers and declared analogues of the candidates;
writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cordsearch.analysis.codes import normalise_code
from cordsearch.sql import load_query
from service.search.rows import Connection

_SHORTEST_NUMBER = 4


class Kinship(NamedTuple):
    """By what a product is known to be the same part as others: its main number, normalised, declared analogues."""

    number: str | None
    analogues: frozenset[int]


_NO_KIN = Kinship(None, frozenset())


async def load_kinships(connection: Connection, product_ids: Sequence[int]) -> dict[int, Kinship]:
    """Return by what each product that exists is known to be the same as others."""
    rows = await connection.fetch(load_query(__file__, "kinships.sql"), product_ids)
    return {
        row["product_id"]: Kinship(_telling(row["main_original_number"]), frozenset(row["analogues"] or ()))
        for row in rows
    }


def _telling(number: str | None) -> str | None:
    """Return the normal form of a number that says which part it is, or None: ``0000`` and ``12`` say nothing."""
    code = normalise_code(number or "")
    says_something = len(code) >= _SHORTEST_NUMBER and any(map(str.isdigit, code)) and len(set(code)) > 1
    return code if says_something else None


def group(product_ids: Iterable[int], kinships: Mapping[int, Kinship]) -> dict[int, tuple[int, ...]]:
    """Return leader -> its products, the leader first, in the order of ``product_ids``, which is best first.

    A product stands behind the first leader it is the same part as: both have the main number, or one names the other
    as its analogue. What stands behind a leader brings nobody along: a chain of analogues ends at another part.
    """
    members: dict[int, list[int]] = {}
    places: dict[int, int] = {}
    by_number: dict[str, int] = {}
    by_analogue: dict[int, int] = {}
    for product_id in product_ids:
        number, analogues = kinships.get(product_id, _NO_KIN)
        found = [other for other in analogues if other in places]
        if product_id in by_analogue:
            found.append(by_analogue[product_id])
        if number is not None and number in by_number:
            found.append(by_number[number])
        if found:
            members[min(found, key=places.__getitem__)].append(product_id)
            continue
        places[product_id] = len(places)
        members[product_id] = [product_id]
        if number is not None:
            by_number[number] = product_id
        for other in analogues:
            by_analogue.setdefault(other, product_id)
    return {leader: tuple(behind) for leader, behind in members.items()}
