"""From T-SQL expressions and queries to PostgreSQL's. Pure: reads tokens, returns text.

What differs, and is rewritten: TOP (a LIMIT at the end of its SELECT), bracketed names, table hints and
OPTION clauses (dropped), type names, variables and functions, the catalog views of ``catalog.sql``.
Anything else passes unchanged, so that PostgreSQL itself refuses what this server does not know.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.tds_server.tsql import Kind, Token, Tokens, closing, name_chain, split_at

_TYPES = {
    "NVARCHAR": "text", "VARCHAR": "text", "SYSNAME": "text", "DATETIME2": "timestamp", "DATETIME": "timestamp",
    "BIT": "boolean", "FLOAT": "double precision", "MONEY": "numeric(19,4)", "UNIQUEIDENTIFIER": "uuid",
    "VARBINARY": "bytea", "BINARY": "bytea", "ROWVERSION": "bytea", "BIGINT": "bigint", "INT": "integer",
}  # fmt: skip
_FUNCTIONS = {
    "COUNT_BIG": "count", "ISNULL": "coalesce", "LEN": "length", "OBJECT_ID": "pg_temp.object_id",
}  # fmt: skip
_CATALOG_SCHEMAS = ("sys", "information_schema")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*$")


@dataclass(frozen=True)
class Names:
    """What names mean here: functions and variables with a fixed answer (PostgreSQL text), columns by lower case."""

    constants: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)


def to_postgres(tokens: Tokens, names: Names) -> str:
    """Return PostgreSQL text for one statement."""
    return _Rewriter(names).rewrite(tokens)


def quote(name: str) -> str:
    """Quote an identifier where PostgreSQL would fold it."""
    return name if _PLAIN.match(name) else '"' + name.replace('"', '""') + '"'


class _Rewriter:
    def __init__(self, names: Names) -> None:
        self._names = names

    def rewrite(self, tokens: Tokens) -> str:
        out: list[str] = []
        limit: str | None = None
        i = 0
        while i < len(tokens):
            token = tokens[i]
            if token.is_word("TOP") and i and tokens[i - 1].is_word("SELECT", "DISTINCT"):
                limit, i = self._top(tokens, i + 1)
            elif token.is_word("WITH", "OPTION") and i + 1 < len(tokens) and tokens[i + 1].is_symbol("("):
                i = closing(tokens, i + 1) + 1
            elif token.is_symbol("("):
                end = closing(tokens, i)
                out.append(f"({self.rewrite(tokens[i + 1 : end])})")
                i = end + 1
            else:
                text, i = self._next(tokens, i)
                out.append(text)
        if limit is not None:
            out.append(f"limit {limit}")
        return " ".join(out)

    def _top(self, tokens: Tokens, i: int) -> tuple[str, int]:
        if tokens[i].is_symbol("("):
            end = closing(tokens, i)
            return self.rewrite(tokens[i + 1 : end]), end + 1
        return tokens[i].text, i + 1

    def _next(self, tokens: Tokens, i: int) -> tuple[str, int]:
        token = tokens[i]
        if token.kind is Kind.STRING:
            return "'" + token.text.replace("'", "''") + "'", i + 1
        if token.kind is Kind.HEX:
            return f"'\\x{token.text[2:]}'::bytea", i + 1
        if token.kind is Kind.VARIABLE:
            return self._names.constants.get(token.text.upper(), token.text), i + 1
        if token.is_word("CAST") and i + 1 < len(tokens) and tokens[i + 1].is_symbol("("):
            return self._cast(tokens, i + 1)
        if token.is_name:
            return self._name(tokens, i)
        return token.text, i + 1

    def _cast(self, tokens: Tokens, opening: int) -> tuple[str, int]:
        end = closing(tokens, opening)
        inner = tokens[opening + 1 : end]
        at = next(i for i in reversed(range(len(inner))) if inner[i].is_word("AS"))
        name = inner[at + 1].text.upper()
        declared = _TYPES.get(name) or self.rewrite(inner[at + 1 :])
        return f"cast({self.rewrite(inner[:at])} as {declared})", end + 1

    def _name(self, tokens: Tokens, i: int) -> tuple[str, int]:
        parts, after = name_chain(tokens, i)
        called = after < len(tokens) and tokens[after].is_symbol("(")
        if called:
            return self._call(tokens, parts, after)
        if len(parts) > 1:
            return self._chain(parts), after
        return self._single(tokens[i]), after

    def _call(self, tokens: Tokens, parts: list[str], opening: int) -> tuple[str, int]:
        end = closing(tokens, opening)
        whole = f"{'.'.join(parts)}({' '.join(token.text for token in tokens[opening + 1 : end])})".upper()
        constant = self._names.constants.get(whole)
        if constant is not None:
            return constant, end + 1
        if parts[-1].upper() == "DATEADD":
            unit, count, start = split_at(tokens[opening + 1 : end], ",")
            return f"({self.rewrite(start)} + ({self.rewrite(count)}) * interval '1 {unit[0].text}')", end + 1
        name = _FUNCTIONS.get(parts[-1].upper(), parts[-1].lower())
        return f"{name}({self.rewrite(tokens[opening + 1 : end])})", end + 1

    @staticmethod
    def _chain(parts: list[str]) -> str:
        """``sys.columns`` is a relation of catalog.sql, ``sys.columns.name`` its column, ``[dbo].[T].[C]`` as it is."""
        lowered = [part.lower() for part in parts]
        if lowered[0] in _CATALOG_SCHEMAS:
            return ".".join(quote(part) for part in (f"{lowered[0]}_{lowered[1]}", *lowered[2:]))
        return ".".join(quote(part) for part in parts)

    def _single(self, token: Token) -> str:
        if token.kind is Kind.QUOTED:
            return quote(token.text)
        spelling = self._names.spellings.get(token.text.lower())
        return quote(spelling) if spelling is not None else token.text
