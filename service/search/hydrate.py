"""Hydration: the display fields of one page of results.

Stage: service, last before the response. Reads ``dim_product_search``, one statement for the page; writes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cordsearch.sql import load_query
from service.search.rows import Connection, Row

_UK, _RU, _PL = ("name_uk", "uk"), ("name_ru", "ru"), ("name_pl", "pl")
# The columns of names and their languages, nearest first.
NAME_FALLBACK: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "uk": (_UK, _RU, _PL),
    "ru": (_RU, _UK, _PL),
    "pl": (_PL, _UK, _RU),
    # The catalogue has no English names; Polish is the one an English reader can at least spell.
    "en": (_PL, _UK, _RU),
}


async def load_products(connection: Connection, product_ids: Sequence[int]) -> dict[int, Row]:
    """Return the display fields of the products that still exist, by product id."""
    rows = await connection.fetch(load_query(__file__, "hydrate.sql"), list(product_ids))
    return {row["product_id"]: row for row in rows}


def display_name(row: Row, language: str) -> tuple[str | None, str | None]:
    """Return the name to show and its language: the first in order of nearness to ``language`` that holds a letter.

    The catalogue has rows whose Ukrainian name is ``-2146826246``, a spreadsheet's error code.
    """
    for column, spoken in NAME_FALLBACK[language]:
        name = row[column]
        if name and (name[0].isalpha() or any(character.isalpha() for character in name)):
            return name, spoken
    return None, None
