"""The retrievers of the running service; the vector one follows the active model.

Stage: service, at start-up and when another model was activated. Reads ``embeddings.model`` and model files; writes
nothing. A query is encoded by one model and compared with the table of that model, which its retriever knows by the
model's id, so nothing has to happen at the same moment in the database and here: requests under way end with the
model they began with, whose table is kept.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.encoder import load_encoder
from service.database_failures import DATABASE_FAILURES
from service.search.query import Query
from service.search.retrieve import Retriever
from service.search.retrievers import build_retrievers
from service.search.retrievers.vector import QueryEncoder, VectorRetriever
from service.search.rows import Row
from service.search.term import Term

logger = logging.getLogger(__name__)

_PROBE = Query("фара", "фара", (Term("фара", "spelling", (("фара",),)),), ())


class LiveRetrievers:
    """Going through it gives the retrievers of one moment: one request sees one model from beginning to end."""

    def __init__(self, pool: asyncpg.Pool, settings: Settings) -> None:
        """Without an encoder until the first :meth:`refresh`."""
        self._pool = pool
        self._settings = settings
        self._refused: str | None = None
        self._is_in_mart = False
        self.encoder: QueryEncoder | None = None
        self._current = self._retrievers(None, is_in_mart=False)

    def __iter__(self) -> Iterator[Retriever]:
        """Return the current ones."""
        return iter(self._current)

    async def refresh(self) -> bool:
        """Take up the active model if it is another one, or is in the mart now; return whether it was.

        A model that cannot be used here is refused once, with a log line, and the one before stays. Raises asyncpg and
        OS errors.
        """
        row = await self._active_model()
        wanted = row["model_id"] if row is not None else None
        is_in_mart = row is not None and row["mart_copied"]
        current = self.encoder.model_id if self.encoder is not None else None
        if wanted is not None and wanted == self._refused:
            return False
        if wanted == current and is_in_mart == self._is_in_mart:
            return False
        encoder = self.encoder if wanted == current else None
        if row is not None and encoder is None:
            try:
                encoder = await asyncio.to_thread(_open, row, self._settings.model_directory)
            except CordSearchError as error:
                self._refused = wanted
                logger.warning("the encoder %s cannot be used, %s stays: %s", wanted, current or "none", error)
                return False
        retrievers = self._retrievers(encoder, is_in_mart=is_in_mart)
        await self._probe(retrievers)
        self.encoder, self._current, self._refused, self._is_in_mart = encoder, retrievers, None, is_in_mart
        logger.info("encoder in use: %s", wanted or "none")
        return True

    async def start(self) -> None:
        """Refresh for the first time; without an encoder the service searches by words and codes."""
        await self._try_refresh()
        if self.encoder is None:
            logger.warning("no encoder is active and built, vectors are off; build one with: cordsearch embed run")

    async def keep_fresh(self, every_seconds: float) -> None:
        """Refresh for ever; a failure is logged and tried again next time."""
        while True:
            await asyncio.sleep(every_seconds)
            await self._try_refresh()

    async def _try_refresh(self) -> None:
        try:
            await self.refresh()
        except DATABASE_FAILURES as error:
            logger.warning("the active model could not be taken up: %s: %s", type(error).__name__, error)

    async def _active_model(self) -> Row | None:
        async with self._pool.acquire() as connection:
            try:
                rows = await connection.fetch(load_query(__file__, "active_model.sql"))
            except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError):
                return None  # nothing was ever embedded here, or by an older version of the job
        return rows[0] if rows else None

    async def _probe(self, retrievers: tuple[Retriever, ...]) -> None:
        """Ask the new vector retriever before anybody else does: it must answer, and its first pages are then warm."""
        for retriever in retrievers:
            if not isinstance(retriever, VectorRetriever):
                continue
            try:
                async with self._pool.acquire() as connection:
                    await retriever.retrieve(connection, _PROBE, 10)
            except asyncpg.DataError:
                # Connections that were made before the catalogue was built do not know the type of a vector.
                await self._pool.expire_connections()
                async with self._pool.acquire() as connection:
                    await retriever.retrieve(connection, _PROBE, 10)

    def _retrievers(self, encoder: QueryEncoder | None, *, is_in_mart: bool) -> tuple[Retriever, ...]:
        smallest = self._settings.search_smallest_similarity
        return build_retrievers(encoder, smallest_similarity=smallest, is_in_mart=is_in_mart)


def _open(row: Row, model_directory: Path) -> QueryEncoder:
    return load_encoder(row["path"], model_directory, model_id=row["model_id"], options=json.loads(row["options"]))
