"""Hydration: the display fields of one page of results.

Stage: service, last before the response. Reads ``dim_product_search``, one statement for the page; writes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cordsearch.sql import load_query
from service.search.rows import Connection, Row

NAME_FALLBACK: Final[Mapping[str, tuple[str, ...]]] = {
    "uk": ("uk", "ru", "pl"),
    "ru": ("ru", "uk", "pl"),
    "pl": ("pl", "uk", "ru"),
    # The catalogue has no English names; Polish is the one an English reader can at least spell.
    "en": ("pl", "uk", "ru"),
}


async def load_products(connection: Connection, product_ids: Sequence[int]) -> dict[int, Row]:
    """Return the display fields of the products that still exist, by product id."""
    rows = await connection.fetch(load_query(__file__, "hydrate.sql"), list(product_ids))
    return {row["product_id"]: row for row in rows}


def display_name(row: Row, language: str) -> tuple[str | None, str | None]:
    """Return the name to show and its language: the first in order of nearness to ``language`` that holds a letter.

    The catalogue has rows whose Ukrainian name is ``-2146826246``, a spreadsheet's error code.
    """
    for spoken in NAME_FALLBACK[language]:
        name = row[f"name_{spoken}"]
        if name and any(character.isalpha() for character in name):
            return name, spoken
    return None, None
