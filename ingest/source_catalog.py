"""Stage: SOURCE, what its tables look like today. Pure: compares the source's catalogue with the registry.

A column the registry does not know is drift: it is kept in the payload where an encoding exists, and
reported. A column that is gone or has another kind of type fails its table.
"""

from dataclasses import dataclass, replace

from ingest.failures import SourceTableError
from ingest.sources import SourceDatabase, check_table
from ingest.tables import SourceColumn, SourceTable
from ingest.values import UnencodableValueError, strict_converter

ROWVERSION_TYPES = ("timestamp", "rowversion")  # SQL Server's catalogue calls a rowversion column timestamp
_TEXT = {"nvarchar", "varchar", "nchar", "char", "ntext", "text", "character varying", "character", "sysname"}
_NUMERIC = {"decimal", "numeric", "money", "smallmoney"}
_INTEGER = {"bigint", "int", "integer", "smallint", "tinyint"}
_FITTING: dict[str, set[str]] = {
    "bigint": _INTEGER, "int": _INTEGER, "bit": {"bit", "boolean"}, "float": {"float", "real", "double precision"},
    "nvarchar": _TEXT, "datetime2": {"datetime2", "datetime", "smalldatetime", "timestamp without time zone"},
    "money": _NUMERIC, "decimal": _NUMERIC, "numeric": _NUMERIC, "uniqueidentifier": {"uniqueidentifier", "uuid"},
    "varbinary": {"varbinary", "binary", "image", "bytea"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CatalogColumn:
    """A column as INFORMATION_SCHEMA.COLUMNS tells of it; ``type`` in lower case."""

    name: str
    type: str
    scale: int | None


Catalog = dict[str, list[CatalogColumn]]


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table as it is at the source: the registry's columns and the new ones, its rowversion, what to report."""

    table: SourceTable
    rowversion: str | None
    notes: tuple[str, ...]


def shape_of(source: SourceDatabase, table: SourceTable, catalog: Catalog) -> TableShape:
    """Compare ``table`` with the source's catalogue.

    Raises SourceTableError: the table or a column of the registry is gone, or a column has another kind of type.
    """
    check_table(source, table, {name: {column.name for column in columns} for name, columns in catalog.items()})
    found = {column.name: column for column in catalog[table.name]}
    for column in table.columns:
        _check_type(source, table, column, found[column.name].type)
    known = set(table.column_names)
    rowversion = next((c.name for c in found.values() if c.type in ROWVERSION_TYPES and c.name not in known), None)
    kept: list[SourceColumn] = []
    notes: list[str] = []
    for new in found.values():
        if new.name in known or new.name == rowversion:
            continue
        encodable = _encodable(new)
        if encodable is None:
            notes.append(f"new column {new.name} ({new.type}) is not kept: no encoding for its type")
        else:
            kept.append(encodable)
            notes.append(f"new column {new.name} ({new.type}) is kept in the payload; staging does not know it")
    return TableShape(replace(table, columns=(*table.columns, *kept)), rowversion, tuple(notes))


def _check_type(source: SourceDatabase, table: SourceTable, column: SourceColumn, found: str) -> None:
    if found not in _FITTING.get(column.type_name, {column.type_name}):
        raise SourceTableError(
            f"{source.description}: column {column.name} of {table.schema}.{table.name} is now {found}, was "
            f"{column.type}. Staging cannot read it: change the column back, or ingest/tables.json and staging."
        )


def _encodable(column: CatalogColumn) -> SourceColumn | None:
    kind = next((kind for kind, types in _FITTING.items() if column.type in types), None)
    if kind is None:
        return None
    declared = f"decimal(38,{column.scale or 0})" if kind in ("money", "decimal", "numeric") else kind
    encodable = SourceColumn(column.name, declared, nullable=True, references=None)
    try:
        strict_converter(encodable)
    except UnencodableValueError:
        return None
    return encodable
