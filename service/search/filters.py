"""Which products a search may find, whatever was typed. Pure.

Stage: service, beside the query. Reads and writes nothing.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

FilterName = Literal[
    "supplier", "category", "group", "car_brand", "available", "price", "weight", "has_image", "for_web",
    "not_category", "not_group", "not_car_brand", "hidden",
]  # fmt: skip

_FIELDS: Final[dict[FilterName, tuple[str, ...]]] = {
    "supplier": ("supplier",),
    "category": ("category_ids",),
    "group": ("group_ids",),
    "car_brand": ("car_brand_ids",),
    "available": ("available",),
    "price": ("price_min", "price_max"),
    "weight": ("weight_min", "weight_max"),
    "has_image": ("has_image",),
    "for_web": ("for_web",),
    "not_category": ("not_category_ids",),
    "not_group": ("not_group_ids",),
    "not_car_brand": ("not_car_brand_ids",),
    "hidden": ("hidden_ids",),
}
# What an index finds the products of. Stock and price change all day: an index on them would cost every update.
_INDEXED: Final[tuple[FilterName, ...]] = ("supplier", "category", "group", "car_brand")


@dataclass(frozen=True, slots=True)
class Filters:
    """What every retriever must respect; None or empty asks nothing. All that is given must hold.

    ``supplier``: normalised beginning of the vendor code. Of a list of ids one suffices, of a list called ``not_`` a
    product may have none. Ranges include their ends; a product without a price is in no price range, one without a
    weight in no weight range. Price in the currency of the base price list, weight in kilograms. ``hidden_ids`` are
    products that staff hide; no caller gives them.
    """

    supplier: str | None = None
    available: bool | None = None
    category_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    car_brand_ids: tuple[int, ...] = ()
    price_min: float | None = None
    price_max: float | None = None
    weight_min: float | None = None
    weight_max: float | None = None
    has_image: bool | None = None
    for_web: bool | None = None
    not_category_ids: tuple[int, ...] = ()
    not_group_ids: tuple[int, ...] = ()
    not_car_brand_ids: tuple[int, ...] = ()
    hidden_ids: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[FilterName, ...]:
        """The filters that are given, in a fixed order."""
        return () if self == NO_FILTERS else tuple(name for name in _FIELDS if self.has(name))

    @property
    def has_index(self) -> bool:
        """Whether an index finds the products that pass, and not only a look at each of them."""
        return any(self.has(name) for name in _INDEXED)

    def has(self, name: FilterName) -> bool:
        """Whether the filter ``name`` is given."""
        return any(value not in (None, ()) for value in self.given(name))

    def given(self, name: FilterName) -> tuple[object, ...]:
        """Return the values of the filter ``name``: one, or both ends of a range."""
        return tuple(getattr(self, field) for field in _FIELDS[name])

    def without(self, name: FilterName) -> "Filters":
        """Return the same filters but for ``name``."""
        empty: dict[str, Any] = {field: getattr(NO_FILTERS, field) for field in _FIELDS[name]}
        return replace(self, **empty)


NO_FILTERS: Final = Filters()
