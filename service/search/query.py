"""Understanding: what a person typed becomes a query every retriever can read. Pure.

Stage: service, first. Reads: the typed text and a vocabulary (what words the catalogue has). Writes: a :class:`Query`.

Codes are never corrected. A word the catalogue does not know is tried, in this order, on the other keyboard
layouts (``nzuf``), in the other script (``kolodki``) and as the beginning of a known word (``амортиз``). What is left
is unknown; :func:`correct_spelling` settles it when the dictionary's nearest words have been looked up.

A word also stands for its synonyms, an abbreviation (``ham.``, ``зад.``) for the words it begins. Terms that name a
vehicle are told from those that name the part, so that the vehicle is given up first when nothing has both. Words that
together name a part also stand for its other names.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.keyboard_layout import repair_candidates
from cordsearch.analysis.lexemes import STOP_WORDS, code_parts
from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.stem import stem
from cordsearch.analysis.tokens import Token, tokenise_folded
from service.search.filters import NO_FILTERS, Filters
from service.search.languages import ALL_SEARCHED, SearchedLanguages
from service.search.meaning import Comparison
from service.search.other_names import with_other_names
from service.search.synonyms import Synonyms
from service.search.term import Term
from service.search.wording import NO_WORDING, AppliedRule, Vocabulary, Wording

CorrectionKind = Literal["keyboard_layout", "spelling", "transliteration"]

MAXIMUM_TERMS = 12  # a person types fewer; a pasted page must not become a thousand-way join
MAXIMUM_CODES = 4
MAXIMUM_EXPANSIONS = 12
MAXIMUM_UNKNOWN = 4
_SHORTEST_REPAIR = 3
_SHORTEST_PREFIX = 2
_SHORTEST_CODE = 3
_LONGEST_LETTER_PART_OF_A_CODE = 4
_LONGEST_ABBREVIATION = 7
_MEANINGS_OF_AN_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class Correction:
    """That ``typed`` was read as ``meant``."""

    typed: str
    meant: str
    kind: CorrectionKind


@dataclass(frozen=True, slots=True)
class Query:
    """An understood query. ``unknown`` are the words nothing matched; ``codes`` are normalised, likeliest first.

    ``other_name`` is what else the catalogue or a rule of staff calls the part, or empty. ``rules``: those that the
    words met. ``comparison``: what products are compared with, once it is known.
    """

    text: str
    repaired: str
    terms: tuple[Term, ...]
    codes: tuple[str, ...]
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    other_name: str = ""
    rules: tuple[AppliedRule, ...] = ()
    comparison: Comparison | None = None

    @property
    def to_encode(self) -> str:
        """The text whose vector stands for the query."""
        return f"{self.repaired} {self.other_name}" if self.other_name else self.repaired

    @property
    def has_words(self) -> bool:
        """Whether there is anything but codes, sizes and numbers in it."""
        return bool(self.unknown) or any(term.kind in ("word", "prefix", "spelling") for term in self.terms)

    @property
    def was_respelled(self) -> bool:
        """Whether a term stands on a dictionary neighbour of what was typed."""
        return any(term.kind == "spelling" for term in self.terms)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A known ``word`` near an unknown one: ``distance`` in edits, how often it occurs, and the reading it comes by."""

    word: str
    lexeme: str
    distance: int
    document_count: int
    kind: CorrectionKind = "spelling"


def understand(
    text: str,
    vocabulary: Vocabulary,
    filters: Filters | None = None,
    *,
    repair: bool = True,
    wording: Wording = NO_WORDING,
) -> Query:
    """Return what ``text`` asks for; never fails on any text, bounded work for any length.

    Without ``repair`` the words are taken as typed: no other keyboard layout, no other script, nothing left to respell.
    ``wording`` are the synonyms and stop words of staff.
    """
    synonyms = vocabulary.languages.synonyms
    vocabulary = wording.over(vocabulary)
    kept, left_out = wording.leave_out(text)
    typed = _spelled_out(kept, synonyms) if repair else kept
    folded = fold_text(typed)
    tokens = tokenise_folded(folded)
    corrections: list[Correction] = []
    repaired = folded
    if repair and not all(_is_settled(token, vocabulary) for token in tokens):
        repaired = " ".join(_repair_chunk(chunk, vocabulary, corrections) for chunk in typed.lower().split())
        tokens = tokenise_folded(repaired)
    terms: list[Term] = []
    unknown: list[str] = []
    has_words = any(token.kind == "word" and len(token.text) >= _SHORTEST_CODE for token in tokens)
    for place, token in enumerate(tokens[:MAXIMUM_TERMS]):
        is_short = repair and _is_abbreviated(token, repaired)
        term = _term(token, vocabulary, has_words=has_words, is_short=is_short)
        if term is not None and _names_vehicle(token, terms, synonyms, place):
            term = replace(term, is_vehicle=True)
        if term is not None:
            terms.append(term)
        elif repair and _is_unknown_word(token, vocabulary) and len(unknown) < MAXIMUM_UNKNOWN:
            unknown.append(token.text)
    widened, widened_by, meaning = wording.expand(terms)
    terms, other_name = with_other_names(widened, vocabulary.other_names, synonyms)
    return Query(
        text=text,
        repaired=repaired,
        terms=tuple(terms),
        codes=_codes(tokenise_folded(folded), vocabulary),
        corrections=tuple(corrections),
        unknown=tuple(unknown),
        filters=filters or NO_FILTERS,
        other_name=other_name or meaning,
        rules=(*left_out, *widened_by),
    )


def _spelled_out(text: str, synonyms: Synonyms) -> str:
    """Return ``text`` with the abbreviations that are more or less than a word (``р/к``) spelled out."""
    for short, long in synonyms.phrases:
        if short[0] in text or short[0].upper() in text:
            text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)\.?", long, text, flags=re.IGNORECASE)
    return text


def _is_abbreviated(token: Token, text: str) -> bool:
    """A short word with a point after it: ``ham.``; the last word of a sentence begins no other word, so no harm."""
    return token.kind == "word" and len(token.text) <= _LONGEST_ABBREVIATION and text[token.end : token.end + 1] == "."


def _names_vehicle(token: Token, before: Sequence[Term], synonyms: Synonyms, place: int) -> bool:
    """Tell makes, listed models, short codes such as ``xf105``, and what follows a make that is not the first word."""
    if token.text in synonyms.makes or token.text in synonyms.models:
        return True
    if token.kind == "code" and code_parts(normalise_code(token.text).lower()):
        return True
    follows = bool(before) and before[-1].is_vehicle
    if token.kind == "number":
        return follows
    starts_with_part = any(not term.is_vehicle for term in before)
    return follows and starts_with_part and place > 0 and token.kind == "word" and script_of(token.text) == "latin"


def _is_settled(token: Token, vocabulary: Vocabulary) -> bool:
    return token.kind != "word" or token.text in vocabulary.languages.stop_words or vocabulary.knows(token.text)


def _is_unknown_word(token: Token, vocabulary: Vocabulary) -> bool:
    is_stop_word = token.text in vocabulary.languages.stop_words
    return token.kind == "word" and not is_stop_word and len(token.text) >= _SHORTEST_REPAIR


def _repair_chunk(chunk: str, vocabulary: Vocabulary, corrections: list[Correction]) -> str:
    """Repair one blank-separated piece of the query.

    The piece and not the token, because the keys of some Cyrillic letters are punctuation on the English layout.
    """
    folded = fold_text(chunk)
    tokens = tokenise_folded(folded)
    if any(token.kind != "word" for token in tokens) or all(_is_settled(token, vocabulary) for token in tokens):
        return folded
    named = _as_make_or_model(tokens, vocabulary, corrections)
    if named is not None:
        return named
    if chunk.endswith(".") and len(tokens) == 1 and vocabulary.completions(tokens[0].text, 1):
        return folded  # an abbreviation: the beginning of a word, not one in the other script
    for candidate in vocabulary.languages.on_other_layouts(chunk) if len(chunk) >= _SHORTEST_REPAIR else ():
        if _all_known(candidate.text, vocabulary):
            corrections.append(Correction(chunk, candidate.text, "keyboard_layout"))
            return fold_text(candidate.text)
    return _transliterate(folded, tokens, vocabulary, corrections)


def _as_make_or_model(tokens: Sequence[Token], vocabulary: Vocabulary, corrections: list[Correction]) -> str | None:
    """Return the Latin name of a make or model written in Cyrillic (``рено``), or None."""
    names = vocabulary.languages.synonyms.names
    meant = [names.get(token.text, token.text) for token in tokens]
    if not any(token.text in names for token in tokens) or not all(map(vocabulary.knows, meant)):
        return None
    corrections.extend(
        Correction(token.text, name, "transliteration")
        for token, name in zip(tokens, meant, strict=True)
        if token.text != name
    )
    return " ".join(meant)


def _all_known(text: str, vocabulary: Vocabulary) -> bool:
    tokens = tokenise_folded(fold_text(text))
    return bool(tokens) and all(token.kind == "word" and vocabulary.knows(token.text) for token in tokens)


def _transliterate(folded: str, tokens: Sequence[Token], vocabulary: Vocabulary, corrections: list[Correction]) -> str:
    for token in tokens:
        if _is_settled(token, vocabulary) or len(token.text) < _SHORTEST_REPAIR:
            continue
        spelled = vocabulary.languages.in_other_script(token.text)
        meant = next((word for word in spelled if vocabulary.knows(word)), None)
        if meant is not None:
            corrections.append(Correction(token.text, meant, "transliteration"))
            folded = folded.replace(token.text, meant)
    return folded


def _term(token: Token, vocabulary: Vocabulary, *, has_words: bool, is_short: bool) -> Term | None:
    """Return what ``token`` asks of a product's text, or None if it asks nothing or is not known."""
    if token.kind == "word":
        return _word_term(token.text, vocabulary, is_short=is_short)
    if token.kind != "code":
        return Term(token.text, token.kind, ((token.text,),))
    code = normalise_code(token.text).lower()
    parts = tuple(code_parts(code))
    if parts:
        return Term(token.text, "code", ((code,), parts))
    # A long part number is not in the texts: beside words it would only make them fail.
    return None if has_words or not code else Term(token.text, "code", ((code,),))


def _word_term(word: str, vocabulary: Vocabulary, *, is_short: bool) -> Term | None:
    if word in vocabulary.languages.stop_words or (len(word) == 1 and not is_short):
        return None
    lexeme = stem(word)
    same = vocabulary.languages.synonyms.lexemes.get(lexeme, ())
    if is_short and len(word) > 1:
        completions = vocabulary.completions(word, _MEANINGS_OF_AN_ABBREVIATION)
        same = tuple(dict.fromkeys((*same, *map(stem, completions))))
    if same or vocabulary.knows(word):
        return Term(word, "word", tuple((each,) for each in dict.fromkeys((lexeme, *same))))
    if len(word) < _SHORTEST_PREFIX:
        return None
    completions = vocabulary.completions(word, MAXIMUM_EXPANSIONS)
    if not completions:
        return None
    return Term(word, "prefix", tuple((lexeme,) for lexeme in dict.fromkeys(map(stem, completions))))


def _codes(tokens: Sequence[Token], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the part numbers the tokens may mean: runs typed with blanks joined, then each by itself."""
    found: list[str] = []
    run: list[str] = []
    for token in (*tokens, None):
        if token is not None and _may_belong_to_code(token):
            run.append(token.text)
            continue
        joined = normalise_code("".join(run))
        if len(run) > 1 and len(joined) >= _SHORTEST_CODE and any(character.isdigit() for character in joined):
            found.append(joined)
        run = []
    alone = len(tokens) == 1
    for token in tokens:
        if token.kind == "code" or (alone and token.kind == "number") or (alone and _is_bare_prefix(token, vocabulary)):
            found.append(normalise_code(token.text))
            found.extend(_codes_on_other_layouts(token.text))
    return tuple(dict.fromkeys(code for code in found if len(code) >= _SHORTEST_CODE))[:MAXIMUM_CODES]


def _may_belong_to_code(token: Token) -> bool:
    if token.kind in ("code", "number"):
        return True
    if token.kind == "size":  # "9X9 918 475 AS" and "9X99-18475-AS" begin like one
        return len(token.text) <= _LONGEST_LETTER_PART_OF_A_CODE and "." not in token.text
    if token.kind != "word" or len(token.text) > _LONGEST_LETTER_PART_OF_A_CODE:
        return False
    # Cyrillic letters that all look Latin: "А 150 368 67 86" typed on a Cyrillic keyboard.
    return script_of(token.text) == "latin" or (token.text not in STOP_WORDS and normalise_code(token.text).isascii())


def _is_bare_prefix(token: Token, vocabulary: Vocabulary) -> bool:
    """A lone Latin word that is no word of the catalogue may be the letters a part number begins with (``SEM``)."""
    return token.kind == "word" and script_of(token.text) == "latin" and not vocabulary.knows(token.text)


def _codes_on_other_layouts(text: str) -> list[str]:
    """``ыуь143`` is ``sem143`` typed on a Cyrillic layout."""
    if script_of(text) != "cyrillic":
        return []
    return [normalise_code(candidate.text) for candidate in repair_candidates(text) if candidate.target == "en"][:1]


def spelling_forms(word: str, languages: SearchedLanguages = ALL_SEARCHED) -> tuple[tuple[str, CorrectionKind], ...]:
    """Return the readings of an unknown ``word`` whose dictionary neighbours are worth looking up, likeliest first."""
    forms: dict[str, CorrectionKind] = {word: "spelling"}
    if script_of(word) == "latin":
        for spelled in languages.in_other_script(word)[:1]:
            forms.setdefault(spelled, "transliteration")
    for candidate in languages.on_other_layouts(word)[:1]:
        if candidate.text.isalpha():
            forms.setdefault(fold_text(candidate.text), "keyboard_layout")
    return tuple(forms.items())


def allowed_distance(word: str) -> int:
    """Return how many edits a misspelled ``word`` may be away: none for three letters, 1 from four, 2 from seven on."""
    if len(word) < 4:
        return 0
    return 1 if len(word) < 7 else 2


def choose_spelling(neighbours: Sequence[Spelling]) -> tuple[Spelling, ...]:
    """Return the nearest of ``neighbours``: fewest edits, plain misspelling before other readings, then the commonest.

    Words as near as the best one that differ only by form or language stay, at most three lexemes.
    """
    if not neighbours:
        return ()
    order = sorted(neighbours, key=lambda n: (n.distance, n.kind != "spelling", -n.document_count, n.word))
    best = order[0]
    ties = [n for n in order if (n.distance, n.kind) == (best.distance, best.kind)]
    by_lexeme: dict[str, Spelling] = {}
    for neighbour in ties:
        by_lexeme.setdefault(neighbour.lexeme, neighbour)
    frequent = [n for n in by_lexeme.values() if n.document_count * 10 >= best.document_count]
    return tuple(frequent[:3])


def correct_spelling(
    query: Query,
    neighbours: Mapping[str, Sequence[Spelling]],
    stem_word: Callable[[str], str] = stem,
    wording: Wording = NO_WORDING,
) -> Query:
    """Return ``query`` with its unknown words replaced by their nearest known neighbours; the rest stay unknown."""
    terms = list(query.terms)
    corrections = list(query.corrections)
    unknown: list[str] = []
    repaired = query.repaired
    for word in query.unknown:
        chosen = choose_spelling(neighbours.get(word, ()))
        if not chosen:
            unknown.append(word)
            continue
        alternatives = tuple((stem_word(spelling.word),) for spelling in chosen)
        terms.append(Term(chosen[0].word, "spelling", tuple(dict.fromkeys(alternatives))))
        corrections.append(Correction(word, chosen[0].word, chosen[0].kind))
        repaired = repaired.replace(word, chosen[0].word)
    widened, widened_by, meaning = wording.expand(terms)
    return replace(
        query,
        terms=tuple(widened),
        corrections=tuple(corrections),
        unknown=tuple(unknown),
        repaired=repaired,
        other_name=query.other_name or meaning,
        rules=tuple(dict.fromkeys((*query.rules, *widened_by))),
    )
