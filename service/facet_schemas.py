"""The shapes of facets, as OpenAPI publishes them. Pure.

Stage: service, HTTP.
"""

from pydantic import BaseModel, Field


class FacetValue(BaseModel):
    """One value of a property and how many of the products found have it."""

    value: str = Field(
        description="What the filter takes: an id, true or false, the letters vendor codes begin with. Of prices: the "
        "place of the range, from 0."
    )
    label: str | None = Field(description="Name of the category, group or make.")
    count: int = Field(ge=0)
    lowest: float | None = Field(description="Of a range of prices: its lower end, included; null where it is open.")
    highest: float | None = Field(description="Of a range of prices: its upper end, excluded; null where it is open.")


class FacetCounts(BaseModel):
    """A property of the products found: its values, those of most products first, ranges of prices ascending."""

    estimated: bool = Field(
        description="More products have all the words than are counted one by one; the best of them stand for all."
    )
    values: list[FacetValue]
    lowest: float | None = Field(description="Of prices: the lowest among the products counted.")
    highest: float | None = Field(description="Of prices: the highest among the products counted.")
