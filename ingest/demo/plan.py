"""Stage: demo source. Reads the vocabulary and a seed; writes nothing.

The plan of a catalogue: small arrays that say, for every product, which family, brand and code it
has. A family is one part for one vehicle under one set of original numbers, made by several brands;
its products are each other's analogues. Tables are then written from the plan chunk by chunk, so
memory is some tens of bytes per product, whatever the size of the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.demo.anchors import ANCHORS
from ingest.demo.codes import PATTERNS, supplier_numbers
from ingest.demo.names import ANCHOR_SIZE, Phrases, build_phrases, build_sizes, choose_phrases
from ingest.demo.rows import Booleans, Integers, generator
from ingest.demo.vehicles import choose_vehicles
from ingest.demo.vocabulary import Vocabulary

REFERENCE_PRODUCTS = 278_698  # the catalogue this one imitates ...
REFERENCE_SUPPLIER_CODES = 6_728  # ... and its vendor codes that begin with SEM1
_FEWEST_SUPPLIER_CODES = 20

_FAMILY_SIZES = (0.50, 0.25, 0.15, 0.10)  # share of families with 1, 2, 3, 4 products
_EXTRA_NUMBERS = (0.50, 0.32, 0.18)  # share of families with 0, 1, 2 original numbers beside the main one
_TYPE_SKEW = 3.0  # a part of popularity 10 is made for everything, one of popularity 1 for a few models
_WITHOUT_NUMBERS = 0.05
_LINKED_FAMILIES = 0.72  # somebody entered the analogues
_RESPELLED_NUMBERS = 0.12  # of the extra numbers: the main one in another punctuation
_DUPLICATES = 0.005
_EMPTY_CODES = 0.004
NO_CODE = -1


@dataclass(frozen=True)
class Families:
    """Parts with their vehicle, size and original numbers; one entry of each array per family."""

    phrase: Integers
    vehicle: Integers  # index into the vocabulary's vehicles; their count means "fits many"
    size: Integers
    first_number: Integers
    numbers: Integers
    linked: Booleans
    weight: NDArray[np.float64]
    price: NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """Original numbers; entry ``i`` is OriginalNumber row ``i + 1``."""

    pattern: Integers  # index into codes.PATTERNS
    index: Integers
    spelling: Integers
    anchor: int  # the one that is codes.ANCHOR_NUMBER


@dataclass(frozen=True)
class Plan:
    """What every table of one demo source is written from."""

    vocabulary: Vocabulary
    phrases: Phrases
    sizes: NDArray[np.object_]
    seed: int
    products: int
    families: Families
    numbers: Numbers
    family: Integers  # per product, as all below
    brand: Integers
    code: Integers
    supplier: Booleans  # vendor code begins with SEM1
    anchored: Booleans  # examples that must be found as they are: no dirt
    spaced: Booleans  # every second anchored product of a family: its model is written "XF 105"
    deleted: int
    popularity: NDArray[np.float64]  # 0..1, its rank among all products
    price: NDArray[np.float64]

    def random(self, *names: str | int) -> np.random.Generator:
        """Return the random generator of one purpose."""
        return generator(self.seed, *names)

    @property
    def phrase(self) -> Integers:
        """Phrase of every product."""
        return self.families.phrase[self.family]

    @property
    def part_type(self) -> Integers:
        """Part type of every product."""
        return self.phrases.part_type[self.phrase]


def supplier_count(products: int) -> int:
    """Return how many vendor codes begin with ``SEM1`` in a catalogue of ``products``."""
    return max(_FEWEST_SUPPLIER_CODES, round(products * REFERENCE_SUPPLIER_CODES / REFERENCE_PRODUCTS))


def build_plan(vocabulary: Vocabulary, products: int, seed: int) -> Plan:
    """Return the plan of a catalogue. The same arguments give the same plan."""
    phrases = build_phrases(vocabulary)
    sizes, size_starts = build_sizes(seed)
    random = generator(seed, "plan")
    members = _family_sizes(random, products)
    families, numbers = _build_families(vocabulary, phrases, size_starts, random, len(members))
    order = random.permutation(products)
    family = np.empty(products, dtype=np.int32)
    family[order] = np.repeat(np.arange(len(members), dtype=np.int32), members)
    anchored = family < len(ANCHORS)
    brand, code, supplier = _brands_and_codes(vocabulary, random, products)
    ordinary = np.flatnonzero(~supplier & ~anchored)
    deleted = int(ordinary[0])
    ordinary = random.permutation(ordinary[1:])
    _duplicate(ordinary[: round(products * _DUPLICATES) * 2], family, brand, code)
    code[ordinary[len(ordinary) - max(2, round(products * _EMPTY_CODES)) :]] = NO_CODE
    part_type = phrases.part_type[families.phrase[family]]
    popularity = _popularity(vocabulary, random, part_type)
    price = families.price[family] * (0.6 + 0.9 * random.random(len(vocabulary.brands)))[brand]
    return Plan(
        vocabulary, phrases, sizes, seed, products, families, numbers, family, brand, code, supplier, anchored,
        _every_second(family), deleted, popularity, price,
    )  # fmt: skip


def _every_second(family: NDArray[np.int32]) -> Booleans:
    chosen = np.zeros(len(family), dtype=np.bool_)
    for anchor in range(len(ANCHORS)):
        chosen[np.flatnonzero(family == anchor)[::2]] = True
    return chosen


def _family_sizes(random: np.random.Generator, products: int) -> NDArray[np.int64]:
    anchors = np.array([anchor.products for anchor in ANCHORS])
    left = products - int(anchors.sum())
    drawn = random.choice(np.arange(1, len(_FAMILY_SIZES) + 1), size=left, p=_FAMILY_SIZES)
    ends = np.cumsum(drawn)
    count = int(np.searchsorted(ends, left)) + 1
    drawn = drawn[:count]
    drawn[-1] -= ends[count - 1] - left
    return np.concatenate((anchors, drawn))


def _build_families(
    vocabulary: Vocabulary, phrases: Phrases, size_starts: dict[str, int], random: np.random.Generator, count: int
) -> tuple[Families, Numbers]:
    types = vocabulary.part_types
    weights = np.array([part_type.popularity for part_type in types]) ** _TYPE_SKEW + 10.0  # rare parts exist too
    part_type = random.choice(len(types), size=count, p=weights / weights.sum())
    anchors = [anchor.locate(vocabulary) for anchor in ANCHORS]
    part_type[: len(anchors)] = [found.part_type for found in anchors]
    phrase = choose_phrases(phrases, part_type, random.random(count))
    phrase[: len(anchors)] = phrases.first[part_type[: len(anchors)]]
    vehicle = choose_vehicles(vocabulary, part_type, random.random(count), random.random(count))
    vehicle[: len(anchors)] = [found.vehicle for found in anchors]
    size = _sizes(vocabulary, size_starts, part_type, random)
    for index, anchor in enumerate(ANCHORS):
        if anchor.size == ANCHOR_SIZE:
            size[index] = size_starts["dims2"]
    amounts = _number_counts(random, count)
    first = np.concatenate(([0], np.cumsum(amounts)[:-1])).astype(np.int32)
    families = Families(
        phrase,
        vehicle,
        size,
        first,
        amounts,
        random.random(count) < _LINKED_FAMILIES,
        _between([part.weight for part in types], part_type, random),
        _between([part.price for part in types], part_type, random),
    )
    families.linked[: len(anchors)] = True
    return families, _build_numbers(vocabulary, families, random)


def _sizes(
    vocabulary: Vocabulary, starts: dict[str, int], part_type: Integers, random: np.random.Generator
) -> NDArray[np.int32]:
    """Return places in the pool of sizes; a part type keeps to a few dozen of its kind, as real parts do."""
    start = np.array([starts[each.size] for each in vocabulary.part_types])[part_type]
    own = part_type * 37 % 200 + (40 * random.random(len(part_type)) ** 2).astype(np.int64)
    return np.where(start > 0, start + own, 0).astype(np.int32)


def _between(
    ranges: list[tuple[float, float]], part_type: Integers, random: np.random.Generator
) -> NDArray[np.float64]:
    bounds = np.log(np.maximum(np.array(ranges), 0.01))[part_type]
    drawn: NDArray[np.float64] = np.exp(bounds[:, 0] + (bounds[:, 1] - bounds[:, 0]) * random.random(len(part_type)))
    return drawn


def _number_counts(random: np.random.Generator, count: int) -> NDArray[np.int32]:
    amounts = 1 + random.choice(len(_EXTRA_NUMBERS), size=count, p=_EXTRA_NUMBERS)
    amounts[random.random(count) < _WITHOUT_NUMBERS] = 0
    amounts[: len(ANCHORS)] = 1
    return amounts.astype(np.int32)


def _build_numbers(vocabulary: Vocabulary, families: Families, random: np.random.Generator) -> Numbers:
    family = np.repeat(np.arange(len(families.numbers)), families.numbers)
    count = len(family)
    is_extra = np.arange(count) != families.first_number[family]
    of_vehicle = np.array(
        [PATTERNS.index(vehicle.oem_format) for vehicle in vocabulary.vehicles] + [PATTERNS.index("generic")]
    )
    pattern = of_vehicle[families.vehicle[family]]
    foreign = is_extra & (random.random(count) < 0.25)  # the same part under another maker's number
    pattern[foreign] = random.integers(0, len(PATTERNS), int(foreign.sum()))
    index = np.empty(count, dtype=np.int64)
    for each in range(len(PATTERNS)):
        mine = np.flatnonzero(pattern == each)
        index[mine] = np.arange(len(mine))
    spelling = np.zeros(count, dtype=np.int8)
    respelled = np.flatnonzero(is_extra & ~foreign & (random.random(count) < _RESPELLED_NUMBERS))
    index[respelled] = index[families.first_number[family[respelled]]]
    spelling[respelled] = random.integers(1, 3, len(respelled))
    anchor = next(place for place, each in enumerate(ANCHORS) if each.number)
    return Numbers(pattern, index, spelling, int(families.first_number[anchor]))


def _brands_and_codes(
    vocabulary: Vocabulary, random: np.random.Generator, products: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], Booleans]:
    brands = vocabulary.brands
    sem = next(index for index, brand in enumerate(brands) if brand.code_prefix == "SEM")
    weights = np.array([brand.weight for brand in brands]) ** 2  # a few suppliers have most of a catalogue
    weights[sem] = 0.0
    brand = random.choice(len(brands), size=products, p=weights / weights.sum()).astype(np.int32)
    count = supplier_count(products)
    own = random.permutation(products)[: count + count // 2]
    brand[own] = sem
    code = np.empty(products, dtype=np.int64)
    for index in range(len(brands)):
        mine = np.flatnonzero(brand == index)
        code[mine] = random.permutation(max(60_000, 2 * len(mine)))[: len(mine)]
    supplier = np.zeros(products, dtype=np.bool_)
    supplier[own[:count]] = True
    code[own[:count]] = supplier_numbers((10_000 + random.permutation(10_000)).tolist(), count)
    return brand, code, supplier


def _duplicate(places: Integers, family: NDArray[np.int32], brand: NDArray[np.int32], code: NDArray[np.int64]) -> None:
    """Make the second half of ``places`` the same products as the first half, code included."""
    original, copy = np.array_split(places, 2)
    original = original[: len(copy)]
    for values in (family, brand, code):
        values[copy] = values[original]


def _popularity(vocabulary: Vocabulary, random: np.random.Generator, part_type: Integers) -> NDArray[np.float64]:
    weights = np.array([each.popularity for each in vocabulary.part_types])[part_type]
    demand = weights * random.lognormal(0.0, 1.2, len(part_type))
    ranks = np.empty(len(demand))
    ranks[np.argsort(demand, kind="stable")] = np.arange(len(demand))
    return ranks / max(1, len(demand) - 1)
