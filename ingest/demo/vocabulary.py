"""Stage: demo source. Reads ingest/demo/vocabulary/*.tsv; writes nothing.

The words of the demo catalogue: part types in four languages, their groups and categories,
qualifiers with their agreeing forms, brands and vehicles. The TSV files have a header line, no
quoting, and an empty cell means "none".
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from cordsearch.errors import CordSearchError

VOCABULARY_DIRECTORY = Path(__file__).with_name("vocabulary")
LANGUAGES = ("ru", "uk", "pl")  # the languages a product has a name in
SIZE_KINDS = (
    "none", "dims2", "dims3", "thread", "electric", "diameter", "length", "volts", "bore", "capacity", "teeth",
)  # fmt: skip

_Entry = TypeVar("_Entry")
_Row = dict[str, str]


class VocabularyError(CordSearchError):
    """A vocabulary file is missing, or a line of it does not make sense."""


@dataclass(frozen=True)
class PartType:
    """One kind of part: its noun phrase per language, grammatical genders, and the ranges of its numbers."""

    key: str
    group: str
    names: dict[str, str]
    genders: dict[str, str]
    qualifiers: tuple[str, ...]
    size: str
    weight: tuple[float, float]  # kilograms
    price: tuple[float, float]  # EUR
    popularity: float
    synonyms: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Named:
    """A product group or a category; ``parent`` is the group's category or the category's parent."""

    key: str
    parent: str
    names: dict[str, str]


@dataclass(frozen=True)
class Brand:
    """A manufacturer of parts; ``weight`` is its share of the catalogue."""

    name: str
    code_prefix: str
    weight: float


@dataclass(frozen=True)
class Vehicle:
    """A model the parts fit; ``oem_format`` names the pattern of its maker's original numbers."""

    make: str
    model: str
    weight: float
    kind: str
    oem_format: str


@dataclass(frozen=True)
class Vocabulary:
    """Everything the generator can say. Order is the order of the files: the seed depends on it."""

    part_types: tuple[PartType, ...]
    groups: tuple[Named, ...]
    categories: tuple[Named, ...]
    qualifiers: dict[str, dict[str, str]]  # key -> {"ru_m": "передний", ...}
    brands: tuple[Brand, ...]
    vehicles: tuple[Vehicle, ...]

    def qualifier(self, key: str, language: str, gender: str) -> str:
        """Return the form of qualifier ``key`` that agrees with a noun of ``gender``."""
        return self.qualifiers[key][f"{language}_{gender}"]


@cache
def load_vocabulary(directory: Path = VOCABULARY_DIRECTORY) -> Vocabulary:
    """Read and check the vocabulary files of ``directory``.

    Raises:
        VocabularyError: a file or a column is missing, a key is unknown, or a number is none.
    """
    groups = tuple(_named(row, "category") for row in _read(directory / "groups.tsv"))
    categories = tuple(_named(row, "parent") for row in _read(directory / "categories.tsv"))
    qualifiers = {row["key"]: row for row in _read(directory / "qualifiers.tsv")}
    vocabulary = Vocabulary(
        _convert(directory / "part_types.tsv", _part_type),
        groups,
        categories,
        qualifiers,
        _convert(directory / "brands.tsv", _brand),
        _convert(directory / "vehicles.tsv", _vehicle),
    )
    _check(vocabulary)
    return vocabulary


def _read(path: Path) -> list[_Row]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise VocabularyError(
            f"Cannot read the demo vocabulary {path}: {error.strerror}. Reinstall the package."
        ) from error
    header = lines[0].split("\t") if lines else []
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) > len(header):
            raise VocabularyError(f"{path.name} line {number} has {len(cells)} cells, its header {len(header)}.")
        cells += [""] * (len(header) - len(cells))  # editors cut empty cells at the end of a line
        rows.append({name: cell.strip() for name, cell in zip(header, cells, strict=True)})
    return rows


def _convert(path: Path, convert: Callable[[_Row], _Entry]) -> tuple[_Entry, ...]:
    entries = []
    for row in _read(path):
        try:
            entries.append(convert(row))
        except (KeyError, ValueError) as error:
            first = next(iter(row.values()), "")
            raise VocabularyError(f"{path.name}, entry {first!r}: {type(error).__name__} {error}.") from error
    return tuple(entries)


def _part_type(row: _Row) -> PartType:
    return PartType(
        key=row["key"],
        group=row["group"],
        names={language: row[language] for language in (*LANGUAGES, "en")},
        genders={language: row[f"gender_{language}"] for language in LANGUAGES},
        qualifiers=_split(row["qualifiers"], ","),
        size=row["size"] or "none",
        weight=(float(row["weight_min"]), float(row["weight_max"])),
        price=(float(row["price_min"]), float(row["price_max"])),
        popularity=float(row["popularity"]),
        synonyms={language: _split(row[f"synonyms_{language}"], ";") for language in LANGUAGES},
    )


def _named(row: _Row, parent: str) -> Named:
    return Named(row["key"], row[parent], {language: row[language] for language in (*LANGUAGES, "en")})


def _brand(row: _Row) -> Brand:
    return Brand(row["name"], row["code_prefix"], float(row["weight"]))


def _vehicle(row: _Row) -> Vehicle:
    return Vehicle(row["make"], row["model"], float(row["weight"]), row["kind"], row["oem_format"])


def _split(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(separator) if part.strip())


def _check(vocabulary: Vocabulary) -> None:
    groups = {group.key for group in vocabulary.groups}
    for part_type in vocabulary.part_types:
        if part_type.group not in groups:
            raise VocabularyError(f"Part type {part_type.key!r} names the unknown group {part_type.group!r}.")
        if part_type.size not in SIZE_KINDS:
            raise VocabularyError(f"Part type {part_type.key!r} has the unknown size kind {part_type.size!r}.")
        unknown = [key for key in part_type.qualifiers if key not in vocabulary.qualifiers]
        if unknown:
            raise VocabularyError(f"Part type {part_type.key!r} names unknown qualifiers: {', '.join(unknown)}.")
