"""Dictionary neighbours of misspelled words.

Stage: service, the second half of understanding, only for queries with unknown words. Reads ``search_term``; writes
nothing. Trigram similarity proposes a bounded number of words, the edit distance decides. Swapped letters leave a short
word hardly a trigram (``egnine``, ``engine``), so where nothing is proposed the words in memory are compared.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rapidfuzz.distance import OSA

from cordsearch.analysis.stem import stem
from cordsearch.sql import load_query
from service.search.languages import ALL_SEARCHED, SearchedLanguages
from service.search.query import Query, Spelling, allowed_distance, spelling_forms
from service.search.rows import Connection


class SpellingVocabulary(Protocol):
    """What is needed of the words in memory."""

    @property
    def languages(self) -> SearchedLanguages:
        """The languages that are searched."""

    def edits_away(self, word: str, most: int) -> Sequence[tuple[str, int, int]]:
        """Return the known words at most ``most`` edits from ``word``, each with its edits and its products."""


def with_words_in_memory(
    found: Mapping[str, Sequence[Spelling]], vocabulary: SpellingVocabulary
) -> dict[str, Sequence[Spelling]]:
    """Return the neighbours of each word, those in memory where none was ``found``."""
    return {word: spellings or _in_memory(word, vocabulary) for word, spellings in found.items()}


def _in_memory(word: str, vocabulary: SpellingVocabulary) -> Sequence[Spelling]:
    return [
        Spelling(known, stem(known), distance, count, kind)
        for form, kind in spelling_forms(word, vocabulary.languages)
        if (most := allowed_distance(form))
        for known, distance, count in vocabulary.edits_away(form, most)
    ]


async def look_up_neighbours(
    connection: Connection, query: Query, languages: SearchedLanguages = ALL_SEARCHED
) -> dict[str, Sequence[Spelling]]:
    """Return, for every unknown word of ``query``, the known words within the edits :func:`allowed_distance` allows.

    The distance is optimal string alignment (Damerau-Levenshtein without overlapping edits): a swapped pair of letters,
    the commonest slip, is one edit. One round trip.
    """
    readings = [(word, form, kind) for word in query.unknown for form, kind in spelling_forms(word, languages)]
    rows = await connection.fetch(load_query(__file__, "spelling.sql"), [form for _, form, _ in readings])
    near: dict[str, list[tuple[str, str, int]]] = {}
    for row in rows:
        near.setdefault(row["typed"], []).append((row["word"], row["lexeme"], row["document_count"]))
    found: dict[str, list[Spelling]] = {word: [] for word in query.unknown}
    for word, form, kind in readings:
        limit = allowed_distance(form)
        form_stem = stem(form)
        for known, lexeme, count in near.get(form, ()):
            # By stems too: the dictionary may have the word only in another form than the misspelled one.
            distance = min(OSA.distance(form, known), OSA.distance(form_stem, lexeme))
            if distance <= limit:
                found[word].append(Spelling(known, lexeme, distance, count, kind))
    return dict(found)
