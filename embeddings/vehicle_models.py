"""Which models the catalogue knows of each make. Pure.

Stage: embeddings. Reads and writes nothing: takes the names of the catalogue, returns rows of
``search_vehicle_model``.

The source has a column for the makes of a part, none for models; names say them after the make: ``Сальник DAF XF95``.
A word that stands after one make nearly wherever it stands is a model of it; ``24V`` and ``lewy`` stand after many.
The search uses this to tell a part for another model of the make from one that says nothing of the model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from cordsearch.analysis.lexemes import token_lexemes
from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.tokens import Token, tokenise_folded

_FEWEST_PRODUCTS = 5
_MOSTLY = 0.6  # of the products whose names have the word, so many have it after this make


class VehicleModel(NamedTuple):
    """A row of ``search_vehicle_model``: a make as it is typed, folded, and a lexeme of one of its models."""

    make: str
    model: str
    product_count: int


class _Piece(NamedTuple):
    """A word, code or number of a name."""

    text: str
    lexeme: str | None
    may_name_model: bool


_END = _Piece("", None, may_name_model=False)


class VehicleModels:
    """Takes products one by one; then gives what stands after makes."""

    def __init__(self) -> None:
        self._names: Counter[tuple[str | None, ...]] = Counter()
        self._makes: set[str] = set()

    def add(self, names: tuple[str | None, ...], makes: Iterable[str], products: int) -> None:
        """Take the names of so many products, and the makes they are filed under."""
        self._names[names] += products
        self._makes.update(makes)

    def rows(self) -> list[VehicleModel]:
        """Return the models, sorted; one that stands after several makes belongs to none of them."""
        makes = frozenset(word for make in self._makes for word in _words_of_make(make))
        after: defaultdict[str, Counter[str]] = defaultdict(Counter)
        everywhere: Counter[str] = Counter()
        for names, products in self._names.items():
            pieces = _pieces(names)
            for lexeme in {piece.lexeme for piece in pieces if piece.lexeme is not None}:
                everywhere[lexeme] += products
            for make, lexeme in set(_after_makes(pieces, makes)):
                after[lexeme][make] += products
        return sorted(
            VehicleModel(make, lexeme, count)
            for lexeme, counts in after.items()
            for make, count in counts.items()
            if count >= _FEWEST_PRODUCTS and count >= _MOSTLY * everywhere[lexeme]
        )


def _pieces(names: Iterable[str | None]) -> list[_Piece]:
    found: list[_Piece] = []
    for name in dict.fromkeys(filter(None, names)):
        for chunk in name.split():
            found.extend(_pieces_of_chunk(chunk))
        found.append(_END)
    return found


@lru_cache(maxsize=200_000)
def _pieces_of_chunk(chunk: str) -> tuple[_Piece, ...]:
    return tuple(
        _Piece(token.text, next(iter(token_lexemes(token)), None), _may_name_model(token))
        for token in tokenise_folded(fold_text(chunk))
    )


def _after_makes(pieces: Sequence[_Piece], makes: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each make with the lexemes of what follows it, up to a word that names no model or the end of the name.

    A make of two words is both of them.
    """
    current: list[str] = []
    before = _END
    for piece in pieces:
        if piece.text in makes:
            current = [*current, piece.text] if before.text in makes else [piece.text]
        elif not current or not piece.may_name_model:
            current = []
        elif piece.lexeme is not None:
            yield from ((make, piece.lexeme) for make in current)
        before = piece


def _may_name_model(token: Token) -> bool:
    return token.kind in ("code", "number") or (token.kind == "word" and script_of(token.text) == "latin")


def _words_of_make(make: str) -> list[str]:
    """A make may be two words (``Mercedes-Benz``); single letters name none."""
    return [piece.text for piece in _pieces((make,)) if len(piece.text) > 1 and piece.text.isalpha()]
