"""Completions of what is being typed: past queries, part names with makes, words, part numbers and single products.

Stage: service. Reads ``product_code`` where a part number may be meant and ``search_suggestion`` where the phrases in
memory are too few; writes nothing. Most completions need no round trip.

In this order: what others searched for and found, names that begin as typed, the same by other readings (keyboard
layout, script, a slip), names that hold the words in any place, words. What nothing in the catalogue holds
together is offered only when nothing else is left.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Literal

from cordsearch.analysis.normalise import script_of
from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search.hydrate import display_name
from service.search.phrases import Mask, Phrase, PhraseIndex
from service.search.pipeline import unavailable
from service.search.retrieve import Pool
from service.search.rows import HIGHEST, Connection, Row
from service.search.typing import Typing, read_typing, readings, respelled
from service.search.vocabulary import CatalogueVocabulary

_TERMS = 3  # words offered beside whole names
UNDETERMINED = "und"  # ISO 639-2: the language of a query that no letter gives away
_PAST = 3  # queries of others offered before the names
_SHORTEST_PAST = 2
_SHORTEST_RARE = 3  # letters; fewer begin more rare phrases than can be read


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One completion; ``product_count`` says how many products it leads to, where that is known.

    A ``product`` is a part number that only one product has; ``detail`` is that product's name.
    """

    kind: Literal["query", "term", "name", "code", "product"]
    text: str
    language: str | None = None
    product_id: int | None = None
    product_count: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class AutocompleteAnswer:
    """The completions of ``text``, best first; time in milliseconds."""

    text: str
    suggestions: Sequence[Suggestion]
    took_ms: float


class Autocompleter:
    """Answers autocomplete requests; safe for any number at once."""

    def __init__(
        self,
        pool: Pool,
        vocabulary: Callable[[], CatalogueVocabulary],
        phrases: Callable[[], PhraseIndex],
        past_queries: Callable[[], PhraseIndex],
    ) -> None:
        """Take what returns the current words, the phrases of the catalogue, and the queries of others."""
        self._pool = pool
        self._vocabulary = vocabulary
        self._phrases = phrases
        self._past_queries = past_queries

    async def complete(self, text: str, language: str | None, limit: int) -> AutocompleteAnswer:
        """Return at most ``limit`` completions of ``text``, names in ``language`` first.

        Raises:
            DatabaseUnavailableError: the database did not answer.
        """
        started = perf_counter()
        vocabulary, typed = self._vocabulary(), read_typing(text)
        others = readings(text, vocabulary)
        names = complete_names(typed, others, vocabulary, self._phrases(), language, limit)
        rare_wanted = len(names) < limit and len(typed.text.strip()) >= _SHORTEST_RARE
        codes: Sequence[Row] = ()
        if typed.code is not None or rare_wanted:
            try:
                async with self._pool.acquire() as connection:
                    if typed.code is not None:
                        codes = await look_up_codes(connection, typed.code, limit)
                    if rare_wanted:
                        names += await look_up_rare_phrases(connection, typed.text, language, limit)
            except DATABASE_FAILURES as error:
                raise unavailable(error) from error
        queries = complete_queries(typed, others, self._past_queries(), language)
        terms = complete_terms([typed, *others], names, vocabulary)
        found = merge(typed, queries, names, codes, terms, language, limit)
        return AutocompleteAnswer(text, found, (perf_counter() - started) * 1000)


def complete_queries(
    typed: Typing, others: Sequence[Typing], past_queries: PhraseIndex, language: str | None
) -> list[Phrase]:
    """Return the most searched queries that ``typed``, or one of the ``others`` readings of the same keys, begins."""
    found: dict[str, Phrase] = {}
    for reading in (typed, *others):
        if len(reading.text) >= _SHORTEST_PAST and len(found) < _PAST:
            for query in past_queries.best(past_queries.starting(reading.text), language, _PAST + 1):
                if query.text != typed.text.strip():
                    found.setdefault(query.text, query)
    return list(found.values())[:_PAST]


def complete_names(
    typed: Typing,
    others: Sequence[Typing],
    vocabulary: CatalogueVocabulary,
    phrases: PhraseIndex,
    language: str | None,
    limit: int,
) -> list[Phrase]:
    """Return at most ``limit`` phrases that ``typed``, or one of the ``others`` readings of the same keys, begins."""
    found: dict[str, Phrase] = {}
    for mask in _masks(typed, others, vocabulary, phrases, found):
        for phrase in phrases.best(mask, language, limit):
            found.setdefault(phrase.text_normalised, phrase)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _masks(
    typed: Typing,
    others: Sequence[Typing],
    vocabulary: CatalogueVocabulary,
    phrases: PhraseIndex,
    found: dict[str, Phrase],
) -> Iterator[Mask]:
    """Yield the phrases in order of likelihood; slips are looked for only while nothing is found."""
    stop_words = vocabulary.languages.stop_words
    yield phrases.starting(typed.text)
    if typed.head or vocabulary.knows(typed.last):
        yield _holding(typed, phrases, stop_words)
    for reading in others:
        yield phrases.starting(reading.text)
    for reading in (typed, *others):
        yield _holding(reading, phrases, stop_words)
    if not found:
        near = respelled((typed, *others), vocabulary)
        for reading in near:
            yield phrases.starting(reading.text)
        for reading in near:
            yield _holding(reading, phrases, stop_words)


def _holding(reading: Typing, phrases: PhraseIndex, stop_words: Collection[str]) -> Mask:
    """Return the phrases that hold all the words in any order, the last one as a beginning."""
    mask = phrases.beginning(reading.last) if reading.last else phrases.starting("")
    for word in reading.head:
        if word not in stop_words:
            mask &= phrases.beginning(word) | phrases.holding_forms(word)
    return mask


def complete_terms(typed: Sequence[Typing], names: Sequence[Phrase], vocabulary: CatalogueVocabulary) -> Sequence[str]:
    """Return texts that end in a likely word; after finished words only where no name holds them together."""
    if not typed[0].last or (typed[0].head and names):
        return ()
    head = typed[min(1, len(typed) - 1)].head  # finished words as they are known
    offered = {word for phrase in names for word in phrase.text_normalised.split()}
    likely = (
        reading.followed_by(word)
        for reading in typed
        if reading.head == head
        for word in vocabulary.completions(reading.last, 2 * _TERMS)
        if word not in offered
    )
    return list(dict.fromkeys(islice(likely, _TERMS)))


async def look_up_codes(connection: Connection, code: str, limit: int) -> Sequence[Row]:
    """Return part numbers that begin as the normalised ``code`` does."""
    return await connection.fetch(load_query(__file__, "codes.sql"), code, code + HIGHEST, limit)


async def look_up_rare_phrases(connection: Connection, text: str, language: str | None, limit: int) -> list[Phrase]:
    """Return phrases that begin as the folded ``text`` does, whether they are in memory or not."""
    rows = await connection.fetch(load_query(__file__, "rare_phrases.sql"), text, text + HIGHEST, language, limit)
    return [Phrase(*row.values()) for row in rows]


def merge(
    typed: Typing,
    queries: Sequence[Phrase],
    names: Sequence[Phrase],
    codes: Sequence[Row],
    terms: Sequence[str],
    language: str | None,
    limit: int,
) -> list[Suggestion]:
    """Return codes first where a code is being typed, then queries, then names, then words in what room is left.

    A query that is the name of a part is that name, which also says how many products it has.
    """
    named = {each.text_normalised for each in names}
    past = [Suggestion("query", each.text, _spoken(each)) for each in queries if each.text not in named]
    numbers = [_code(row, language) for row in codes]
    phrases = [Suggestion("name", each.text, each.language, None, each.product_count) for each in names]
    words = [Suggestion("term", text, language_of(text)) for text in terms]
    digits = typed.code is not None and any(character.isdigit() for character in typed.text)
    return _distinct([*numbers, *past, *phrases, *words] if digits else [*past, *phrases, *words, *numbers])[:limit]


def _code(row: Row, language: str | None) -> Suggestion:
    if row["product_id"] is None:
        return Suggestion("code", row["text"], None, None, row["product_count"])
    name, spoken = display_name(row, language or "uk")
    return Suggestion("product", row["text"], spoken, row["product_id"], 1, name)


def _distinct(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    seen: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        seen.setdefault(suggestion.text.casefold(), suggestion)
    return list(seen.values())


def _spoken(query: Phrase) -> str | None:
    return None if query.language == UNDETERMINED else query.language


def language_of(word: str) -> str | None:
    """Return the language of a word or a query, if a letter gives it away."""
    if script_of(word) != "cyrillic":
        return None
    if any(letter in "іїєґ" for letter in word):
        return "uk"
    return "ru" if any(letter in "ыэъё" for letter in word) else None
