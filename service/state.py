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
from service.access.keyring import KeyRing
from service.access.notice import say_who_may_ask
from service.answers.list_names import ListNames
from service.db import open_pool, open_writing_pool
from service.events.shoppers import Shoppers, open_shoppers
from service.live_retrievers import LiveRetrievers
from service.merchandising.live import LiveRules
from service.merchandising.store import RuleStore
from service.search.autocomplete import Autocompleter
from service.search.dictionary import Dictionary
from service.search.kind_names import LiveKindNames
from service.search.languages import searched_languages
from service.search.pipeline import SearchPipeline
from service.search.related import RelatedProducts
from service.search.retrievers.vector import QueryEncoder
from service.search.rows import Connection
from service.search.vocabulary import CatalogueVocabulary
from service.search.warmup import OneConnection, prepare_searches, prepare_statements, read_pages
from service.telemetry import Telemetry
from service.warmth import Warmth
from service.watch import watch

_DEADLINES = ("search_deadline_ms", "search_patience_ms")


@dataclass(frozen=True)
class ServiceState:
    """The resources of one service process."""

    settings: Settings
    pool: asyncpg.Pool
    writing_pool: asyncpg.Pool
    keys: KeyRing
    retrievers: LiveRetrievers
    vocabulary: Callable[[], CatalogueVocabulary]
    search: SearchPipeline
    autocomplete: Autocompleter
    related: RelatedProducts
    list_names: ListNames
    shoppers: Shoppers
    kind_names: LiveKindNames
    rules: LiveRules
    rule_store: RuleStore
    warmth: Warmth

    @property
    def encoder(self) -> QueryEncoder | None:
        """The encoder of queries at this moment; None when no model is active and built."""
        return self.retrievers.encoder


@asynccontextmanager
async def open_state(settings: Settings, database_url: str, telemetry: Telemetry) -> AsyncIterator[ServiceState]:
    """Open the pool, the dictionary and the encoder, and close them in reverse order. ``telemetry`` counts.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        warmth = Warmth(telemetry.connection_lost)
        pool = await open_pool(settings, database_url, warmth.connected)
        stack.push_async_callback(_close, pool)
        writing_pool = await open_writing_pool(settings, database_url)
        stack.push_async_callback(_close, writing_pool)
        keys = KeyRing(writing_pool)
        await keys.start()
        say_who_may_ask(settings, has_keys=keys.is_in_use)
        stack.push_async_callback(_cancel, asyncio.create_task(keys.keep_fresh(settings.key_refresh_seconds)))
        dictionary = Dictionary(pool, searched_languages(settings.search_languages))
        await dictionary.refresh()
        refreshing = asyncio.create_task(dictionary.keep_fresh(settings.dictionary_refresh_seconds))
        stack.push_async_callback(_cancel, refreshing)
        retrievers = LiveRetrievers(pool, settings)
        await retrievers.start()

        def vocabulary() -> CatalogueVocabulary:
            return dictionary.vocabulary

        def model_id() -> str | None:
            return None if retrievers.encoder is None else retrievers.encoder.model_id

        patient = settings.model_copy(update=dict.fromkeys(_DEADLINES, settings.statement_timeout_ms))
        patient_search = SearchPipeline(pool, vocabulary, retrievers, patient)

        async def prepare(connection: Connection) -> None:
            await prepare_statements(connection, retrievers, model_id())
            alone = SearchPipeline(OneConnection(connection), vocabulary, retrievers, patient)
            await prepare_searches(alone, dictionary.phrases)

        async def read() -> None:
            fast_ms, seconds = settings.search_deadline_ms / 5, settings.service_warm_up_seconds
            if seconds:
                await read_pages(patient_search, dictionary.phrases, fast_ms=fast_ms, seconds=seconds)

        await warmth.start(pool, prepare, read)
        for task in (warmth.keep(pool), watch(pool, telemetry)):
            stack.push_async_callback(_cancel, asyncio.create_task(task))
        following = asyncio.create_task(retrievers.keep_fresh(settings.dictionary_refresh_seconds))
        stack.push_async_callback(_cancel, following)
        rules = LiveRules(database_url, settings.merchandising_poll_seconds)
        stack.push_async_callback(rules.close)
        await rules.start()
        stack.push_async_callback(_cancel, asyncio.create_task(rules.keep_fresh()))

        count = telemetry.background_rows
        shoppers = await stack.enter_async_context(open_shoppers(writing_pool, vocabulary, settings, count))
        behaviour = shoppers.behaviour
        kind_names = LiveKindNames(pool)
        await kind_names.try_refresh()
        stack.push_async_callback(_cancel, asyncio.create_task(kind_names.keep_fresh()))
        yield ServiceState(
            settings=settings,
            pool=pool,
            writing_pool=writing_pool,
            keys=keys,
            retrievers=retrievers,
            vocabulary=vocabulary,
            search=SearchPipeline(
                pool,
                vocabulary,
                retrievers,
                settings,
                demand=lambda: behaviour.demand,
                observe=telemetry.search,
                rules=lambda: rules.current,
            ),
            autocomplete=Autocompleter(pool, vocabulary, lambda: dictionary.phrases, lambda: behaviour.past_queries),
            related=RelatedProducts(pool, model_id, settings.search_smallest_similarity),
            list_names=ListNames(writing_pool),
            shoppers=shoppers,
            kind_names=kind_names,
            rules=rules,
            rule_store=RuleStore(writing_pool),
            warmth=warmth,
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


async def service_state(request: Request) -> ServiceState:
    """Return the state of the application that answers ``request``.

    A coroutine although it waits for nothing: FastAPI runs what is not one in a thread, for every request.
    """
    state: ServiceState = request.app.state.service
    return state


State = Annotated[ServiceState, Depends(service_state)]
