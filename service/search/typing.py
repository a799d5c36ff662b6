"""What a person is in the middle of typing. Pure.

Stage: service, autocomplete. Reads: the text so far and a vocabulary. Writes: the ways to read it, likeliest first.

Each piece between blanks is read by itself: as typed, by another keyboard layout, in the other script, as a make
written in Cyrillic, with a slip of the finger. A finished word must be a known one; the word under way must begin one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.keyboard_layout import repair_candidates
from cordsearch.analysis.normalise import fold_text, script_of
from cordsearch.analysis.tokens import tokenise_folded
from service.search.wording import Vocabulary

_SHORTEST_CODE_PREFIX = 3
_SHORTEST_REPAIRED = 2
_SHORTEST_RESPELLED = 3
_MOST_WORDS = 8
_MOST_FORMS = 3


class TypingVocabulary(Vocabulary, Protocol):
    """What reading unfinished text needs of the catalogue's words."""

    def nearest(self, word: str) -> Sequence[str]:
        """Return the known words that a misspelled ``word`` may have meant, likeliest first."""

    def commoner(self, word: str) -> str | None:
        """Return a far commoner word that a rare known ``word`` may be a slip of."""

    def nearest_beginnings(self, beginning: str) -> Sequence[str]:
        """Return beginnings of known words that a misspelled ``beginning`` may have meant, likeliest first."""


@dataclass(frozen=True, slots=True)
class Typing:
    """One reading: folded finished words (``head``) and the word under way (``last``, empty after a blank).

    ``code`` is the normalised beginning of a part number, or None if this cannot be one.
    """

    head: tuple[str, ...]
    last: str
    code: str | None = None

    @property
    def text(self) -> str:
        """The whole, one blank between words and one after the last finished word."""
        return " ".join((*self.head, self.last))

    def followed_by(self, word: str) -> str:
        """Return the text with ``word`` in place of the word under way."""
        return " ".join((*self.head, word))


def read_typing(text: str) -> Typing:
    """Return ``text`` as typed."""
    folded = fold_text(text)
    words = folded.split()[:_MOST_WORDS]
    if not words:
        return Typing((), "")
    ends = folded[-1].isspace()
    head, last = (words, "") if ends else (words[:-1], words[-1])
    return Typing(tuple(head), last, _code(" ".join(words), text))


def _code(folded: str, text: str) -> str | None:
    tokens = tokenise_folded(folded)
    code = normalise_code(folded)
    if len(code) < _SHORTEST_CODE_PREFIX:
        return None
    if not any(token.kind in ("code", "number") for token in tokens):
        return code if len(tokens) == 1 and code.isascii() else None
    if code.isascii():
        return code
    # ыуь1 is sem1 typed on a Cyrillic layout.
    latin = next((each.text for each in repair_candidates(text.strip()) if each.target == "en"), None)
    return None if latin is None else normalise_code(latin)


def readings(text: str, vocabulary: TypingVocabulary) -> Sequence[Typing]:
    """Return the ways to read ``text``, likeliest first; none of them is the text as typed."""
    typed = read_typing(text)
    chunks = text.lower().split()[:_MOST_WORDS]
    if len(chunks) != len(typed.head) + bool(typed.last):  # some signs fold to a blank or to nothing
        chunks = [*typed.head, *([typed.last] if typed.last else [])]
    head = tuple(
        _finished(chunk, word, vocabulary) for chunk, word in zip(chunks[: len(typed.head)], typed.head, strict=True)
    )
    other_head = tuple(_in_other_script(word, vocabulary) for word in head)
    shortest = _SHORTEST_REPAIRED if head == typed.head else 1
    lasts = _beginnings(chunks[-1], typed.last, vocabulary, shortest) if typed.last else [""]
    if head != typed.head:  # what was wrong with the finished words is wrong with this one too
        lasts.sort(key=lambda last: script_of(last) != script_of(head[-1]))
    found = [*_whole_layouts(text, typed, vocabulary), *(Typing(head, last, typed.code) for last in lasts)]
    found += [Typing(other_head, last, typed.code) for last in lasts] if other_head != head else []
    return [each for each in dict.fromkeys(found) if each.text != typed.text]


def _whole_layouts(text: str, typed: Typing, vocabulary: TypingVocabulary) -> Sequence[Typing]:
    """Return all of ``text`` on the other layouts, where its finished words are words there and not as typed.

    A single letter goes with them: as typed it would begin some word nearly always.
    """
    if not typed.head or _are_known(typed.head, vocabulary):
        return ()
    candidates = [fold_text(each.text).split() for each in vocabulary.languages.on_other_layouts(text.lower())]
    return [
        Typing((*words[: len(typed.head)],), " ".join(words[len(typed.head) :]), typed.code)
        for words in candidates
        if _are_known(words[: len(typed.head)], vocabulary)
    ]


def _are_known(words: Sequence[str], vocabulary: TypingVocabulary) -> bool:
    stop_words = vocabulary.languages.stop_words
    return all(word in stop_words or not word.isalpha() or vocabulary.knows(word) for word in words)


def respelled(typed: Sequence[Typing], vocabulary: TypingVocabulary) -> Sequence[Typing]:
    """Return the same readings with rare finished words and the word under way taken as misspelled."""
    heads = list(dict.fromkeys(tuple(_doubted(word, vocabulary) for word in each.head) for each in typed))
    lasts = list(dict.fromkeys(each.last for each in typed))[:_MOST_FORMS]
    forms = dict.fromkeys(
        (*lasts, *(other for last in lasts[:1] for other in _other_spellings(last, last, vocabulary)))
    )
    near = [
        beginning
        for form in list(forms)[: 2 * _MOST_FORMS]
        if len(form) >= _SHORTEST_RESPELLED and form.isalpha()
        for beginning in vocabulary.nearest_beginnings(form)
    ]
    code = typed[0].code
    found = [Typing(head, last, code) for last in (*lasts, *near) for head in heads[:2]]
    return [each for each in dict.fromkeys(found) if each not in typed]


def _finished(chunk: str, word: str, vocabulary: TypingVocabulary) -> str:
    """Return the known word, or beginning of one, that a finished piece means; itself when there is none."""
    if not word.isalpha() and not chunk.isalpha() and any(character.isdigit() for character in word):
        return word
    names = vocabulary.languages.synonyms.names
    if word in names and vocabulary.knows(names[word]):
        return names[word]
    if word in vocabulary.languages.stop_words or vocabulary.knows(word) or vocabulary.completions(word, 1):
        return word
    for other in _other_spellings(chunk, word, vocabulary):
        if vocabulary.knows(other):
            return other
    nearest = vocabulary.nearest(word)
    return nearest[0] if nearest else word


def _in_other_script(word: str, vocabulary: TypingVocabulary) -> str:
    """Return a known word of the other script that is spelled so: ``filtr`` is Polish, and ``фильтр`` in a hurry."""
    spelled = vocabulary.languages.in_other_script(word) if word.isalpha() else ()
    return next((other for other in spelled if vocabulary.knows(other)), word)


def _doubted(word: str, vocabulary: TypingVocabulary) -> str:
    """Return the far commoner word that a rare finished one, or one that is only a beginning, may be a slip of."""
    if not word.isalpha() or word in vocabulary.languages.stop_words:
        return word
    if vocabulary.knows(word):
        return vocabulary.commoner(word) or word
    return next(iter(vocabulary.nearest(word)), word)


def _beginnings(chunk: str, word: str, vocabulary: TypingVocabulary, shortest: int) -> list[str]:
    """Return the beginnings of known words that the piece under way may be, as typed first."""
    found = [word]
    if any(character.isdigit() for character in word):
        return found
    names = vocabulary.languages.synonyms.names
    found += islice((make for name, make in names.items() if name.startswith(word)), 2)
    found += [
        other
        for other in (_other_spellings(chunk, word, vocabulary) if len(chunk) >= shortest else ())
        if vocabulary.completions(other, 1)
    ]
    return list(dict.fromkeys(found))


def _other_spellings(chunk: str, word: str, vocabulary: TypingVocabulary) -> list[str]:
    """Return the piece on the other keyboard layouts and in the other script."""
    languages = vocabulary.languages
    layouts = [fold_text(candidate.text) for candidate in languages.on_other_layouts(chunk)]
    return [*(each for each in layouts if " " not in each), *languages.in_other_script(word)]
