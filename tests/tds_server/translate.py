"""What a statement means to this server: something done to the session, or a query for PostgreSQL.

Reads T-SQL tokens, returns an :class:`Action`. Result columns get the SQL Server types the registry declares for
the columns they come from, so that the wire carries what a real server would send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.tds_server.errors import syntax_error
from tests.tds_server.rewrite import Names, to_postgres
from tests.tds_server.tsql import Kind, Token, Tokens, closing, find_word, name_chain, spelled, split_at
from tests.tds_server.wire_types import WireType

TableTypes = Mapping[str, Mapping[str, WireType]]  # table -> column -> type

# in the order of sys.dm_exec_sessions.transaction_isolation_level, which counts from 1
ISOLATION_LEVELS = ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "SNAPSHOT")
_SILENT_OPTIONS = {
    "ARITHABORT", "CONCAT_NULL_YIELDS_NULL", "ANSI_NULLS", "ANSI_NULL_DFLT_ON", "ANSI_PADDING", "ANSI_WARNINGS",
    "CURSOR_CLOSE_ON_COMMIT", "QUOTED_IDENTIFIER", "TEXTSIZE", "LOCK_TIMEOUT", "NOCOUNT", "DEADLOCK_PRIORITY",
    "IMPLICIT_TRANSACTIONS", "XACT_ABORT", "NUMERIC_ROUNDABORT", "LANGUAGE", "DATEFORMAT",
}  # fmt: skip


class Verb(StrEnum):
    """What to do."""

    NOTHING = "nothing"
    USE = "use"
    ISOLATION = "isolation"
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    QUERY = "query"


@dataclass(frozen=True)
class Item:
    """A column of a SELECT list: its name as the client will see it, its declared type where one is known."""

    name: str
    type: WireType | None


@dataclass(frozen=True)
class Action:
    """A statement understood. ``argument``: database, isolation level or PostgreSQL text; ``items``: of a query."""

    verb: Verb
    argument: str = ""
    items: tuple[Item, ...] = ()


def translate(tokens: Tokens, types: TableTypes, constants: Mapping[str, str]) -> Action:
    """Return what one statement asks for. Raises SqlError 102 for a statement this server does not know."""
    first = tokens[0]
    if first.is_word("SET"):
        return _set(tokens)
    if first.is_word("USE") and len(tokens) == 2:
        return Action(Verb.USE, tokens[1].text)
    if first.is_word("BEGIN", "COMMIT", "ROLLBACK") and len(tokens) > 1 and tokens[1].is_word("TRAN", "TRANSACTION"):
        return Action(Verb[first.text.upper()])
    if first.is_word("SELECT"):
        return _query(tokens, types, constants)
    raise syntax_error(spelled(tokens)[:200])


def _set(tokens: Tokens) -> Action:
    words = [token.text.upper() for token in tokens[1:]]
    if words[:3] == ["TRANSACTION", "ISOLATION", "LEVEL"] and " ".join(words[3:]) in ISOLATION_LEVELS:
        return Action(Verb.ISOLATION, " ".join(words[3:]))
    if words and words[0] in _SILENT_OPTIONS:
        return Action(Verb.NOTHING)
    raise syntax_error(spelled(tokens)[:200])


def _query(tokens: Tokens, types: TableTypes, constants: Mapping[str, str]) -> Action:
    relations = _relations(tokens)
    spellings = {
        column.lower(): column for table in relations.values() for column in types.get(table, {}) if table in types
    }
    items = tuple(_item(part, relations, types) for part in _select_list(tokens))
    return Action(Verb.QUERY, to_postgres(tokens, Names(constants, spellings)), items)


def _select_list(tokens: Tokens) -> list[list[Token]]:
    start = 1
    if tokens[start].is_word("DISTINCT", "ALL"):
        start += 1
    if tokens[start].is_word("TOP"):
        start = closing(tokens, start + 1) + 1 if tokens[start + 1].is_symbol("(") else start + 2
    end = find_word(tokens, "FROM", "WHERE", "ORDER")
    parts = split_at(tokens[start:end], ",")
    return [] if any(part and part[-1].is_symbol("*") for part in parts) else parts


def _relations(tokens: Tokens) -> dict[str, str]:
    """Return the tables of FROM and JOIN clauses by the name their columns are addressed with."""
    found: dict[str, str] = {}
    for i, token in enumerate(tokens):
        if not token.is_word("FROM", "JOIN"):
            continue
        parts, after = name_chain(tokens, i + 1)
        if not parts:
            continue
        if after < len(tokens) and tokens[after].is_word("AS"):
            after += 1
        has_alias = after < len(tokens) and tokens[after].is_name and not tokens[after].is_word(*_AFTER_TABLE)
        found[tokens[after].text if has_alias else parts[-1]] = parts[-1]
    return found


_AFTER_TABLE = ("WHERE", "ORDER", "INNER", "LEFT", "JOIN", "ON", "GROUP", "WITH", "OPTION", "CROSS", "HAVING", "FULL")


def _item(tokens: Tokens, relations: Mapping[str, str], types: TableTypes) -> Item:
    alias, expression = "", list(tokens)
    if len(tokens) > 2 and tokens[-2].is_word("AS"):
        alias, expression = tokens[-1].text, list(tokens[:-2])
    parts, after = name_chain(expression, 0)
    if parts and after == len(expression):
        return Item(alias or parts[-1], _column_type(parts, relations, types))
    return Item(alias, _expression_type(expression, relations, types))


def _column_type(parts: list[str], relations: Mapping[str, str], types: TableTypes) -> WireType | None:
    candidates = [relations[parts[-2]]] if len(parts) > 1 and parts[-2] in relations else list(relations.values())
    for table in candidates:
        for name, declared in types.get(table, {}).items():
            if name.lower() == parts[-1].lower():
                return declared
    return None


def _expression_type(tokens: Tokens, relations: Mapping[str, str], types: TableTypes) -> WireType | None:
    """The type of COUNT, SUM, MIN, MAX, CAST and literals; None leaves it to PostgreSQL's result."""
    if len(tokens) > 2 and tokens[1].is_symbol("(") and tokens[-1].is_symbol(")"):
        inner = tokens[2:-1]
        name = tokens[0].text.upper()
        if name in ("COUNT", "COUNT_BIG"):
            return WireType("int" if name == "COUNT" else "bigint")
        if name == "CAST":
            at = next(i for i in reversed(range(len(inner))) if inner[i].is_word("AS"))
            return WireType.parse("".join(token.text for token in inner[at + 1 :]))
        parts, after = name_chain(inner, 0)
        if name in ("MIN", "MAX") and parts and after == len(inner):
            return _column_type(parts, relations, types)
        if name == "SUM" and parts[-1:] == ["rows"]:
            return WireType("bigint")
    if len(tokens) == 1 and tokens[0].kind is Kind.NUMBER and tokens[0].text.isdigit():
        return WireType("int", nullable=False)
    return None
