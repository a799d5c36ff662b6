"""``GET /operations`` beside what workers wrote down, and where none ever ran."""

from cordsearch.database import connect
from cordsearch.freshness import observe
from cordsearch.worker.queue import install_schema
from service.operations.schemas import Operations
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


async def asked(application: RunningApplication) -> Operations:
    answer = await application.client.get("/operations")
    assert answer.status_code == 200, answer.text
    return Operations.model_validate(answer.json())


async def test_it_tells_of_models_and_of_the_answers_before(application: RunningApplication) -> None:
    await application.client.get("/search", params={"q": "SEM1"})
    found = await asked(application)
    active = [model for model in found.models if model.active]
    assert len(active) == 1
    assert (active[0].waiting, active[0].failed, active[0].index_share) == (0, 0, None)
    assert active[0].built is not None
    searches = next(each for each in found.routes if each.route == "/search")
    assert searches.requests >= 1
    assert searches.p99_ms
    assert sum(searches.counts) == searches.requests


async def test_it_tells_what_workers_did(catalogue: Catalogue, catalogue_database: str) -> None:
    install_schema(catalogue_database)
    observe(catalogue_database)
    with connect(catalogue_database) as connection:
        connection.execute(
            "insert into worker.duty (name, finished_at, seconds, error, failures)"
            " values ('refresh', now(), 2.5, 'held', 3)"
        )
        connection.execute(
            "insert into worker.table_problem (source_name, table_name, reason, next_at)"
            " values ('ecosystem', 'Storage', 'no column', now())"
        )
        connection.execute(
            "insert into freshness.publication (published_at, events, oldest_commit_at, waiting, waits_for_all)"
            " values (now(), 7, now() - interval '2 s', '{1}', false)"
        )
    async with running_application(service_settings(catalogue), catalogue_database) as application:
        found = await asked(application)
    assert [(duty.duty, duty.error, duty.failures) for duty in found.duties] == [("refresh", "held", 3)]
    assert [(each.table_name, each.reason) for each in found.table_problems] == [("Storage", "no column")]
    (publication,) = found.publications
    assert (publication.events, publication.searchable_seconds) == (7, None)
    assert publication.published_seconds
    assert abs(publication.published_seconds - 2) < 0.1
