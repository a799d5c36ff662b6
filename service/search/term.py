"""One thing a query asks for. Stage: service, understanding. Reads and writes nothing."""

from dataclasses import dataclass
from typing import Literal

TermKind = Literal["word", "prefix", "spelling", "code", "number", "size"]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a product must match: any one of ``alternatives``, each a set of lexemes that belong together.

    ``is_vehicle``: it names a make or model the part is for, not the part.
    """

    text: str
    kind: TermKind
    alternatives: tuple[tuple[str, ...], ...]
    is_vehicle: bool = False
