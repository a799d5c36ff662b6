"""One retriever that is slow, broken or off costs its part of the answer; a database that is away costs a second."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from cordsearch.database import connect
from embeddings.encoder import vector_table_name
from service.schemas import Problem, SearchResponse
from service.search.candidate import Retrieved
from service.search.pipeline import SearchPipeline
from service.search.query import Query
from service.search.retrieve import Retriever, run_retrievers
from service.search.rows import Connection
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

# Each makes its retriever work, and another one too.
QUERIES = {
    "code": "SEM1 колодки",
    "fulltext": "колодки",
    "trigram": "амотризатор",
    "vector": "колодки",
}


class Disturbed:
    """A retriever whose statement is replaced by one that never ends, or by one that fails."""

    def __init__(self, inner: Retriever, statement: str) -> None:
        self.name, self.inner, self.statement = inner.name, inner, statement

    def wants(self, query: Query) -> bool:
        return self.inner.wants(query)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        await connection.fetch(self.statement)
        raise AssertionError("the statement went well")


@contextmanager
def searching(application: RunningApplication, retrievers: Iterable[Retriever], **changes: object) -> Iterator[None]:
    """Let the application search with these retrievers and changed settings."""
    state = application.state
    settings = state.settings.model_copy(update=changes)
    search = SearchPipeline(state.pool, state.vocabulary, tuple(retrievers), settings)
    application.app.state.service = dataclasses.replace(state, search=search, settings=settings)
    try:
        yield
    finally:
        application.app.state.service = state


async def ask(application: RunningApplication, query: str) -> SearchResponse:
    response = await application.client.get("/search", params={"q": query, "limit": 5})
    assert response.status_code == 200, response.text
    return SearchResponse.model_validate_json(response.content)


def statuses(answer: SearchResponse) -> dict[str, str]:
    return {retriever.name: retriever.status for retriever in answer.retrievers}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize(
    ("statement", "status"), [("select pg_sleep(60)", "timeout"), ("select 1 / 0", "failed")], ids=["slow", "broken"]
)
async def test_a_disturbed_retriever_costs_its_part(
    application: RunningApplication, name: str, statement: str, status: str
) -> None:
    retrievers = [Disturbed(each, statement) if each.name == name else each for each in application.state.retrievers]
    with searching(application, retrievers, search_deadline_ms=400, search_patience_ms=10_000):
        answer = await ask(application, QUERIES[name])
    assert answer.degraded
    assert answer.hits
    assert statuses(answer)[name] == status
    assert "ok" in statuses(answer).values()


@pytest.mark.parametrize("name", QUERIES)
async def test_a_retriever_that_is_switched_off_costs_its_part(application: RunningApplication, name: str) -> None:
    with searching(application, application.state.retrievers, search_retrievers_off=frozenset({name})):
        answer = await ask(application, QUERIES[name])
    assert answer.degraded
    assert answer.hits
    assert statuses(answer)[name] == "off"


async def test_who_needs_no_retriever_does_not_miss_it(application: RunningApplication) -> None:
    with searching(application, application.state.retrievers, search_retrievers_off=frozenset({"code", "trigram"})):
        answer = await ask(application, "колодки")
    assert not answer.degraded
    assert statuses(answer) == {"code": "skipped", "fulltext": "ok", "trigram": "skipped", "vector": "ok"}


async def test_everything_off_is_an_empty_answer(application: RunningApplication) -> None:
    with searching(application, application.state.retrievers, search_retrievers_off=frozenset(QUERIES)):
        answer = await ask(application, "колодки")
    assert answer.degraded
    assert not answer.hits


async def test_vectors_without_their_index_or_their_table_are_missed(
    catalogue: Catalogue, catalogue_database: str
) -> None:
    async with running_application(service_settings(catalogue, pool_size=2), catalogue_database) as application:
        assert application.state.encoder is not None
        with connect(catalogue_database, autocommit=True) as connection:
            table = f"embeddings.{vector_table_name(application.state.encoder.model_id)}"
            indexes = connection.execute(
                "select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indexrelid"
                " join pg_am on pg_am.oid = relam where amname = 'hnsw' and indrelid = %s::regclass",
                [table],
            ).fetchall()
            assert indexes
            for (index,) in indexes:
                connection.execute(f"drop index {index}")
            assert (await ask(application, "колодки")).hits  # exact now: right, only slower
            connection.execute(f"alter table {table} rename to away")
            answer = await ask(application, "колодки")
            assert answer.hits
            assert answer.degraded
            assert statuses(answer)["vector"] == "failed"


class Late:
    """A retriever that comes back when it is let."""

    name = "late"

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()

    def wants(self, query: Query) -> bool:  # noqa: ARG002
        return True

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        await self.may_answer.wait()
        return Retrieved((), 7, bounded=False)


class Slower(Late):
    name = "slower"


async def test_the_first_of_the_late_ones_answers_when_none_met_the_deadline(application: RunningApplication) -> None:
    late, slower = Late(), Slower()
    asyncio.get_running_loop().call_later(0.05, late.may_answer.set)
    runs, failures = await run_retrievers(
        application.state.pool, [late, slower], Query("x", "x", (), ()), limit=1, deadline_ms=1, patience_ms=60_000
    )
    assert [run.status for run in runs] == ["ok", "timeout"]
    assert runs[0].retrieved.total == 7
    assert len(failures) == 1


async def test_nobody_waits_longer_than_patience(application: RunningApplication) -> None:
    runs, failures = await run_retrievers(
        application.state.pool, [Late()], Query("x", "x", (), ()), limit=1, deadline_ms=1, patience_ms=20
    )
    assert [run.status for run in runs] == ["timeout"]
    assert isinstance(failures[0], TimeoutError)


async def test_who_gives_up_waiting_leaves_nothing_running(application: RunningApplication) -> None:
    late = Late()
    task = asyncio.create_task(
        run_retrievers(application.state.pool, [late], Query("x", "x", (), ()), limit=1, deadline_ms=60_000)
    )
    while application.state.pool.get_idle_size() == application.state.pool.get_size():  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert application.state.pool.get_idle_size() == application.state.pool.get_size()


async def until(client: httpx.AsyncClient, path: str, wanted: Callable[[httpx.Response], bool]) -> httpx.Response:
    """Ask for ``path`` until the answer is wanted."""
    async with asyncio.timeout(30):
        while not wanted(response := await client.get(path)):  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.02)
    return response


async def test_a_database_that_is_away_is_a_503_and_comes_back_warm(
    catalogue: Catalogue, catalogue_database: str, postgres_url: str
) -> None:
    name = str(conninfo_to_dict(catalogue_database)["dbname"])
    settings = service_settings(catalogue, pool_size=3)
    with connect(postgres_url, autocommit=True) as server:
        async with running_application(settings, catalogue_database) as application:
            client, warmth = application.client, application.state.warmth
            assert warmth.is_ready
            server.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
            server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            down = await until(client, "/search?q=колодки", lambda response: response.status_code != 200)
            assert down.status_code == 503
            assert down.headers["retry-after"]
            assert down.headers["content-type"] == "application/problem+json"
            assert Problem.model_validate_json(down.content).request_id == down.headers["x-request-id"]
            # a search fails with its own connection; that the others are gone too is heard a moment later
            await until(client, "/ready", lambda response: response.json()["checks"]["warm_up"] != "ok")
            assert (await client.get("/health")).status_code == 200
            server.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(name)))
            await until(client, "/ready", lambda response: response.status_code == 200)
            assert (await client.get("/search?q=колодки")).status_code == 200
            async with application.state.pool.acquire() as connection:
                assert len(await connection.fetch("select from pg_prepared_statements")) > 5
