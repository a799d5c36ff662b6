"""What a query means, as far as products can be compared with it: its vector and the vehicle it names. Pure.

Stage: service, between understanding and retrieval. Reads and writes nothing.
"""

from typing import NamedTuple

from pgvector import HalfVector


class Comparison(NamedTuple):
    """What every proposed product is compared with.

    ``vector`` is of the model ``model_id``; ``is_in_mart``: the mart holds a copy of that model's vectors. ``vehicle``
    has the condition of each term that names the vehicle, ``other_models`` the one that a model not asked for is named
    (texts of a tsquery).
    """

    vector: HalfVector
    model_id: str
    is_in_mart: bool
    vehicle: tuple[str, ...] = ()
    other_models: str | None = None
