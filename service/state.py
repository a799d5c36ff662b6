"""What the running service holds: opened together at start-up, closed in reverse order.

Stage: service. Reads the active model and the dictionary; writes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from cordsearch.settings import Settings
from service.db import open_pool, open_writing_pool
from service.live_retrievers import LiveRetrievers
from service.search.autocomplete import Autocompleter
from service.search.dictionary import Dictionary
from service.search.languages import searched_languages
from service.search.pipeline import SearchPipeline
from service.search.related import RelatedProducts
from service.search.retrievers.vector import QueryEncoder
from service.search.vocabulary import CatalogueVocabulary
from service.search.warmup import warm_up


@dataclass(frozen=True)
class ServiceState:
    """The resources of one service process."""

    settings: Settings
    pool: asyncpg.Pool
    writing_pool: asyncpg.Pool
    retrievers: LiveRetrievers
    vocabulary: Callable[[], CatalogueVocabulary]
    search: SearchPipeline
    autocomplete: Autocompleter
    related: RelatedProducts

    @property
    def encoder(self) -> QueryEncoder | None:
        """The encoder of queries at this moment; None when no model is active and built."""
        return self.retrievers.encoder


@asynccontextmanager
async def open_state(settings: Settings, database_url: str) -> AsyncIterator[ServiceState]:
    """Open the pool, the dictionary and the encoder, and close them in reverse order.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, database_url)
        stack.push_async_callback(_close, pool)
        writing_pool = await open_writing_pool(settings, database_url)
        stack.push_async_callback(_close, writing_pool)
        dictionary = Dictionary(pool, searched_languages(settings.search_languages))
        await dictionary.refresh()
        refreshing = asyncio.create_task(dictionary.keep_fresh(settings.dictionary_refresh_seconds))
        stack.push_async_callback(_cancel, refreshing)
        retrievers = LiveRetrievers(pool, settings)
        await retrievers.start()

        def model_id() -> str | None:
            return None if retrievers.encoder is None else retrievers.encoder.model_id

        await warm_up(pool, settings.pool_size, tuple(retrievers), model_id())
        following = asyncio.create_task(retrievers.keep_fresh(settings.dictionary_refresh_seconds))
        stack.push_async_callback(_cancel, following)

        def vocabulary() -> CatalogueVocabulary:
            return dictionary.vocabulary

        yield ServiceState(
            settings=settings,
            pool=pool,
            writing_pool=writing_pool,
            retrievers=retrievers,
            vocabulary=vocabulary,
            search=SearchPipeline(pool, vocabulary, retrievers, settings),
            autocomplete=Autocompleter(pool, vocabulary, lambda: dictionary.phrases),
            related=RelatedProducts(pool, model_id, settings.search_smallest_similarity),
        )


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
