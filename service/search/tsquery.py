"""Full-text conditions as the text of a ``tsquery``. Pure.

Stage: service, between understanding and the full-text retrievers. The words are already lexemes, so the text is cast
to ``tsquery`` and never parsed by a PostgreSQL dictionary (PostgreSQL manual, section 8.11.2).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from service.search.term import Term

MOST_TERMS_TO_DROP_TWO_OF = 7  # 7 terms give 21 combinations


class Relaxed(NamedTuple):
    """A weaker condition than that every term holds, or none; ``kept`` of the terms are known to hold then."""

    condition: str | None
    kept: int


def quoted(lexeme: str) -> str:
    """Return ``lexeme`` as a quoted literal of a ``tsquery``."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def condition(term: Term) -> str:
    """Return what one term asks for: any of its alternatives, all lexemes of that alternative."""
    parts = [" & ".join(map(quoted, alternative)) for alternative in term.alternatives]
    if len(parts) == 1:
        return parts[0] if len(term.alternatives[0]) == 1 else f"({parts[0]})"
    return "(" + " | ".join(f"({part})" if "&" in part else part for part in parts) + ")"


def all_of(terms: Sequence[Term]) -> str:
    """Return the condition that every term holds; empty for no terms."""
    return " & ".join(map(condition, terms))


def relaxations(terms: Sequence[Term]) -> tuple[Relaxed, Relaxed]:
    """Return two conditions to fall back to, the second weaker than the first, which holds wherever all terms do.

    Where the terms name a part and a vehicle, the vehicle is given up, its details first: brake pads for another truck
    are nearer to what was asked than another part of that truck. Otherwise any one term is, then any two.
    """
    parts = [term for term in terms if not term.is_vehicle]
    vehicles = [term for term in terms if term.is_vehicle]
    if not parts or not vehicles:
        return Relaxed(all_but(terms, 1), len(terms) - 1), Relaxed(all_but(terms, 2), len(terms) - 2)
    part = Relaxed(all_of(parts), len(parts))
    if len(vehicles) == 1:
        return part, Relaxed(all_but(parts, 1), len(parts) - 1)
    return Relaxed(f"{all_of(parts)} & ({all_but(vehicles, 1)})", len(terms) - 1), part


def all_but(terms: Sequence[Term], dropped: int) -> str | None:
    """Return the condition that all terms but any ``dropped`` of them hold, or None if that leaves none.

    Dropping two is only for queries of four to :data:`MOST_TERMS_TO_DROP_TWO_OF` terms: fewer would ask for almost
    nothing, more would give too many combinations.
    """
    kept = len(terms) - dropped
    if kept < 1 or (dropped > 1 and not 4 <= len(terms) <= MOST_TERMS_TO_DROP_TWO_OF):
        return None
    conditions = [condition(term) for term in terms]
    groups = [" & ".join(group) for group in combinations(conditions, kept)]
    return " | ".join(f"({group})" for group in groups)
