"""One product in full: read from the marts, presented as the plain values that JSON is made of.

Stage: service. Reads ``dim_product``, the images, and the names of price lists and storages; writes nothing. Without
further images and names the product is answered all the same.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from cordsearch.sql import load_query
from service.answers.list_names import ListNames
from service.database_failures import DATABASE_FAILURES
from service.search.hydrate import display_name
from service.search.pipeline import unavailable
from service.search.retrieve import Pool
from service.search.rows import Connection, Row

logger = logging.getLogger(__name__)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A row of ``dim_product``, its images, and the names of all price lists and storages in the order to show them."""

    row: Row
    images: Sequence[str]
    price_lists: Mapping[int, str | None]
    storages: Mapping[int, str | None]


async def load_product(pool: Pool, names: ListNames, product_id: int) -> ProductCard | None:
    """Return the product, None when there is no such product.

    Raises:
        DatabaseUnavailableError: the product could not be read.
    """
    try:
        async with pool.acquire() as connection:
            rows = await connection.fetch(load_query(__file__, "sql/product.sql"), product_id)
            if not rows:
                return None
            images = await _load_images(connection, product_id)
    except DATABASE_FAILURES as error:
        raise unavailable(error) from error
    return ProductCard(rows[0], images, await names.of("price_list"), await names.of("storage"))


async def _load_images(connection: Connection, product_id: int) -> list[str]:
    """Return the addresses of the images; none while the loader makes their table anew."""
    try:
        rows = await connection.fetch(load_query(__file__, "sql/product_images.sql"), product_id)
    except asyncpg.PostgresError as error:
        logger.warning("images of product %s: %s: %s", product_id, type(error).__name__, error)
        return []
    return [row["url"] for row in rows]


def _by_id(text: str | None) -> dict[int, float]:
    return {int(key): float(value) for key, value in orjson.loads(text or "{}").items()}


def product_answer(card: ProductCard, language: str) -> Json:
    """Return the body of ``GET /products/{product_id}``."""
    row = card.row
    name, name_language = display_name(row, language)
    quantity = row["available_quantity"] or 0.0
    return {
        "product_id": row["product_id"],
        "net_uid": str(row["net_uid"]),
        "vendor_code": row["vendor_code"],
        "name": name,
        "name_language": name_language,
        "names": _in(row, "name", "ru", "uk", "pl"),
        "descriptions": _in(row, "description", "ru", "uk", "pl"),
        "notes": _in(row, "notes", "uk", "pl"),
        "synonyms": _in(row, "synonyms", "uk", "pl"),
        "slugs": _in(row, "slug", "uk", "pl"),
        "size": row["size"],
        "weight": row["weight"],
        "measure_unit": row["measure_unit"],
        "main_original_number": row["main_original_number"],
        "original_numbers": row["original_numbers"] or [],
        "analogue_count": row["analogue_count"],
        "categories": _named(row, "category"),
        "groups": _named(row, "group"),
        "car_brands": _named(row, "car_brand"),
        "image_url": row["image_url"],
        "images": _images(card),
        "price": row["price"],
        "prices": _amounts(_by_id(row["prices"]), card.price_lists, "pricing_id", "price"),
        "available_quantity": quantity,
        "available": quantity > 0,
        "stock": _amounts(_by_id(row["quantity_by_storage"]), card.storages, "storage_id", "quantity"),
        "is_for_sale": row["is_for_sale"],
        "is_for_web": row["is_for_web"],
        "is_for_zero_sale": row["is_for_zero_sale"],
        "has_component": row["has_component"],
        "created": _moment(row["created"]),
        "updated": _moment(row["updated"]),
    }


def _in(row: Row, column: str, *languages: str) -> Json:
    return {language: row[f"{column}_{language}"] for language in languages}


def _named(row: Row, what: str) -> list[Json]:
    pairs = zip(row[f"{what}_ids"] or (), row[f"{what}_names"] or (), strict=False)
    return [{"id": identity, "name": name} for identity, name in pairs]


def _images(card: ProductCard) -> list[str]:
    """Return the addresses of the images, the one that lists show first."""
    addresses = [card.row["image_url"], *card.images]
    return list(dict.fromkeys(address for address in addresses if address))


def _amounts(amounts: Mapping[int, float], names: Mapping[int, str | None], key: str, what: str) -> list[Json]:
    """Return the amounts with the names of their lists, those without a name last."""
    order = [*(identity for identity in names if identity in amounts), *sorted(amounts.keys() - names.keys())]
    return [{key: identity, "name": names.get(identity), what: amounts[identity]} for identity in order]


def _moment(moment: datetime | None) -> str | None:
    """Return a moment of the source's clock, which the loaders keep as UTC, in RFC 3339."""
    return None if moment is None else moment.replace(tzinfo=UTC).isoformat()
