"""What words mean beside themselves: synonyms, abbreviations, and makes and models written in Cyrillic.

Stage: service, understanding. Reads ``synonyms.tsv`` beside it, once; writes nothing. The table is for people to edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cordsearch.analysis.normalise import fold_text
from cordsearch.analysis.stem import stem

_TABLE = Path(__file__).with_name("synonyms.tsv")


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
def load_synonyms() -> Synonyms:
    """Return the table of ``synonyms.tsv``."""
    return parse_synonyms(_TABLE.read_text(encoding="utf-8"))


def parse_synonyms(text: str) -> Synonyms:
    """Return the table that ``text`` writes down.

    Raises:
        ValueError: a line has an unknown kind or too few words; the message names the line.
    """
    lexemes: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    vehicles: dict[str, set[str]] = {"make": set(), "model": set()}
    phrases: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "kind\t")):
            continue
        kind, _, rest = line.partition("\t")
        first, *others = fold_text(rest).split()
        match kind:
            case "group":
                for word in (first, *others):
                    _add(lexemes, word, (first, *others))
            case "alias":
                for word in others:
                    _add(lexemes, word, (first,))
            case "phrase":
                phrases.append((" ".join(others), first))
            case "make" | "model":
                names |= dict.fromkeys(others, first)
                vehicles[kind].add(first)
            case _:
                raise ValueError(f"Line {number} of the synonyms has the unknown kind {kind!r}.")
    found = {lexeme: tuple(meanings) for lexeme, meanings in lexemes.items()}
    return Synonyms(found, names, frozenset(vehicles["make"]), frozenset(vehicles["model"]), tuple(phrases))


def _add(lexemes: dict[str, list[str]], word: str, meanings: tuple[str, ...]) -> None:
    own = stem(word)
    known = lexemes.setdefault(own, [])
    known += [meant for meant in dict.fromkeys(map(stem, meanings)) if meant != own and meant not in known]
