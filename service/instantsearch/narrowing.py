"""The conditions of a request in the words of the search: its filters. Pure.

Stage: service, HTTP. Reads groups of conditions and the names of what products belong to; writes
:class:`~service.search.filters.Filters`. A filter here takes one of several values, or one range. What needs more than
that (a disjunction between two attributes, two ranges with a gap) is refused, because leaving it out would find other
products than asked for.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NoReturn, Protocol, cast

from cordsearch.analysis.codes import normalise_code
from service.bounds import LARGEST_ID
from service.instantsearch.conditions import Condition, Group, NumberIn, ValueIs, number
from service.instantsearch.refused import RefusedRequestError
from service.search.filters import Filters
from service.search.kind_names import KINDS, Kind

FLAGS: Final = ("available", "has_image", "for_web")
RANGES: Final = ("price", "weight")
FILTERED: Final = (*KINDS, *(f"{kind}_id" for kind in KINDS), *FLAGS, *RANGES, "supplier")
MOST_IDS: Final = 200
_LONGEST_PREFIX: Final = 40

Interval = tuple[float, float]
Allowed = frozenset[int] | frozenset[bool] | Interval | str
_NOT: Final = "not_"


class KindNames(Protocol):
    """Finds what products belong to by its name."""

    def ids(self, kind: Kind, name: str) -> Sequence[int]:
        """Return the ids of the categories, groups or car brands of this name, in any case."""


def narrow(groups: Iterable[Group], names: KindNames) -> Filters | None:
    """Return the filters that say the same as ``groups``; None when no product can pass them.

    Raises:
        RefusedRequestError: filters cannot say it; the message names the part.
    """
    allowed: dict[str, Allowed | None] = {}
    for group in groups:
        attribute = _attribute(group)
        if attribute in KINDS and any(isinstance(each, ValueIs) and each.negated for each in group):
            found: Allowed | None = _ids(attribute, _one_negated(group), names) or frozenset[int]()
            attribute = f"{_NOT}{attribute}"
        else:
            found = _READERS[attribute](attribute, group, names)
        if attribute in allowed:
            found = _both(attribute, allowed[attribute], found)
        allowed[attribute] = found
    if any(each is None for each in allowed.values()):
        return None
    return Filters(**{name: value for each in allowed.items() for name, value in _fields(*each).items()})


def _attribute(group: Group) -> str:
    """Return the one attribute of ``group``; the names and the ids of a kind are one."""
    given = {condition.attribute for condition in group}
    bases = {name.removesuffix("_id") if name.removesuffix("_id") in KINDS else name for name in given}
    if len(bases) > 1:
        raise RefusedRequestError(f"OR between different attributes is not supported: {', '.join(sorted(given))[:200]}")
    attribute = bases.pop()
    if attribute not in _READERS:
        raise RefusedRequestError(
            f"products cannot be filtered by {attribute[:100]!r}; they can by {', '.join(FILTERED)}"
        )
    return attribute


def _one_negated(group: Group) -> Group:
    """Return the one condition of ``group`` without its NOT: several joined by OR would exclude next to nothing."""
    if len(group) > 1:
        _refuse(group[0], "NOT inside OR is not supported for it")
    return tuple(ValueIs(each.attribute, each.value) for each in group if isinstance(each, ValueIs))


def _ids(attribute: str, group: Group, names: KindNames) -> frozenset[int] | None:
    found: set[int] = set()
    for condition in group:
        if isinstance(condition, NumberIn) or condition.attribute.endswith("_id"):
            found.add(_id(condition))
        else:
            found.update(names.ids(cast("Kind", attribute), condition.value))
    if len(found) > MOST_IDS:
        raise RefusedRequestError(f"{attribute}: {len(found)} values; at most {MOST_IDS} are allowed")
    return frozenset(found) or None


def _id(condition: Condition) -> int:
    if isinstance(condition, NumberIn):
        if condition.low != condition.high or not condition.low.is_integer():
            _refuse(condition, "an id is one whole number")
        return int(condition.low)
    text = condition.value
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= LARGEST_ID and len(text) < 20):
        _refuse(condition, "an id is a whole number")
    return int(text)


def _flags(_attribute: str, group: Group, _names: KindNames) -> frozenset[bool] | None:
    found = set()
    for condition in group:
        if isinstance(condition, NumberIn) or condition.value.lower() not in ("true", "false"):
            _refuse(condition, "it is true or false")
        found.add((condition.value.lower() == "true") != condition.negated)
    return frozenset(found)


def _interval(attribute: str, group: Group, _names: KindNames) -> Interval | None:
    intervals = sorted(_bounds(condition) for condition in group)
    joined = intervals[0]
    for low, high in intervals[1:]:
        if low > joined[1]:
            raise RefusedRequestError(f"{attribute}: ranges joined by OR must not leave a gap between them")
        joined = (joined[0], max(joined[1], high))
    return joined if joined[0] <= joined[1] else None


def _bounds(condition: Condition) -> Interval:
    if isinstance(condition, NumberIn):
        return condition.low, condition.high
    if condition.negated:
        _refuse(condition, "NOT is not supported for a number")
    value = number(condition.value, f"{condition.attribute}:{condition.value}")
    return value, value


def _supplier(_attribute: str, group: Group, _names: KindNames) -> str | None:
    prefixes = set()
    for condition in group:
        if isinstance(condition, NumberIn) or condition.negated or len(condition.value) > _LONGEST_PREFIX:
            _refuse(condition, f"it is the beginning of a vendor code, {_LONGEST_PREFIX} characters at most")
        prefixes.add(normalise_code(condition.value))
    if len(prefixes) > 1:
        _refuse(group[0], "only one supplier at a time can be asked for")
    return prefixes.pop() or None


def _both(attribute: str, one: Allowed | None, other: Allowed | None) -> Allowed | None:
    """Return what two groups on the same attribute leave together."""
    if one is None or other is None:
        return None
    if isinstance(one, tuple) and isinstance(other, tuple):
        low, high = max(one[0], other[0]), min(one[1], other[1])
        return (low, high) if low <= high else None
    if isinstance(one, str) and isinstance(other, str):
        longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
        return longer if longer.startswith(shorter) else None
    assert isinstance(one, frozenset)
    assert isinstance(other, frozenset)
    if attribute in FLAGS:
        return cast("Allowed", one & other) or None
    if attribute.startswith(_NOT):
        return cast("Allowed", one | other)
    # A product belongs to several: being in one of these and in one of those is no longer being in one of some.
    if one <= other or other <= one:
        return min(one, other, key=len)
    raise RefusedRequestError(f"{attribute}: two different choices joined by AND are not supported; join them by OR")


def _fields(attribute: str, allowed: Allowed | None) -> dict[str, Any]:
    if isinstance(allowed, tuple):
        low, high = allowed
        return {
            f"{attribute}_min": low if math.isfinite(low) else None,
            f"{attribute}_max": high if math.isfinite(high) else None,
        }
    if isinstance(allowed, str):
        return {attribute: allowed}
    assert allowed is not None
    if attribute in FLAGS:
        return {attribute: next(iter(allowed)) if len(allowed) == 1 else None}
    return {f"{attribute}_ids": tuple(sorted(allowed))}


def _refuse(condition: Condition, because: str) -> NoReturn:
    value = f":{condition.value}" if isinstance(condition, ValueIs) else ""
    raise RefusedRequestError(f"cannot filter by {condition.attribute}{value}"[:200] + f": {because}")


Reader = Callable[[str, Group, KindNames], Allowed | None]
_READERS: Final[dict[str, Reader]] = {
    **dict.fromkeys(KINDS, _ids),
    **dict.fromkeys(FLAGS, _flags),
    **dict.fromkeys(RANGES, _interval),
    "supplier": _supplier,
}
