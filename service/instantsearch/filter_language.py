"""The language of the parameter ``filters``: ``a:x AND (b:y OR b:"z") AND price < 10``. Pure.

Stage: service, HTTP. Reads the text; writes nothing. Without parentheses OR binds closer than AND. Groups of ANDs
inside ORs and negated groups do not exist in the original either:
https://www.algolia.com/doc/guides/managing-results/refine-results/filtering/in-depth/combining-boolean-operators
"""

import re
from typing import NoReturn

from service.instantsearch.conditions import LONGEST_FILTER, Condition, Group, NumberIn, ValueIs, compared, number
from service.instantsearch.refused import RefusedRequestError

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<punctuation>[()]|<=|>=|!=|[<>=:])
      | "(?P<double>(?:\\.|[^"\\])*)"
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<word>[^\s()<>=!:"']+)
    )""",
    re.VERBOSE,
)
_KEYWORDS = frozenset({"AND", "OR", "NOT", "TO"})
_OPERATORS = frozenset({"<", "<=", "=", "!=", ">=", ">"})
_DEEPEST = 10

Token = tuple[str, str]  # kind ("name", "keyword", "punctuation", "end") and text


def read_filters(text: str) -> list[Group]:
    """Return the groups that ``text`` asks for, all of which must hold.

    Raises:
        RefusedRequestError: the text is too long, cannot be read, or says what the language cannot.
    """
    if len(text) > LONGEST_FILTER:
        raise RefusedRequestError(f"filters has {len(text)} characters; at most {LONGEST_FILTER} are allowed")
    if not text.strip():
        return []
    return _Reader(text).read()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise RefusedRequestError(f"cannot read filters at {text[position : position + 40].strip()!r}")
        position = match.end()
        quoted = match["double"] if match["double"] is not None else match["single"]
        if quoted is not None:
            found.append(("name", re.sub(r"\\(.)", r"\1", quoted)))
        elif match["word"] is not None:
            found.append(("keyword" if match["word"] in _KEYWORDS else "name", match["word"]))
        else:
            found.append(("punctuation", match["punctuation"]))
    return [*found, ("end", "")]


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._position = 0

    def read(self) -> list[Group]:
        groups = self._conjunction(depth=0)
        if self._next() != ("end", ""):
            self._refuse()
        return groups

    def _conjunction(self, depth: int) -> list[Group]:
        groups = self._disjunction(depth)
        while self._took("keyword", "AND"):
            groups += self._disjunction(depth)
        return groups

    def _disjunction(self, depth: int) -> list[Group]:
        parts = [self._operand(depth)]
        while self._took("keyword", "OR"):
            parts.append(self._operand(depth))
        if len(parts) == 1:
            return parts[0]
        if any(len(part) > 1 for part in parts):
            raise RefusedRequestError(f"filters: AND inside OR is not supported: {self._text[:200]!r}")
        return [tuple(condition for part in parts for group in part for condition in group)]

    def _operand(self, depth: int) -> list[Group]:
        negated = self._took("keyword", "NOT")
        if self._took("punctuation", "("):
            if negated:
                raise RefusedRequestError("filters: NOT before parentheses is not supported; negate each condition")
            if depth >= _DEEPEST:
                raise RefusedRequestError(f"filters: parentheses are nested more than {_DEEPEST} deep")
            inside = self._conjunction(depth + 1)
            if not self._took("punctuation", ")"):
                self._refuse()
            return inside
        return [(self._condition(negated=negated),)]

    def _condition(self, *, negated: bool) -> Condition:
        name = self._name()
        if self._took("punctuation", ":"):
            return self._after_colon(name, negated=negated)
        kind, operator = self._tokens[self._position]
        if kind != "punctuation" or operator not in _OPERATORS:
            raise RefusedRequestError(f"filters: {name[:100]!r} alone would be a tag, which products here do not have")
        self._position += 1
        self._positive(name, negated=negated)
        return compared(name, operator, number(self._name(), self._text))

    def _after_colon(self, name: str, *, negated: bool) -> Condition:
        value = self._name()
        if not self._took("keyword", "TO"):
            return ValueIs(name, value, negated)
        self._positive(name, negated=negated)
        return NumberIn(name, number(value, self._text), number(self._name(), self._text))

    def _positive(self, name: str, *, negated: bool) -> None:
        if negated:
            raise RefusedRequestError(f"filters: NOT before a comparison of {name[:100]!r} is not supported")

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            self._position -= 1
            self._refuse()
        return text

    def _took(self, kind: str, text: str) -> bool:
        if self._tokens[self._position] != (kind, text):
            return False
        self._position += 1
        return True

    def _next(self) -> Token:
        token = self._tokens[self._position]
        self._position += 1
        return token

    def _refuse(self) -> NoReturn:
        read = " ".join(text for _, text in self._tokens[: self._position])
        raise RefusedRequestError(f"cannot read filters after {read[-60:]!r} in {self._text[:200]!r}")
