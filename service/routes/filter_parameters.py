"""The filters of a request, with their bounds.

Stage: service, HTTP. What passes here is safe for the search: bounded, finite, ranges the right way round.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from cordsearch.analysis.codes import normalise_code
from service.bounds import LARGEST_ID
from service.search.filters import NO_FILTERS, Filters

MOST_IDS = 100
_LARGEST_NUMBER = 1e12
_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(value: str) -> str:
    """Return ``value``. Raises ValueError for text that PostgreSQL cannot hold."""
    if "\x00" in value:
        raise ValueError("a NUL character cannot be searched for")
    if _SURROGATE.search(value):
        raise ValueError("the text is not valid Unicode")
    return value


Prefix = Annotated[str, AfterValidator(storable), AfterValidator(str.strip)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[float, Field(ge=0, le=_LARGEST_NUMBER, allow_inf_nan=False)]


class FilterParameters(BaseModel):
    """Which products may be found. All filters that are given must hold; of a list of ids, one suffices."""

    supplier: Prefix | None = Field(
        default=None, max_length=40, description="Only products whose vendor code begins so.", examples=["SEM1"]
    )
    category_id: list[Id] = Field(
        default=[], max_length=MOST_IDS, description="Only products in one of these categories.", examples=[[7]]
    )
    group_id: list[Id] = Field(
        default=[], max_length=MOST_IDS, description="Only products in one of these product groups.", examples=[[12]]
    )
    car_brand_id: list[Id] = Field(
        default=[], max_length=MOST_IDS, description="Only products for one of these makes.", examples=[[3, 5]]
    )
    available: bool | None = Field(default=None, description="Only products in stock (true) or out of stock (false).")
    price_min: Amount | None = Field(default=None, description="Only products with this price or a higher one.")
    price_max: Amount | None = Field(default=None, description="Only products with this price or a lower one.")
    weight_min: Amount | None = Field(default=None, description="Only products of this weight in kilograms or more.")
    weight_max: Amount | None = Field(default=None, description="Only products of this weight in kilograms or less.")
    has_image: bool | None = Field(default=None, description="Only products with an image (true) or without (false).")
    for_web: bool | None = Field(
        default=None, description="Only products that the storefront shows (true) or does not show (false)."
    )

    @model_validator(mode="after")
    def _ranges_are_not_empty(self) -> Self:
        for name, lowest, highest in (
            ("price", self.price_min, self.price_max),
            ("weight", self.weight_min, self.weight_max),
        ):
            if lowest is not None and highest is not None and lowest > highest:
                raise ValueError(f"{name}_min is {lowest:g}, above {name}_max, which is {highest:g}")
        return self

    def filters(self) -> Filters:
        """Return what was asked for as the search reads it: ids once each, the supplier as codes are compared."""
        if self.model_fields_set.isdisjoint(_FILTERS):
            return NO_FILTERS
        return Filters(
            supplier=normalise_code(self.supplier or "") or None,
            available=self.available,
            category_ids=_distinct(self.category_id),
            group_ids=_distinct(self.group_id),
            car_brand_ids=_distinct(self.car_brand_id),
            price_min=self.price_min,
            price_max=self.price_max,
            weight_min=self.weight_min,
            weight_max=self.weight_max,
            has_image=self.has_image,
            for_web=self.for_web,
        )


_FILTERS = frozenset(FilterParameters.model_fields)


def _distinct(ids: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))
