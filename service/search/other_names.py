"""What else a part is called: terms of a query that together name one also ask for its other names. Pure.

Stage: service, understanding. Reads what ``embeddings.other_names`` learned from the catalogue; writes nothing.

``fifth wheel`` stands on a third of the fifth wheels; ``reflektor`` is what headlights are called in Polish, and some
have no Polish name. The other names join the condition of the full text, and the text that is encoded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cordsearch.analysis.stem import stem
from service.search.synonyms import Synonyms
from service.search.term import Term

_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Other names of a part in lexemes, and one of them in words.

    ``whole``: only where nothing else in the query names the part.
    """

    whole: bool
    lexemes: tuple[tuple[str, ...], ...]
    text: str


def parse_other_names(names: Sequence[str], *, whole: bool) -> OtherNames:
    """Return a row of ``search_other_name``; ``names`` are folded words, at least one name."""
    lexemes = (tuple(map(stem, name.split())) for name in names)
    return OtherNames(whole, tuple(dict.fromkeys(lexemes)), names[0])


def with_other_names(
    terms: Sequence[Term], look_up: Callable[[Sequence[str]], OtherNames | None], synonyms: Synonyms
) -> tuple[list[Term], str]:
    """Return the terms, those of the longest phrase that has other names as one, and a name to encode or nothing."""
    lexemes = [_own_lexeme(term) for term in terms]
    words = sum(lexeme is not None for lexeme in lexemes)
    for size in range(min(_MOST_WORDS, words), 0, -1):
        for start in range(len(terms) - size + 1):
            phrase = [lexeme for lexeme in lexemes[start : start + size] if lexeme is not None]
            names = look_up(phrase) if len(phrase) == size else None
            if names is not None and (not names.whole or _names_the_part(phrase, words, synonyms)):
                joined = _joined(terms[start : start + size], phrase, names)
                return [*terms[:start], joined, *terms[start + size :]], names.text
    return list(terms), ""


def _own_lexeme(term: Term) -> str | None:
    """Return the stem of a word of the part as it was typed, or None for anything else."""
    if term.is_vehicle or term.kind != "word" or len(term.alternatives[0]) != 1:
        return None
    return term.alternatives[0][0]


def _names_the_part(phrase: Sequence[str], words: int, synonyms: Synonyms) -> bool:
    """Whether nothing else does. Words like ``left`` have their own synonyms, better than a translated name."""
    return len(phrase) == words and not any(lexeme in synonyms.lexemes for lexeme in phrase)


def _joined(terms: Sequence[Term], phrase: Sequence[str], names: OtherNames) -> Term:
    own = terms[0].alternatives if len(terms) == 1 else (tuple(phrase),)
    text = " ".join(term.text for term in terms)
    return replace(terms[0], text=text, alternatives=tuple(dict.fromkeys((*own, *names.lexemes))))
