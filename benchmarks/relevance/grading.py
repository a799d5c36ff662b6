"""How well a product serves a need: 0 to 3. Pure; what a product is comes from the ground truth, never from a search.

* 3: the right part, and everything else that was asked for is said of it.
* 2: the right part; of the vehicle, side or size asked for it says nothing.
* 1: the right part for another vehicle, of the other side or of another size; or a sibling of the right part.
* 0: anything else. A part that only shares a word (a brake cylinder for brake pads) is worth nothing.
"""

from dataclasses import dataclass

from benchmarks.relevance.needs import Need

FULL, PARTLY, NEARLY, WRONG = 3, 2, 1, 0

# A part is one of each axis at most; the other one is a contradiction, not an omission.
_AXES = (
    frozenset({"front", "rear", "middle"}),
    frozenset({"left", "right"}),
    frozenset({"upper", "lower"}),
    frozenset({"inner", "outer"}),
    frozenset({"long", "short"}),
)


@dataclass(frozen=True)
class Part:
    """What a product truly is, and what the catalogue says of it.

    ``makes`` and ``models`` are the vehicles its texts name (models as ``make/model``), ``sizes`` the sizes they name,
    ``codes`` its part numbers; all normalised as :mod:`~benchmarks.relevance.catalogue` does. ``languages`` are
    those it has a name in.
    """

    product_id: int
    part_type: str
    qualifiers: frozenset[str]
    makes: frozenset[str]
    models: frozenset[str]
    sizes: frozenset[str]
    codes: frozenset[str]
    languages: frozenset[str]


def grade(need: Need, part: Part, siblings: frozenset[tuple[str, str]]) -> int:
    """Return how well ``part`` serves ``need``; ``siblings`` are pairs (asked part type, nearly it)."""
    if need.code:
        return FULL if need.code in part.codes else WRONG
    if need.prefix:
        return FULL if any(code.startswith(need.prefix) for code in part.codes) else WRONG
    if not need.part_types:
        return FULL if need.size in part.sizes else WRONG
    rest = min(_vehicle(need, part), _position(need, part), _size(need, part))
    if part.part_type in need.part_types:
        return rest
    nearly = any((asked, part.part_type) in siblings for asked in need.part_types)
    return NEARLY if nearly and rest >= PARTLY else WRONG


def _vehicle(need: Need, part: Part) -> int:
    if not need.make:
        return FULL
    if part.makes and need.make not in part.makes:
        return NEARLY
    if not need.model:
        return FULL if need.make in part.makes else PARTLY
    if f"{need.make}/{need.model}" in part.models:
        return FULL
    return NEARLY if part.models else PARTLY


def _position(need: Need, part: Part) -> int:
    levels = [_qualifier(asked, part.qualifiers) for asked in need.qualifiers]
    return min(levels, default=FULL)


def _qualifier(asked: str, said: frozenset[str]) -> int:
    if asked in said:
        return FULL
    axis = next((axis for axis in _AXES if asked in axis), frozenset())
    return NEARLY if axis & said else PARTLY


def _size(need: Need, part: Part) -> int:
    if not need.size or need.size in part.sizes:
        return FULL
    return NEARLY if part.sizes else PARTLY
