"""What a query asks for, and the judged queries themselves. Pure but for reading the committed files.

Reads ``data/*.tsv``; writes nothing.
"""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA_DIRECTORY = Path(__file__).with_name("data")
CODE_CLASSES = ("code", "cross_number")

Half = Literal["tuning", "test"]


@dataclass(frozen=True)
class Need:
    """What a person wants who types a query.

    ``part_types`` are all that the words name; empty means any part (a bare size or code). ``qualifiers`` are keys of
    the demo vocabulary (``front``, ``left``). ``code`` is a part number as normalised by
    :func:`~benchmarks.relevance.catalogue.bare_code`, ``prefix`` the beginning of one.
    """

    part_types: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()
    make: str = ""
    model: str = ""
    size: str = ""
    code: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class JudgedQuery:
    """A query as typed, its class, and what it asks for."""

    query_class: str
    text: str
    need: Need

    @property
    def key(self) -> str:
        """A name for the query that stays when others are added or removed."""
        return f"{self.query_class}/{self.text}"

    @property
    def concept(self) -> str:
        """What the query is about, whatever language, slip or vehicle it is typed with."""
        need = self.need
        return need.part_types[0] if need.part_types else (need.code or need.prefix)[:5] or need.size

    @property
    def half(self) -> Half:
        """The half the query belongs to, by a hash of its concept: no concept is in both."""
        digest = hashlib.sha256(self.concept.encode()).digest()
        return "tuning" if digest[0] % 2 == 0 else "test"


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of ``data/<name>``: tab-separated, a header line, empty cells where a line is short."""
    with (DATA_DIRECTORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))


def query_of_row(row: dict[str, str]) -> JudgedQuery:
    """Return the judged query of a row; columns that are not there count as empty."""
    need = Need(
        part_types=tuple(filter(None, row.get("part_types", "").split(","))),
        qualifiers=tuple(filter(None, row.get("qualifiers", "").split(","))),
        make=row.get("make", ""),
        model=row.get("model", ""),
        size=row.get("size", ""),
        code=row.get("code", ""),
        prefix=row.get("prefix", ""),
    )
    return JudgedQuery(row["class"], row["query"], need)


def row_of_query(query: JudgedQuery) -> dict[str, str]:
    """Return ``query`` as a row of ``queries.tsv``."""
    need = query.need
    return {
        "class": query.query_class,
        "half": query.half,
        "query": query.text,
        "part_types": ",".join(need.part_types),
        "qualifiers": ",".join(need.qualifiers),
        **{name: getattr(need, name) for name in ("make", "model", "size", "code", "prefix")},
    }


def read_queries(name: str = "queries.tsv") -> list[JudgedQuery]:
    """Return the committed judged queries."""
    return [query_of_row(row) for row in read_rows(name)]


def write_queries(queries: Iterable[JudgedQuery], name: str = "queries.tsv") -> None:
    """Write the judged queries, in the order given."""
    rows = [row_of_query(query) for query in queries]
    with (DATA_DIRECTORY / name).open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(rows[0]) + "\n")
        file.writelines("\t".join(row.values()) + "\n" for row in rows)


def read_siblings() -> frozenset[tuple[str, str]]:
    """Return the pairs (asked part type, nearly it) that a person wrote down."""
    return frozenset((row["part_type"], row["nearly"]) for row in read_rows("siblings.tsv"))
