"""Products that may replace another one, each with the reasons for it.

Stage: service. Reads the declared pairs of ``dim_product_search`` and the numbers of ``product_code``; writes nothing.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cordsearch.analysis.codes import normalise_code
from cordsearch.sql import load_query
from service.search.candidate import RetrieverRun
from service.search.filter_clause import apply_filters
from service.search.filters import Filters
from service.search.query import Query
from service.search.rows import Connection, Row

ReasonKind = Literal["declared", "shared_number", "vendor_code_is_original_number"]


class AnalogueReason(NamedTuple):
    """Why a product is an analogue; ``number`` as the product asked for has it written, None for a declared pair."""

    kind: ReasonKind
    number: str | None


class Analogue(NamedTuple):
    """A product that may replace the product ``replaces``.

    ``other_make``: nothing but a number speaks for it, and it is for another make, so it may be another part whose
    maker uses the same digits.
    """

    product_id: int
    replaces: int
    reasons: tuple[AnalogueReason, ...]
    other_make: bool = False


class AnalogueHit(NamedTuple):
    """An analogue with its display fields."""

    product: Row
    analogue: Analogue


class Analogues(NamedTuple):
    """The analogues of one product, best first; ``total`` counts them all, as a lower limit when ``is_bounded``."""

    analogues: Sequence[Analogue]
    total: int
    is_bounded: bool


async def load_analogues(
    connection: Connection,
    product_ids: Sequence[int],
    filters: Filters,
    limit: int,
    leave_out: Sequence[int] = (),
) -> dict[int, Analogues]:
    """Return at most ``limit`` analogues for each of the products that exist, by product id.

    Declared pairs that also share a number come first, then what is in stock, then what is in demand, and what is for
    another make last. The bounds, and which numbers say nothing, are in analogues.sql.
    """
    statement, values = apply_filters(load_query(__file__, "analogues.sql"), filters, own_values=3)
    rows = await connection.fetch(statement, product_ids, leave_out, limit, *values)
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["product_id"], []).append(row)
    return {
        product_id: Analogues(
            [read_analogue(row) for row in of_product if row["analogue_id"] is not None],
            of_product[0]["total"],
            of_product[0]["is_bounded"],
        )
        for product_id, of_product in found.items()
    }


def read_analogue(row: Row) -> Analogue:
    """Return the analogue of a row of analogues.sql."""
    reasons = [AnalogueReason("declared", None)] if row["declared"] else []
    reasons += [AnalogueReason("shared_number", number) for number in row["shared_numbers"] or ()]
    reasons += [AnalogueReason("vendor_code_is_original_number", number) for number in row["vendor_codes"] or ()]
    return Analogue(row["analogue_id"], row["product_id"], tuple(reasons), row["other_make"])


def whole_codes(query: Query) -> list[str]:
    """Return the normalised numbers that the query is and does not only mention beside words."""
    typed = normalise_code(query.text)
    return [code for code in query.codes if code == typed or not query.has_words]


def typed_in_full(query: Query, runs: Sequence[RetrieverRun]) -> set[int]:
    """Return the products found whose number the query is, not only the beginning of it."""
    codes = whole_codes(query)
    return {
        candidate.product_id
        for run in runs
        if run.name == "code"
        for candidate in run.retrieved.candidates
        if candidate.score >= 1 and normalise_code(candidate.matched) in codes
    }


async def load_carriers(connection: Connection, codes: Sequence[str]) -> list[int]:
    """Return products that carry one of the normalised ``codes``, whatever the filters, at most five for each."""
    rows = await connection.fetch(load_query(__file__, "carriers.sql"), codes)
    return list(dict.fromkeys(row["product_id"] for row in rows))


def choose_replacements(asked: Sequence[int], analogues: dict[int, Analogues], limit: int) -> list[Analogue]:
    """Return at most ``limit`` analogues of several products, each once, for the first of ``asked`` it may replace.

    The best of every product come before the second best of any. What may be another part is left out.
    """
    waiting = [
        [analogue for analogue in analogues[product_id].analogues if not analogue.other_make]
        for product_id in asked
        if product_id in analogues
    ]
    chosen: dict[int, Analogue] = {}
    for place in range(max(map(len, waiting), default=0)):
        for of_product in waiting:
            if place < len(of_product):
                chosen.setdefault(of_product[place].product_id, of_product[place])
    return list(chosen.values())[:limit]
