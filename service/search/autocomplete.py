"""Completions of what is being typed: part names, words and part numbers.

Stage: service. Reads ``search_suggestion``, ``product_code``, and for misspelled beginnings ``search_term``; writes
nothing. Words come from the vocabulary in memory; names and codes cost one round trip.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from cordsearch.analysis.normalise import script_of
from cordsearch.sql import load_query
from service.search.pipeline import DATABASE_FAILURES, unavailable
from service.search.retrieve import Pool
from service.search.rows import HIGHEST, Connection, Row
from service.search.spelling import nearest_beginning
from service.search.typing import Typing, completed_words, read_typing
from service.search.vocabulary import CatalogueVocabulary

_TERMS = 3  # words offered beside whole names
_SHORTEST_CORRECTED = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One completion; ``product_count`` says how many products it leads to, where that is known."""

    kind: Literal["term", "name", "code", "product"]
    text: str
    language: str | None = None
    product_id: int | None = None
    product_count: int | None = None


@dataclass(frozen=True, slots=True)
class AutocompleteAnswer:
    """The completions of ``text``, best first; time in milliseconds."""

    text: str
    suggestions: Sequence[Suggestion]
    took_ms: float


class Autocompleter:
    """Answers autocomplete requests; safe for any number at once."""

    def __init__(self, pool: Pool, vocabulary: Callable[[], CatalogueVocabulary]) -> None:
        self._pool = pool
        self._vocabulary = vocabulary

    async def complete(self, text: str, language: str | None, limit: int) -> AutocompleteAnswer:
        """Return at most ``limit`` completions of ``text``, names in ``language`` first.

        Raises:
            DatabaseUnavailableError: the database did not answer.
        """
        started = perf_counter()
        vocabulary = self._vocabulary()
        typing = read_typing(text, vocabulary)
        words = completed_words(typing, vocabulary, _TERMS)
        try:
            async with self._pool.acquire() as connection:
                rows = await look_up_completions(connection, typing, language, limit)
                if not rows and not words and len(typing.last) >= _SHORTEST_CORRECTED:
                    typing, rows = await look_up_misspelled(connection, typing, language, limit)
        except DATABASE_FAILURES as error:
            raise unavailable(error) from error
        suggestions = _merge(typing, rows, words, vocabulary, limit)
        return AutocompleteAnswer(text, suggestions, (perf_counter() - started) * 1000)


async def look_up_completions(
    connection: Connection, typing: Typing, language: str | None, limit: int
) -> Sequence[Row]:
    """Return names and codes that begin as ``typing`` does."""
    beginning = typing.text or None
    return await connection.fetch(
        load_query(__file__, "autocomplete.sql"),
        beginning,
        None if beginning is None else beginning + HIGHEST,
        language,
        typing.code,
        None if typing.code is None else typing.code + HIGHEST,
        limit,
    )


async def look_up_misspelled(
    connection: Connection, typing: Typing, language: str | None, limit: int
) -> tuple[Typing, Sequence[Row]]:
    """Return the same for the dictionary word nearest to the word under way, and what was read in its place."""
    rows = await connection.fetch(load_query(__file__, "misspelled_beginning.sql"), typing.last)
    word = nearest_beginning(typing.last, [(row["word"], row["document_count"]) for row in rows])
    if word is None:
        return typing, ()
    corrected = typing.followed_by(word)
    return corrected, await look_up_completions(connection, corrected, language, limit)


def _merge(
    typing: Typing, rows: Sequence[Row], words: Sequence[str], vocabulary: CatalogueVocabulary, limit: int
) -> list[Suggestion]:
    """Codes first where a code is being typed, then names, and words in what room is left (at least one)."""
    codes = [
        Suggestion("code", row["text"], None, row["product_id"], row["product_count"]) for row in rows if row["is_code"]
    ]
    names = [
        Suggestion("name", row["text"], row["language"], None, row["product_count"])
        for row in rows
        if not row["is_code"]
    ]
    terms = [Suggestion("term", typing.head + word, _language_of(word), None, vocabulary.count(word)) for word in words]
    digits = any(character.isdigit() for character in typing.text)
    ordered = [*codes, *names, *terms] if digits else [*names[: limit - 1], *terms, *names[limit - 1 :], *codes]
    return _distinct(ordered)[:limit]


def _distinct(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    seen: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        seen.setdefault(suggestion.text.casefold(), suggestion)
    return list(seen.values())


def _language_of(word: str) -> str | None:
    """A word does not say its language unless a letter gives it away."""
    if script_of(word) != "cyrillic":
        return None
    if any(letter in "іїєґ" for letter in word):
        return "uk"
    return "ru" if any(letter in "ыэъё" for letter in word) else None
