"""What a person is in the middle of typing. Pure.

Stage: service, autocomplete. Reads: the text so far and a vocabulary. Writes: the beginnings that completions may have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.keyboard_layout import repair_candidates
from cordsearch.analysis.lexemes import STOP_WORDS
from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.tokens import tokenise_folded
from cordsearch.analysis.transliteration import cyrillic_to_latin, latin_to_cyrillic
from service.search.query import Vocabulary

_SHORTEST_CODE_PREFIX = 3
_SHORTEST_REPAIRED = 2


@dataclass(frozen=True, slots=True)
class Typing:
    """Folded ``text``: finished words (``head``, blank at its end unless empty) and the word under way (``last``).

    ``code`` is the normalised beginning of a part number, or None if this cannot be one.
    """

    text: str
    head: str
    last: str
    code: str | None

    def followed_by(self, word: str) -> "Typing":
        """Return the same with ``word`` in place of the word under way."""
        return Typing(self.head + word, self.head, word, None)


def read_typing(text: str, vocabulary: Vocabulary) -> Typing:
    """Return what ``text`` begins: as typed if words begin so, else by another keyboard layout or script."""
    typed = _split(fold_text(text).lstrip())
    if _continues(typed, vocabulary) or any(character.isdigit() for character in typed.text):
        return typed
    lowered = text.lstrip().lower()
    for candidate in repair_candidates(lowered) if len(lowered) >= _SHORTEST_REPAIRED else ():
        repaired = _split(fold_text(candidate.text))
        if _continues(repaired, vocabulary):
            return Typing(repaired.text, repaired.head, repaired.last, typed.code)
    spell = cyrillic_to_latin if script_of(typed.last) == "cyrillic" else latin_to_cyrillic
    for spelled in spell(typed.last) if len(typed.last) > _SHORTEST_REPAIRED else ():
        if vocabulary.completions(spelled, 1):
            return Typing(typed.head + spelled, typed.head, spelled, typed.code)
    return typed


def _split(folded: str) -> Typing:
    collapsed = " ".join(folded.split()) + (" " if folded.endswith(" ") and folded.strip() else "")
    head, blank, last = collapsed.rpartition(" ")
    tokens = tokenise_folded(collapsed)
    code = normalise_code(collapsed)
    may_be_code = len(code) >= _SHORTEST_CODE_PREFIX and (
        any(token.kind in ("code", "number") for token in tokens) or (len(tokens) == 1 and code.isascii())
    )
    return Typing(collapsed, head + blank, last, code if may_be_code else None)


def _continues(typing: Typing, vocabulary: Vocabulary) -> bool:
    """Tell whether every finished word is known and some known word begins with the last one."""
    finished = [token for token in tokenise_folded(typing.head) if token.kind == "word"]
    if not all(token.text in STOP_WORDS or vocabulary.knows(token.text) for token in finished):
        return False
    return not typing.last or bool(vocabulary.completions(typing.last, 1))


def completed_words(typing: Typing, vocabulary: Vocabulary, limit: int) -> Sequence[str]:
    """Return the likeliest words for the one under way."""
    return vocabulary.completions(typing.last, limit) if typing.last else ()
