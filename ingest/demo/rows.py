"""Stage: demo source. Reads nothing; writes COPY text for the tables of the source registry.

A block is some rows of one table held as columns: a list of texts, or one text that every row
shares. Values are already in the form COPY reads, so joining them is all that is left to do;
that is what makes three million rows a matter of seconds.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.tables import SourceTable

NULL = "\\N"
Column = str | Sequence[str]
Block = dict[str, Column]
Integers = NDArray[np.integer[Any]]
Booleans = NDArray[np.bool_]
Texts = NDArray[np.object_]

_FIRST_MOMENT = np.datetime64("2012-01-09T08:00:00.000000")
_LAST_MOMENT = np.datetime64("2024-04-30T18:00:00.000000")
_MOMENTS = 65_536  # systems of this kind write in batches: many rows share a moment
_SOFT_DELETED_SHARE = 0.015


@dataclass(frozen=True)
class Rows:
    """Rows of one table: how many, and how to make those from ``start`` to ``stop`` (zero-based, exclusive)."""

    table: str
    count: int
    make: Callable[[np.random.Generator, int, int], Block]
    soft_deleted: float = _SOFT_DELETED_SHARE


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random generator of one purpose; it depends on the seed and the purpose, on nothing else."""
    return np.random.default_rng(
        [seed, *(zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names)]
    )


def texts(values: NDArray[Any] | Sequence[int]) -> list[str]:
    """Return numbers as the decimal texts COPY reads."""
    return list(map(str, values.tolist() if isinstance(values, np.ndarray) else values))


def pick(pool: NDArray[np.object_], indexes: Integers) -> list[str]:
    """Return ``pool[indexes]`` as a list; ``pool`` holds texts."""
    picked: list[str] = pool.take(indexes).tolist()
    return picked


def pool_of(values: Sequence[str]) -> NDArray[np.object_]:
    """Return texts as an array for :func:`pick`."""
    pool = np.empty(len(values), dtype=object)
    pool[:] = values
    return pool


def flags(values: Booleans) -> list[str]:
    """Return booleans as ``t`` and ``f``."""
    return pick(_FLAGS, values.astype(np.intp))


def optional(values: Integers, present: Booleans) -> list[str]:
    """Return numbers as text where ``present``, NULL elsewhere."""
    return [text if there else NULL for text, there in zip(texts(values), present.tolist(), strict=True)]


def uuids(random: np.random.Generator, count: int) -> list[str]:
    """Return ``count`` version-4 UUIDs (RFC 9562, section 5.4) as 32 hexadecimal digits, which PostgreSQL reads."""
    raw = np.frombuffer(random.bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = raw.tobytes().hex()
    return [digits[start : start + 32] for start in range(0, 32 * count, 32)]


def binary_ids(random: np.random.Generator, count: int) -> list[str]:
    """Return ``count`` 16-byte values in bytea's hexadecimal form, its backslash doubled for COPY."""
    digits = random.bytes(16 * count).hex()
    return [f"\\\\x{digits[start : start + 32]}" for start in range(0, 32 * count, 32)]


def created_and_updated(random: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """Return creation times spread over the years, newer ones more often, and update times after them."""
    created = ((_MOMENTS - 1) * np.sqrt(random.random(count))).astype(np.int64)
    touched = random.random(count) < 0.6
    updated = created + (touched * random.random(count) * (_MOMENTS - 1 - created)).astype(np.int64)
    return pick(_MOMENT_TEXTS, created), pick(_MOMENT_TEXTS, updated)


def complete(table: SourceTable, block: Block, random: np.random.Generator, first: int, rows: Rows) -> Block:
    """Add the columns that every table fills alike (ID, NetUID, Created, Updated, Deleted) where the block has none."""
    count = block_length(block)
    names = table.column_names
    if "ID" in names and "ID" not in block:
        block["ID"] = texts(range(first + 1, first + count + 1))
    if "NetUID" in names and "NetUID" not in block:
        block["NetUID"] = uuids(random, count)
    if "Created" in names and "Created" not in block:
        block["Created"], block["Updated"] = created_and_updated(random, count)
    if "Deleted" in names and "Deleted" not in block:
        block["Deleted"] = flags(random.random(count) < rows.soft_deleted)
    return block


def block_length(block: Block) -> int:
    """Return the number of rows of a block; every block has a column that is a list."""
    return next(len(column) for column in block.values() if not isinstance(column, str))


def copy_text(table: SourceTable, block: Block) -> str:
    """Return the rows of ``block`` as COPY text, columns in registry order, absent nullable ones NULL.

    Raises:
        ValueError: the block has a column the table lacks, or lacks one that may not be null.
    """
    unknown = block.keys() - set(table.column_names)
    missing = [column.name for column in table.columns if not column.nullable and column.name not in block]
    if unknown or missing:
        raise ValueError(f"{table.name}: unknown columns {sorted(unknown)}, missing columns {missing}")
    columns = [
        repeat(column) if isinstance(column, str) else column
        for column in (block.get(name, NULL) for name in table.column_names)
    ]
    lengths = {len(column) for column in columns if not isinstance(column, repeat)}
    if len(lengths) != 1:
        raise ValueError(f"{table.name}: columns of different lengths {sorted(lengths)}")
    return "\n".join(map("\t".join, zip(*columns, strict=False))) + "\n"  # repeat() has no end


def _moment_texts() -> NDArray[np.object_]:
    span = int((_LAST_MOMENT - _FIRST_MOMENT) / np.timedelta64(1, "us"))
    offsets = np.sort(np.random.default_rng(20120109).integers(0, span, _MOMENTS))
    return pool_of(np.datetime_as_string(_FIRST_MOMENT + offsets.astype("timedelta64[us]")).tolist())


_FLAGS = pool_of(("f", "t"))
_MOMENT_TEXTS = _moment_texts()
