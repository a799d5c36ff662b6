"""What a caller may choose among, and where in the pages of a search it is. Pure.

Stage: service. Reads and writes nothing.
"""

from typing import Final, Literal, NamedTuple

FacetName = Literal["supplier", "category", "group", "car_brand", "available", "price", "has_image", "for_web"]
SortOrder = Literal["relevance", "price_asc", "price_desc", "newest", "popularity", "name"]


class Progress(NamedTuple):
    """How far somebody is through the pages of a search.

    ``shown`` are the products of the pages so far. ``reach`` counts them and those that stand behind them in groups.
    """

    shown: frozenset[int]
    reach: int


AT_THE_BEGINNING: Final = Progress(frozenset(), 0)
