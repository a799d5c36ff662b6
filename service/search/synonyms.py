"""What words mean beside themselves: synonyms, abbreviations, and makes and models written in Cyrillic.

Stage: service, understanding. Reads ``synonyms.tsv`` beside it, once; writes nothing. The table is for people to edit.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cordsearch.analysis.languages import LANGUAGES, Language
from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.stem import stem

EVERY_LANGUAGE: Final = frozenset(LANGUAGES)
_TABLE: Final = Path(__file__).with_name("synonyms.tsv")
_ANY: Final = "any"
_COLUMNS: Final = (_ANY, "ru", "uk", "pl", "en")


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The table, ready to look words up.

    ``lexemes``: stem -> the stems that mean the same, itself not among them. ``names``: Cyrillic spelling -> make or
    model. ``makes``, ``models``: these themselves. ``phrases``: (as typed, what it stands for), folded.
    """

    lexemes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    makes: frozenset[str]
    models: frozenset[str]
    phrases: tuple[tuple[str, str], ...]


@cache
def load_synonyms(languages: frozenset[Language] = EVERY_LANGUAGE) -> Synonyms:
    """Return the table of ``synonyms.tsv``, without the words of languages not among ``languages``."""
    return parse_synonyms(_TABLE.read_text(encoding="utf-8"), languages)


def parse_synonyms(text: str, languages: Collection[Language] = EVERY_LANGUAGE) -> Synonyms:
    """Return the table that ``text`` writes down: a kind, a cell of words for any language, one for each.

    Raises:
        ValueError: a line has an unknown kind or too many cells; the message names the line.
    """
    lexemes: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    vehicles: dict[str, set[str]] = {"make": set(), "model": set()}
    phrases: dict[str, str] = {}
    for number, kind, spoken in _lines(text, languages):
        match kind:
            case "group":
                words = [word for cell in spoken for word in cell]
                for word in words:
                    _add(lexemes, word, words)
            case "alias":
                for meant, *others in spoken:
                    for word in others:
                        _add(lexemes, word, (meant,))
            case "phrase":
                phrases |= {" ".join(others): meant for meant, *others in spoken}
            case "make" | "model":
                for name, *others in spoken:
                    names |= dict.fromkeys(others, name)
                    vehicles[kind].add(name)
            case _:
                raise ValueError(f"Line {number} of the synonyms has the unknown kind {kind!r}.")
    found = {lexeme: tuple(meanings) for lexeme, meanings in lexemes.items() if meanings}
    return Synonyms(found, names, frozenset(vehicles["make"]), frozenset(vehicles["model"]), tuple(phrases.items()))


def _lines(text: str, languages: Collection[Language]) -> Iterator[tuple[int, str, list[list[str]]]]:
    """Yield the number of each line, its kind, and the words of its cells that count."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "kind\t")):
            continue
        kind, *cells = line.split("\t")
        if len(cells) > len(_COLUMNS):
            raise ValueError(f"Line {number} of the synonyms has more than {len(_COLUMNS)} cells of words.")
        words = {column: fold_text(cell).split() for column, cell in zip(_COLUMNS, cells, strict=False)}
        yield number, kind, [cell for column, cell in words.items() if cell and column in (_ANY, *languages)]


def _add(lexemes: dict[str, list[str]], word: str, meanings: Sequence[str]) -> None:
    own = stem(word)
    known = lexemes.setdefault(own, [])
    known += [meant for meant in dict.fromkeys(map(stem, meanings)) if meant != own and meant not in known]
