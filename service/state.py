"""What the running service holds: opened together at start-up, closed in reverse order.

Stage: service. Reads the active model and the dictionary; writes nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from embeddings.encoder import load_encoder
from embeddings.registry import active_model
from service.db import open_pool
from service.search.autocomplete import Autocompleter
from service.search.dictionary import Dictionary
from service.search.pipeline import SearchPipeline
from service.search.retrievers import build_retrievers
from service.search.retrievers.vector import QueryEncoder
from service.search.vocabulary import CatalogueVocabulary
from service.search.warmup import warm_up

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceState:
    """The resources of one service process."""

    settings: Settings
    pool: asyncpg.Pool
    encoder: QueryEncoder | None
    vocabulary: Callable[[], CatalogueVocabulary]
    search: SearchPipeline
    autocomplete: Autocompleter


@asynccontextmanager
async def open_state(settings: Settings, database_url: str) -> AsyncIterator[ServiceState]:
    """Open the pool, the dictionary and the encoder, and close them in reverse order.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, database_url)
        stack.push_async_callback(_close, pool)
        dictionary = Dictionary(pool)
        await dictionary.refresh()
        refreshing = asyncio.create_task(dictionary.keep_fresh(settings.dictionary_refresh_seconds))
        stack.push_async_callback(_cancel, refreshing)
        encoder = await asyncio.to_thread(_load_encoder, settings, database_url)
        retrievers = build_retrievers(encoder, smallest_similarity=settings.search_smallest_similarity)

        await warm_up(pool, settings.pool_size, retrievers)

        def vocabulary() -> CatalogueVocabulary:
            return dictionary.vocabulary

        yield ServiceState(
            settings=settings,
            pool=pool,
            encoder=encoder,
            vocabulary=vocabulary,
            search=SearchPipeline(pool, vocabulary, retrievers, settings),
            autocomplete=Autocompleter(pool, vocabulary),
        )


def _load_encoder(settings: Settings, database_url: str) -> QueryEncoder | None:
    """Return the active encoder, or None with a log line: without it the service searches by words and codes."""
    try:
        model = active_model(database_url)
        if model is None:
            logger.warning("no encoder is active, vectors are off; train one with: cordsearch embed train")
            return None
        return load_encoder(model.model_id, settings.model_directory)
    except CordSearchError as error:
        logger.warning("the encoder cannot be used, vectors are off: %s", error)
        return None


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def service_state(request: Request) -> ServiceState:
    """Return the state of the application that answers ``request``."""
    state: ServiceState = request.app.state.service
    return state


State = Annotated[ServiceState, Depends(service_state)]
