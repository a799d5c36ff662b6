"""Every answer carries the id of its request, and so do the lines of the log; none of them what was searched for."""

import dataclasses
import logging

import pytest

from cordsearch.logs import RequestIdFilter
from service.app import create_app
from service.schemas import Problem
from service.search.pipeline import SearchRequest
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


@pytest.mark.parametrize("given", ["a", "0f3c5a1b-e876-4d0c", "trace/7:x=1", "a" * 128])
async def test_a_safe_id_is_kept(application: RunningApplication, given: str) -> None:
    answer = await application.client.get("/health", headers={"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a" * 129, "two words", "-x", "a\tb", 'quote"', "имя"])
async def test_another_one_is_made_for_what_is_not(application: RunningApplication, given: str) -> None:
    answer = await application.client.get("/health", headers=[(b"X-Request-Id", given.encode())])
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-request-id"].isalnum()


async def test_two_requests_have_two_ids(application: RunningApplication) -> None:
    ids = {(await application.client.get("/health")).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(("path", "status"), [("/search", 422), ("/products/0/similar", 422), ("/no/such/page", 404)])
async def test_a_problem_tells_its_id(application: RunningApplication, path: str, status: int) -> None:
    answer = await application.client.get(path, headers={"X-Request-Id": "mine"})
    assert answer.status_code == status
    assert Problem.model_validate_json(answer.content).request_id == "mine"


async def test_an_unexpected_error_tells_its_id_and_so_does_its_line(
    application: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    class Bug:
        async def search(self, _request: SearchRequest) -> None:
            raise RuntimeError("a bug")

    caplog.handler.addFilter(RequestIdFilter())
    state = application.app.state.service
    application.app.state.service = dataclasses.replace(state, search=Bug())
    try:
        answer = await application.client.get("/search?q=secret", headers={"X-Request-Id": "mine"})
    finally:
        application.app.state.service = state
    assert answer.status_code == 500
    assert answer.headers.get_list("x-request-id") == ["mine"]
    assert Problem.model_validate_json(answer.content).request_id == "mine"
    (record,) = [each for each in caplog.records if each.name == "service.problems"]
    assert record.__dict__["request_id"] == "mine"
    assert "secret" not in caplog.text


async def test_the_access_line_names_the_route_and_nothing_of_the_person(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    settings = service_settings(catalogue, pool_size=1, log_access_share=1.0, service_warm_up_seconds=0)
    async with running_application(settings, catalogue.warehouse_url) as application:
        with caplog.at_level(logging.INFO, logger="service.access_log"):
            await application.client.get("/search?q=гальма&limit=1")
            await application.client.get("/products/123456789/similar")
    lines = [each.__dict__ for each in caplog.records if each.name == "service.access_log"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/search", 200),
        ("GET", "/products/{product_id}/similar", 404),
    ]
    assert all(line["milliseconds"] > 0 for line in lines)
    assert "гальма" not in str(lines)
    assert "127.0.0.1" not in str(lines)


def test_ids_and_counting_are_outermost(catalogue: Catalogue) -> None:
    app = create_app(service_settings(catalogue), catalogue.warehouse_url)
    names = [getattr(each.cls, "__name__", "") for each in app.user_middleware]
    assert names[0] == "RequestIdentity"
    assert names.index("RequestTimer") <= 2
