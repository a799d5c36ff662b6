"""The vocabulary of the running service: loaded at start-up, loaded again when the job has rebuilt it.

Stage: service. Reads ``search_term``, ``search_other_name``, ``search_vehicle_model`` and the most frequent of
``search_suggestion``; writes nothing.
"""

import asyncio
import logging
from collections.abc import Sequence

import asyncpg

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.search.languages import ALL_SEARCHED, SearchedLanguages
from service.search.other_names import OtherNames, parse_other_names
from service.search.phrases import Phrase, PhraseIndex
from service.search.retrieve import Pool
from service.search.rows import Connection, Row
from service.search.vocabulary import CatalogueVocabulary

logger = logging.getLogger(__name__)

_PHRASES = 40_000  # at 278,698 products, all that lead to four products or more; the others are asked for in SQL


class Dictionary:
    """Holds the current words and phrases and swaps them whole; a request sees one of them from beginning to end."""

    def __init__(self, pool: Pool, languages: SearchedLanguages = ALL_SEARCHED) -> None:
        self._pool = pool
        self._languages = languages
        self._version: str | None = None
        self.vocabulary = CatalogueVocabulary((), languages=languages)
        self.phrases = PhraseIndex(())

    async def refresh(self) -> bool:
        """Load the words anew if the dictionary was rebuilt since; return whether it was.

        Without a dictionary (nothing was built yet) the vocabulary stays empty. Raises asyncpg and OS errors.
        """
        async with self._pool.acquire() as connection:
            version = (await connection.fetch(load_query(__file__, "dictionary_version.sql")))[0]["version"]
            if version is None or version == self._version:
                return False
            rows = await connection.fetch(load_query(__file__, "dictionary.sql"))
            phrases = await connection.fetch(load_query(__file__, "phrases.sql"), _PHRASES)
            others = await _fetch_learned(connection, "other_names.sql")
            models = await _fetch_learned(connection, "vehicle_models.sql")
        # In a thread: sorting 50,000 words would make every request of that moment wait.
        self.vocabulary = await asyncio.to_thread(_vocabulary, rows, others, models, self._languages)
        self.phrases = await asyncio.to_thread(_phrases, phrases)
        self._version = version
        logger.info("dictionary loaded: %d words, %d phrases", len(self.vocabulary), len(self.phrases))
        return True

    async def keep_fresh(self, every_seconds: float) -> None:
        """Refresh for ever; a failure is logged and tried again next time."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self.refresh()
            except DATABASE_FAILURES as error:
                logger.warning("the dictionary could not be refreshed: %s: %s", type(error).__name__, error)


async def _fetch_learned(connection: Connection, query: str) -> Sequence[Row]:
    try:
        return await connection.fetch(load_query(__file__, query))
    except asyncpg.UndefinedTableError:  # a dictionary that an older release built
        return []


def _vocabulary(
    rows: Sequence[Row], others: Sequence[Row], models: Sequence[Row], languages: SearchedLanguages
) -> CatalogueVocabulary:
    names: dict[str, OtherNames] = {}
    for row in others:
        spoken = [name for name in row["names"] if all(map(languages.has, name.split()))]
        if spoken:
            names[row["phrase"]] = parse_other_names(spoken, whole=row["whole"])
    words = ((row["word"], row["lexeme"], row["document_count"]) for row in rows)
    of_makes: dict[str, set[str]] = {}
    for row in models:
        of_makes.setdefault(row["make"], set()).add(row["model"])
    return CatalogueVocabulary(words, names, languages, of_makes)


def _phrases(rows: Sequence[asyncpg.Record]) -> PhraseIndex:
    return PhraseIndex(Phrase(*row) for row in rows)
