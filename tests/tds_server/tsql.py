"""A reader of T-SQL tokens, as far as the statements of a loader need one. Pure.

Reads a batch, returns statements as lists of tokens. Rules:
https://learn.microsoft.com/sql/t-sql/language-elements/transact-sql-syntax-conventions-transact-sql
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.tds_server.errors import syntax_error


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"  # [name] or "name"; text is the bare name
    STRING = "string"  # text is the value
    NUMBER = "number"
    HEX = "hex"
    VARIABLE = "variable"  # @name and @@name
    SYMBOL = "symbol"


_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<string>[Nn]?'(?:[^']|'')*')
  | (?P<quoted>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
  | (?P<hex>0[xX][0-9A-Fa-f]*)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<variable>@@?[\w$\#@]+)
  | (?P<word>[^\W\d][\w$\#@]*)
  | (?P<symbol><>|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token; ``source`` is how it was written, for error messages."""

    kind: Kind
    text: str
    source: str

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the given keywords, in any case."""
        return self.kind is Kind.WORD and self.text.upper() in words

    def is_symbol(self, *symbols: str) -> bool:
        """Tell whether this is one of the given symbols."""
        return self.kind is Kind.SYMBOL and self.text in symbols

    @property
    def is_name(self) -> bool:
        """Tell whether this may be a part of an object's name."""
        return self.kind in (Kind.WORD, Kind.QUOTED)


Tokens = Sequence[Token]


def tokenise(text: str) -> list[Token]:
    """Return the tokens of ``text``. Raises SqlError 102 for a quote that is never closed."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind, source = str(match.lastgroup), match.group()
        if kind == "space":
            continue
        if kind == "symbol" and source in "'\"[":
            raise syntax_error(text[match.start() :][:60])
        tokens.append(Token(Kind(kind), _value(kind, source), source))
    return tokens


def _value(kind: str, source: str) -> str:
    if kind == "string":
        return source[source.index("'") + 1 : -1].replace("''", "'")
    if kind == "quoted":
        return source[1:-1].replace(source[-1] * 2, source[-1])
    return source


def statements(text: str) -> list[list[Token]]:
    """Split a batch at its semicolons, outside parentheses; empty statements are left out."""
    found: list[list[Token]] = [[]]
    for token in tokenise(text):
        if token.is_symbol(";"):
            found.append([])
        else:
            found[-1].append(token)
    return [statement for statement in found if statement]


def split_at(tokens: Tokens, symbol: str) -> list[list[Token]]:
    """Split at a symbol outside parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth == 0 and token.is_symbol(symbol):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def closing(tokens: Tokens, opening: int) -> int:
    """Return the position of the parenthesis that closes the one at ``opening``. Raises SqlError 102."""
    depth = 0
    for i in range(opening, len(tokens)):
        depth += tokens[i].is_symbol("(") - tokens[i].is_symbol(")")
        if depth == 0:
            return i
    raise syntax_error(tokens[-1].source)


def find_word(tokens: Tokens, *words: str) -> int:
    """Return the position of the first of ``words`` outside parentheses, or the number of tokens."""
    depth = 0
    for i, token in enumerate(tokens):
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth == 0 and token.is_word(*words):
            return i
    return len(tokens)


def name_chain(tokens: Tokens, start: int) -> tuple[list[str], int]:
    """Read ``a.b.c`` from ``start``; return its parts and the position after it (no parts: not a name)."""
    parts: list[str] = []
    i = start
    while i < len(tokens) and tokens[i].is_name:
        parts.append(tokens[i].text)
        if i + 2 >= len(tokens) + 1 or i + 1 >= len(tokens) or not tokens[i + 1].is_symbol("."):
            return parts, i + 1
        i += 2
    return parts, i


def substitute(tokens: Iterable[Token], values: dict[str, Token]) -> list[Token]:
    """Replace variables by literals; names are compared without regard to case."""
    lowered = {name.lower(): value for name, value in values.items()}
    return [lowered.get(token.text.lower(), token) if token.kind is Kind.VARIABLE else token for token in tokens]


def literal(value: object) -> Token:
    """Return a literal token for a parameter value."""
    if value is None:
        return Token(Kind.WORD, "NULL", "NULL")
    if isinstance(value, (bytes, bytearray)):
        return Token(Kind.HEX, "0x" + value.hex(), "0x" + value.hex())
    if isinstance(value, (int, float)):
        return Token(Kind.NUMBER, str(value), str(value))
    return replace(Token(Kind.STRING, str(value), ""), source=f"N'{value}'")


def spelled(tokens: Tokens) -> str:
    """Write tokens with single spaces, keywords in capitals: the form in which fixed statements are compared."""
    return " ".join(token.text.upper() if token.kind is Kind.WORD else token.source for token in tokens)
