"""The running service follows the active model, and no answer ever mixes two."""

import asyncio
import shutil
from pathlib import Path

import pytest

from cordsearch.settings import Settings
from embeddings.build import build_version, roll_back
from embeddings.contrastive import TrainingSettings
from embeddings.train import train_static_model
from service.search.candidate import RetrieverRun
from service.search.pipeline import SearchRequest
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings

QUICK = TrainingSettings(batch=48, least_steps=2, most_steps=2)


@pytest.fixture
def settings(catalogue: Catalogue, tmp_path: Path) -> Settings:
    """Settings of a service that looks for another model ten times a second, with models of its own."""
    shutil.copytree(catalogue.model_directory, tmp_path / "models")
    return service_settings(catalogue, dictionary_refresh_seconds=0.1).model_copy(update={"data_directory": tmp_path})


async def vector_run(application: RunningApplication) -> RetrieverRun:
    answer = await application.state.search.search(SearchRequest("колодки тормозные"))
    assert not answer.degraded
    return next(run for run in answer.runs if run.name == "vector")


async def search_until(application: RunningApplication, model_id: str) -> int:
    """Search until the service uses the model; every answer on the way is whole. Return how many there were."""
    for count in range(1, 2_000):
        run = await vector_run(application)
        assert run.status == "ok"
        assert run.retrieved.candidates
        if application.state.encoder is not None and application.state.encoder.model_id == model_id:
            return count
        await asyncio.sleep(0.01)
    pytest.fail(f"the service never took up {model_id}")


async def test_searches_go_on_while_another_model_takes_over_and_gives_way(
    catalogue_database: str, settings: Settings
) -> None:
    async with running_application(settings, catalogue_database) as application:
        assert application.state.encoder is not None
        first = application.state.encoder.model_id
        before = [each.product_id for each in (await vector_run(application)).retrieved.candidates]
        second = train_static_model(catalogue_database, settings.model_directory, 32, QUICK).model_id

        building = asyncio.create_task(asyncio.to_thread(build_version, catalogue_database, settings, second))
        assert await search_until(application, second) > 1
        await building
        assert (await vector_run(application)).status == "ok"

        back = asyncio.create_task(asyncio.to_thread(roll_back, catalogue_database, settings))
        await search_until(application, first)
        await back
        assert [each.product_id for each in (await vector_run(application)).retrieved.candidates] == before


async def test_a_model_that_cannot_be_opened_here_leaves_the_one_before(
    catalogue_database: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_application(settings, catalogue_database) as application:
        assert application.state.encoder is not None
        first = application.state.encoder.model_id
        second = train_static_model(catalogue_database, settings.model_directory, 32, QUICK).model_id
        await asyncio.to_thread(build_version, catalogue_database, settings, second, activate=False)
        shutil.rmtree(settings.model_directory / second)
        async with application.state.writing_pool.acquire() as connection, connection.transaction():
            await connection.execute("update embeddings.model set active = false where active")
            await connection.execute("update embeddings.model set active = true where model_id = $1", second)
        assert not await application.state.retrievers.refresh()
        assert application.state.encoder.model_id == first
        assert f"the encoder {second} cannot be used, {first} stays" in caplog.text
        assert (await vector_run(application)).status == "ok"


async def test_a_model_that_is_not_built_is_not_used(catalogue_database: str, settings: Settings) -> None:
    async with running_application(settings, catalogue_database) as application:
        async with application.state.writing_pool.acquire() as connection:
            await connection.execute("update embeddings.model set built = null")
        await application.state.retrievers.refresh()
        assert application.state.encoder is None
        answer = await application.state.search.search(SearchRequest("колодки тормозные"))
        assert answer.degraded, "the storefront is told that a part of the search is missing"
        assert {run.name: run.status for run in answer.runs} == {
            "code": "skipped",
            "fulltext": "ok",
            "trigram": "skipped",
            "vector": "off",
        }
