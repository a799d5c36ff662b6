"""What the service does when something it needs is slow, broken or missing."""

import asyncio
import dataclasses
import logging
from pathlib import Path

import pytest

from cordsearch.database import connect
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.settings import Settings
from service.schemas import Problem, SearchResponse
from service.search.candidate import Retrieved
from service.search.pipeline import SearchPipeline, SearchRequest
from service.search.query import Query
from service.search.retrieve import Retriever, run_retrievers
from service.search.retrievers import build_retrievers
from service.search.rows import Connection
from service.search.vocabulary import CatalogueVocabulary
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


class Sleepy:
    """A retriever that never comes back by itself."""

    name = "sleepy"

    def wants(self, query: Query) -> bool:
        return bool(query.text)

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        await connection.fetch("select pg_sleep(30)")
        raise AssertionError("the deadline did not hold")


class Broken(Sleepy):
    """A retriever whose statement fails."""

    name = "broken"

    async def retrieve(self, connection: Connection, query: Query, limit: int) -> Retrieved:  # noqa: ARG002
        await connection.fetch("select 1 / 0")
        raise AssertionError("a division by zero went well")


def with_retrievers(application: RunningApplication, *retrievers: Retriever, deadline_ms: int) -> SearchPipeline:
    state = application.state
    settings = state.settings.model_copy(update={"search_deadline_ms": deadline_ms})
    return SearchPipeline(state.pool, state.vocabulary, retrievers, settings)


async def test_a_slow_or_broken_retriever_costs_only_its_part(
    application: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    real = build_retrievers(application.state.encoder, smallest_similarity=0.0)
    pipeline = with_retrievers(application, *real, Broken(), Sleepy(), deadline_ms=3_000)
    with caplog.at_level(logging.WARNING, logger="service"):
        answer = await pipeline.search(SearchRequest("колодки"))
    assert answer.degraded
    assert answer.hits
    assert not answer.total_is_exact
    statuses = {run.name: run.status for run in answer.runs}
    assert statuses["fulltext"] == "ok"
    assert statuses["broken"] == "failed"
    assert statuses["sleepy"] == "timeout"
    assert "sleepy missed its deadline" in caplog.text
    assert "broken failed: DivisionByZeroError" in caplog.text


async def test_connections_survive_a_missed_deadline(application: RunningApplication) -> None:
    for _ in range(2 * application.state.settings.pool_size):
        query = Query("x", "x", (), ())
        runs, failures = await run_retrievers(application.state.pool, [Sleepy()], query, limit=1, deadline_ms=20)
        assert runs[0].status == "timeout"
        assert len(failures) == 1
    answer = await application.client.get("/search", params={"q": "колодки"})
    assert not answer.json()["degraded"]


async def test_no_retriever_left_is_an_error(application: RunningApplication) -> None:
    pipeline = with_retrievers(application, Broken(), deadline_ms=3_000)
    with pytest.raises(DatabaseUnavailableError, match="DivisionByZeroError"):
        await pipeline.search(SearchRequest("колодки"))


async def test_a_database_without_a_catalogue_says_so(empty_database: str, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_directory=tmp_path, pool_size=2)
    async with running_application(settings, empty_database) as application:
        for path in ("/search", "/autocomplete"):
            answer = await application.client.get(path, params={"q": "колодки"})
            assert answer.status_code == 503
            assert "not been built" in Problem.model_validate_json(answer.content).detail
        ready = await application.client.get("/ready")
        assert ready.status_code == 503
        checks = ready.json()["checks"]
        assert checks["database"] == "ok"
        assert "cordsearch demo" in checks["catalogue"]
        assert "cordsearch embed train" in checks["encoder"]
        assert (await application.client.get("/health")).status_code == 200


async def test_an_unreachable_database_stops_the_start_and_hides_the_password(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_directory=tmp_path)
    with pytest.raises(DatabaseUnavailableError) as caught:
        async with running_application(settings, "postgresql://user:hunter2@127.0.0.1:1/shop"):
            raise AssertionError("it started")
    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_lost_connections_are_a_503_and_come_back(catalogue: Catalogue, catalogue_database: str) -> None:
    async with running_application(service_settings(catalogue, pool_size=2), catalogue_database) as application:
        assert (await application.client.get("/search", params={"q": "колодки"})).status_code == 200
        with connect(catalogue_database, autocommit=True) as connection:
            connection.execute("alter table staging_marts.dim_product_search rename to away")
            answer = await application.client.get("/search", params={"q": "колодки"})
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "relation" not in answer.text
            connection.execute("alter table staging_marts.away rename to dim_product_search")
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'cordsearch-service' and datname = current_database()"
            )
        statuses = [(await application.client.get("/search", params={"q": "колодки"})).status_code for _ in range(5)]
        assert set(statuses) <= {200, 503}
        assert statuses[-1] == 200


async def test_without_an_encoder_words_and_codes_still_work(catalogue: Catalogue, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_directory=tmp_path, pool_size=2, search_deadline_ms=10_000)
    async with running_application(settings, catalogue.warehouse_url) as application:
        body = SearchResponse.model_validate_json(
            (await application.client.get("/search", params={"q": "колодки"})).content
        )
        assert body.hits
        assert body.degraded
        assert {retriever.name: retriever.status for retriever in body.retrievers}["vector"] == "off"
        assert "embed train" in (await application.client.get("/ready")).json()["checks"]["encoder"]


async def test_a_rebuilt_dictionary_is_picked_up(catalogue: Catalogue, catalogue_database: str) -> None:
    settings = service_settings(catalogue, pool_size=2, dictionary_refresh_seconds=0.05)
    async with running_application(settings, catalogue_database) as application:
        vocabulary = application.state.vocabulary
        assert isinstance(vocabulary(), CatalogueVocabulary)
        assert not vocabulary().knows("щебенеукладчик")
        with connect(catalogue_database, autocommit=True) as connection:
            connection.execute(
                "create table staging_marts.replaced as table staging_marts.search_term;"
                "insert into staging_marts.replaced values ('щебенеукладчик', 'щебенеукладчик', 1, 'cyrillic');"
                "drop table staging_marts.search_term;"
                "alter table staging_marts.replaced rename to search_term"
            )
        async with asyncio.timeout(30):
            while not vocabulary().knows("щебенеукладчик"):  # noqa: ASYNC110 - nothing else tells that it is there
                await asyncio.sleep(0.05)


async def test_an_unexpected_error_tells_the_client_nothing(application: RunningApplication) -> None:
    class Bug:
        async def search(self, _request: SearchRequest) -> None:
            raise RuntimeError("secret detail")

    state = application.app.state.service
    application.app.state.service = dataclasses.replace(state, search=Bug())
    try:
        answer = await application.client.get("/search", params={"q": "колодки"})
    finally:
        application.app.state.service = state
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
