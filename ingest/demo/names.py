"""Stage: demo source. Reads the vocabulary; writes nothing.

Every phrase the catalogue can say, made once: part type with agreeing qualifiers in Russian,
Ukrainian and Polish, makes and models in the spellings dealers use, sizes. A product's name is then
one phrase and one tail (vehicle, size) put together.
"""

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ingest.demo.dirt import abbreviate_polish
from ingest.demo.rows import Integers, generator, pool_of
from ingest.demo.vocabulary import LANGUAGES, PartType, Vehicle, Vocabulary, VocabularyError

# At most one qualifier of each axis: a part is front or rear, never both.
_AXES = (
    {"front", "rear", "middle", "central", "intermediate"},
    {"left", "right", "lateral"},
    {"upper", "lower"},
    {"inner", "outer"},
)
_AT_THE_END = {"complete"}  # "в сборе" follows the other qualifiers
_CHANCE_BY_QUALIFIERS = (0.40, 0.45, 0.15)
SIZES_PER_KIND = 240
ANCHOR_SIZE = "309x242"

_LONGEST_PHRASE = 70  # of the 120 characters of a name; vehicle, size and suffix take up to 50
_VEHICLE_STYLES = 6
PLAIN_VEHICLE_STYLE = 2
SPACED_VEHICLE_STYLE = 3
_SHORT_MAKES = {"Mercedes-Benz": ("MB", "Mercedes"), "Schmitz Cargobull": ("Schmitz", "Schmitz")}
_SLUG_LETTERS = str.maketrans(
    "абвгґдезийіклмнопрстуфыэёъьąćęłńóśźż", "abvhgdezyiiklmnoprstufyee__acelnoszz"
) | str.maketrans(
    {"є": "ie", "ж": "zh", "ї": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia"}
)
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Phrases:
    """All phrases; phrase ``i`` is of part type ``part_type[i]``, those of a type lie side by side."""

    texts: dict[str, NDArray[np.object_]]  # per language, and "pl_short" for the abbreviated capitals
    slugs: dict[str, NDArray[np.object_]]
    part_type: Integers
    first: Integers  # per part type: its phrase without qualifiers
    chance: NDArray[np.float64]  # of a phrase among those of its type, cumulated over the whole list


def build_phrases(vocabulary: Vocabulary) -> Phrases:
    """Return every phrase of the vocabulary with the chance of each."""
    texts: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    part_types: list[int] = []
    chances: list[float] = []
    first: list[int] = []
    for index, part_type in enumerate(vocabulary.part_types):
        first.append(len(part_types))
        choices = qualifier_choices(part_type)
        by_count = [sum(len(choice) == count for choice in choices) for count in range(3)]
        for choice in choices:
            for language in LANGUAGES:
                texts[language].append(phrase(vocabulary, part_type, choice, language))
            part_types.append(index)
            chances.append(_CHANCE_BY_QUALIFIERS[len(choice)] / by_count[len(choice)])
    too_long = [text for per_language in texts.values() for text in per_language if len(text) > _LONGEST_PHRASE]
    if too_long:
        raise VocabularyError(f"Longer than {_LONGEST_PHRASE} characters with its qualifiers: {too_long[0]!r}.")
    pools = {language: pool_of(texts[language]) for language in LANGUAGES}
    pools["pl_short"] = pool_of([abbreviate_polish(text) for text in texts["pl"]])
    slugs = {"uk": pool_of(list(map(slug, texts["uk"]))), "pl": pool_of(list(map(slug, texts["pl"])))}
    of_type = np.array(part_types, dtype=np.int32)
    chance = np.array(chances)
    totals = np.bincount(of_type, chance)
    return Phrases(pools, slugs, of_type, np.array(first, dtype=np.int32), np.cumsum(chance / totals[of_type]))


def choose_phrases(phrases: Phrases, part_types: Integers, chances: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return one phrase index for each part type, ``chances`` being uniform numbers from 0 to 1."""
    # The chances of one type sum to 1, so type t owns the stretch from t to t + 1 of the cumulated list.
    chosen = np.searchsorted(phrases.chance, part_types + np.clip(chances, 1e-9, 1 - 1e-6))
    return np.minimum(chosen, len(phrases.part_type) - 1).astype(np.int32)


def qualifier_choices(part_type: PartType) -> list[tuple[str, ...]]:
    """Return the sets of qualifiers a part type may carry: none, each one, and the pairs that make sense."""
    singles = part_type.qualifiers
    pairs = [
        (left, right)
        for left, right in combinations(singles, 2)
        if _axis(left) != _axis(right) and min(_axis(left), _axis(right)) < len(_AXES)
    ]
    return [(), *((one,) for one in singles), *pairs]


def _axis(qualifier: str) -> int:
    return next((index for index, axis in enumerate(_AXES) if qualifier in axis), len(_AXES))


def phrase(vocabulary: Vocabulary, part_type: PartType, qualifiers: tuple[str, ...], language: str) -> str:
    """Return the noun phrase with its qualifiers after it, as price lists write: ``Рычаг передний левый``."""
    gender = part_type.genders[language]
    ordered = sorted(qualifiers, key=lambda key: (key in _AT_THE_END, _axis(key)))
    forms = (vocabulary.qualifier(key, language, gender) for key in ordered)
    return " ".join((part_type.names[language], *forms))


def slug(text: str) -> str:
    """Return ``text`` as the address of a page: ``Важіль передній`` is ``vazhil-peredniy`` or close to it."""
    latin = text.lower().translate(_SLUG_LETTERS).replace("_", "")
    return _NOT_IN_SLUG.sub("-", latin).strip("-")


def vehicle_texts(vehicles: tuple[Vehicle, ...]) -> NDArray[np.object_]:
    """Return what a name says of its vehicle, a space before it: six styles per vehicle, six empty ones at the end.

    Styles: 0 nothing, 1 make, 2 make and model, 3 make and model with the model spaced (``XF 105``), 4 two models of
    the make, 5 short make and model.
    """
    texts: list[str] = []
    for index, vehicle in enumerate(vehicles):
        other = vehicles[index - 1]
        same_make = other.make == vehicle.make and other.kind == vehicle.kind and index > 0
        short = _SHORT_MAKES.get(vehicle.make, (vehicle.make, vehicle.make))[index % 2]
        texts += [
            "",
            f" {vehicle.make}",
            f" {vehicle.make} {vehicle.model}",
            f" {vehicle.make} {spaced(vehicle.model)}",
            f" {vehicle.make} {other.model}/{vehicle.model}" if same_make else f" {vehicle.make} {vehicle.model}",
            f" {short} {vehicle.model}",
        ]
    return pool_of(texts + [""] * _VEHICLE_STYLES)


def spaced(model: str) -> str:
    """Return ``XF105`` as ``XF 105``; models with no digit after a letter stay."""
    return re.sub(r"(?<=[A-Za-z])(?=\d)", " ", model)


def vehicle_style_indexes(vehicles: Integers, styles: Integers) -> Integers:
    """Return indexes into :func:`vehicle_texts`."""
    return vehicles.astype(np.int32) * _VEHICLE_STYLES + styles


def build_sizes(seed: int) -> tuple[NDArray[np.object_], dict[str, int]]:
    """Return the pool of sizes and the place where each kind begins; place 0 is "no size"."""
    pool = [""]
    starts = {"none": 0}
    for kind, make in _SIZE_MAKERS.items():
        starts[kind] = len(pool)
        numbers = generator(seed, "sizes", kind).random((SIZES_PER_KIND, 3))
        pool += [make(*row) for row in numbers.tolist()]
    for place in (0, 45, 120):  # of three stretches, so that parts of several types have it
        pool[starts["dims2"] + place] = ANCHOR_SIZE
    return pool_of(pool), starts


def _choose(options: tuple[str, ...], chance: float) -> str:
    return options[int(chance * len(options))]


def _dims2(a: float, b: float, _: float) -> str:
    return f"{60 + int(a * 380)}x{40 + int(b * 260)}"


def _dims3(a: float, b: float, c: float) -> str:
    return f"{120 + int(a * 240)}x{60 + int(b * 130)}x{12 + int(c * 28)}"


def _thread(a: float, b: float, c: float) -> str:
    diameter = _choose(("M8", "M10", "M12", "M14", "M16", "M18", "M20", "M22", "M24", "M30"), a)
    pitch = _choose(("x1", "x1.25", "x1.5", "x2"), b)
    return f"{diameter}{pitch}" if c < 0.6 else f"{diameter}{pitch}x{20 + 5 * int(c * 24)}"


def _electric(a: float, b: float, _: float) -> str:
    return f"{_choose(('24V', '24V', '12V'), a)} {_choose(('3W', '5W', '10W', '21W', '55W', '70W', '100W'), b)}"


def _diameter(a: float, _: float, __: float) -> str:
    return f"D={80 + 2 * int(a * 180)}"


def _length(a: float, _: float, __: float) -> str:
    return f"L={120 + 5 * int(a * 240)}"


def _volts(a: float, _: float, __: float) -> str:
    return _choose(("24V", "24V", "24V", "12V"), a)


def _bore(a: float, b: float, _: float) -> str:
    diameter = 8 + int(a * 92)
    return f"Ø{diameter}" if b < 0.4 else f"{diameter}mm"


def _capacity(a: float, b: float, _: float) -> str:
    return f"{(5, 10, 20, 30, 40, 60, 80, 100, 200, 400)[int(a * 10)]}L" if b < 0.8 else f"{1 + int(a * 9)}.5L"


def _teeth(a: float, _: float, __: float) -> str:
    return f"z={10 + int(a * 70)}"


_SIZE_MAKERS = {
    "dims2": _dims2,
    "dims3": _dims3,
    "thread": _thread,
    "electric": _electric,
    "diameter": _diameter,
    "length": _length,
    "volts": _volts,
    "bore": _bore,
    "capacity": _capacity,
    "teeth": _teeth,
}
