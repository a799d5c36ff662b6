"""Stage: KAFKA -> BRONZE, what a message says about its fields. Pure: reads schemas, returns row decoders.

Two ways of writing the same Kafka Connect schema are read: the ``schema`` beside the ``payload`` of
JsonConverter (https://kafka.apache.org/documentation/#connect, JsonSchema), and the Avro schema of
AvroConverter with its ``connect.name`` and ``connect.type`` properties. A message without schema has the layout
:data:`BARE`: the registry and the shipped connector configuration stand in for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.envelope import jsonb_order
from ingest.stream.debezium_types import BadValueError, Converter, FieldType, column_converter, extra_converter
from ingest.tables import SourceTable

_AVRO_TYPES = {"int": "int32", "long": "int64", "record": "struct"}
ADDED_PREFIX = "__"  # of the fields that ExtractNewRecordState adds to a row


class UndecodableError(Exception):
    """The message cannot become a bronze row; the text says why."""


class RowDecoder:
    """Turns the row objects of one table and one layout into bronze values, columns in jsonb's order."""

    def __init__(self, table: SourceTable, fields: tuple[FieldType, ...] | None) -> None:
        """Raises UndecodableError: a column is missing or retyped, so staging would read something else."""
        declared = {column.name: column for column in table.columns}
        types = None if fields is None else {f.name: f for f in fields if not f.name.startswith(ADDED_PREFIX)}
        names = declared if types is None else declared | types
        plan: list[tuple[str, Converter]] = []
        for name in sorted(names, key=jsonb_order):
            if types is not None and name not in types:
                raise UndecodableError(f"{table.name}: column {name}: not in the message, but staging needs it")
            encoding = None if types is None else types[name]
            try:
                if name in declared:
                    plan.append((name, column_converter(declared[name], encoding)))
                elif encoding is not None:
                    plan.append((name, extra_converter(encoding)))
            except BadValueError as error:
                raise UndecodableError(f"{table.name}: column {name}: {error}") from error
        self._table = table
        self._plan = tuple(plan)
        self._names = frozenset(name for name, _ in plan)

    def decode(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the bronze values of ``row``. Raises UndecodableError."""
        decoded: dict[str, Any] = {}
        name = ""
        try:
            for name, convert in self._plan:
                value = row[name]
                decoded[name] = None if value is None else convert(value)
        except KeyError as error:
            raise UndecodableError(f"{self._table.name}: column {name}: missing in the message") from error
        except BadValueError as error:
            raise UndecodableError(f"{self._table.name}: column {name}: {error}") from error
        if len(row) != len(decoded):  # columns that neither registry nor schema knows are kept as they came
            for extra in row.keys() - self._names:
                if not extra.startswith(ADDED_PREFIX):
                    decoded[extra] = row[extra]
        return decoded


@dataclass(slots=True)
class Layout:
    """The fields of the row objects of one schema; ``fields`` is None when there was no schema."""

    fields: tuple[FieldType, ...] | None
    _decoders: dict[str, RowDecoder] = field(default_factory=dict)

    def decoder(self, table: SourceTable) -> RowDecoder:
        """Return the decoder of ``table``, compiled once. Raises UndecodableError."""
        found = self._decoders.get(table.name)
        if found is None:
            found = self._decoders[table.name] = RowDecoder(table, self.fields)
        return found


BARE = Layout(None)


def connect_layout(schema: Mapping[str, Any]) -> Layout:
    """Return the layout of a JsonConverter schema, of an envelope or of a flattened row. Raises UndecodableError."""
    try:
        members = {member["field"]: member for member in schema["fields"]}
        row = members.get("after", members.get("before")) if "op" in members else schema
        return Layout(tuple(_connect_field(member) for member in (row or schema)["fields"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UndecodableError(f"the schema of the message is not a Kafka Connect schema ({error!r})") from error


def _connect_field(member: Mapping[str, Any]) -> FieldType:
    scale = (member.get("parameters") or {}).get("scale")
    return FieldType(member["field"], member["type"], member.get("name"), None if scale is None else int(scale))


def avro_layout(schema: Mapping[str, Any]) -> Layout:
    """Return the layout of an Avro record schema, of an envelope or of a flattened row. Raises UndecodableError."""
    try:
        records = {record["name"]: record for record in _records(schema)}
        members = {member["name"]: member["type"] for member in schema["fields"]}
        row: Any = schema
        if "op" in members:
            row = _not_null(members.get("after", members.get("before")))
            row = records[row.rpartition(".")[2]] if isinstance(row, str) else row
        return Layout(tuple(_avro_field(member["name"], _not_null(member["type"])) for member in row["fields"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UndecodableError(f"the Avro schema of the message is not one of Kafka Connect ({error!r})") from error


def _avro_field(name: str, kind: Any) -> FieldType:
    if isinstance(kind, str):
        return FieldType(name, _AVRO_TYPES.get(kind, kind))
    scale = kind.get("scale", (kind.get("connect.parameters") or {}).get("scale"))
    plain = kind.get("connect.type", _AVRO_TYPES.get(kind["type"], kind["type"]))
    return FieldType(name, plain, kind.get("connect.name"), None if scale is None else int(scale))


def _not_null(kind: Any) -> Any:
    """The other branch of an optional field's union."""
    return next((branch for branch in kind if branch != "null"), "null") if isinstance(kind, list) else kind


def _records(kind: Any) -> Iterable[Mapping[str, Any]]:
    """Every record defined inside ``kind``: Avro names a type where it first stands and refers to it later."""
    if isinstance(kind, list):
        for branch in kind:
            yield from _records(branch)
    elif isinstance(kind, dict):
        if kind.get("type") == "record":
            yield kind
            for member in kind["fields"]:
                yield from _records(member["type"])
        elif isinstance(kind.get("type"), (dict, list)):
            yield from _records(kind["type"])
