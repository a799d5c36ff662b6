"""Stage: source description. Reads ingest/tables.json; writes nothing.

The registry of source tables. Every dynamic identifier in the project (bronze table names,
source columns, staging view names) comes from here and nowhere else, so that no identifier
is ever built from input.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

_REGISTRY_FILE = Path(__file__).with_name("tables.json")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Return ``ProductCarBrand`` as ``product_car_brand`` and ``NetUID`` as ``net_uid``."""
    return _WORD_STARTS.sub("_", name).lower()


@dataclass(frozen=True)
class SourceColumn:
    """One column of a source table; ``type`` is the SQL Server type as written in its schema."""

    name: str
    type: str
    nullable: bool
    references: str | None

    @property
    def type_name(self) -> str:
        """The type without its length or precision: ``nvarchar(120)`` is ``nvarchar``."""
        return self.type.partition("(")[0]


@dataclass(frozen=True)
class SourceTable:
    """One source table with its columns in source order."""

    schema: str
    name: str
    primary_key: str
    columns: tuple[SourceColumn, ...]
    listed_in_seed: bool

    @cached_property
    def snake_name(self) -> str:
        """The table's name in the warehouse: ``product_car_brand``."""
        return snake_case(self.name)

    @property
    def bronze_table(self) -> str:
        """Name of the append-only event table in schema ``bronze``."""
        return f"{self.snake_name}_cdc"

    @property
    def staging_view(self) -> str:
        """Name of the typed view in schema ``staging_staging``."""
        return f"stg_{self.snake_name}"

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Source column names in source order."""
        return tuple(column.name for column in self.columns)


def _parse_table(entry: dict[str, Any]) -> SourceTable:
    columns = tuple(
        SourceColumn(column["name"], column["type"], column["nullable"], column.get("references"))
        for column in entry["columns"]
    )
    return SourceTable(entry["schema"], entry["table"], entry["primary_key"], columns, entry["listed_in_seed"])


def _load_registry() -> tuple[SourceTable, ...]:
    return tuple(_parse_table(entry) for entry in json.loads(_REGISTRY_FILE.read_text(encoding="utf-8")))


TABLES: tuple[SourceTable, ...] = _load_registry()
TABLES_BY_NAME: dict[str, SourceTable] = {table.name: table for table in TABLES}
