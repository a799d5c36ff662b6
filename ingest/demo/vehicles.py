"""Stage: demo source. Reads the vocabulary; writes nothing.

Which vehicles a part can be for: no engine parts for trailers, gearbox makers have gearbox parts only.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.demo.rows import Integers
from ingest.demo.vocabulary import Vehicle, Vocabulary

_MOTOR_GROUPS = {
    "engine", "belt_drive", "cooling", "fuel", "exhaust", "adblue", "turbo", "clutch", "gearbox", "propshaft",
    "cab", "climate", "wipers", "mirrors", "steering", "gaskets",
}  # fmt: skip
_TRAILER_GROUPS = {"trailer", "cargo"}
_BUS_GROUPS = {"bus"}
_TRANSMISSION_GROUPS = {"clutch", "gearbox", "propshaft"}
_AXLE_GROUPS = {"brakes", "axle", "wheels", "suspension", "air_suspension", "brake_electronics"}
_TRANSMISSION_MAKES = {"ZF"}
_AXLE_MAKES = {"BPW", "SAF", "ROR", "Gigant"}
_FITS_MANY = {"fasteners": 0.6, "electrical": 0.35, "lighting": 0.4, "pneumatics": 0.3, "cargo": 0.6, "wheels": 0.3}
_FITS_MANY_OTHERWISE = 0.1


def choose_vehicles(
    vocabulary: Vocabulary, part_type: Integers, chances: NDArray[np.float64], universal: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return a vehicle for each part type, from uniform numbers; the count of vehicles means "fits many"."""
    keys = sorted({each.group for each in vocabulary.part_types})
    group_of_type = np.array([keys.index(each.group) for each in vocabulary.part_types])
    group = group_of_type[part_type]
    chosen = np.full(len(part_type), len(vocabulary.vehicles), dtype=np.int32)
    for index, key in enumerate(keys):
        weights = np.cumsum([vehicle.weight * suits(key, vehicle) for vehicle in vocabulary.vehicles])
        mine = np.flatnonzero((group == index) & (universal >= _FITS_MANY.get(key, _FITS_MANY_OTHERWISE)))
        chosen[mine] = np.searchsorted(weights, chances[mine] * weights[-1], side="right")
    return chosen


def suits(group: str, vehicle: Vehicle) -> bool:
    """Tell whether parts of ``group`` exist for ``vehicle``."""
    if vehicle.make in _TRANSMISSION_MAKES:
        return group in _TRANSMISSION_GROUPS
    if vehicle.make in _AXLE_MAKES:
        return group in _AXLE_GROUPS
    if group in _TRAILER_GROUPS:
        return vehicle.kind == "trailer"
    if group in _BUS_GROUPS:
        return vehicle.kind == "bus"
    return not (vehicle.kind == "trailer" and group in _MOTOR_GROUPS)
