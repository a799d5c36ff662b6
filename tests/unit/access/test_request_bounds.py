"""How large a request may be, before anything of it is read."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from service.access.request_bounds import LARGEST_HEAD, LONGEST_QUERY_STRING, RequestBounds
from service.problems import install_problem_handlers

LARGEST_BODY = 1_000


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(RequestBounds, largest_body=LARGEST_BODY)

    @app.post("/")
    async def count(request: Request) -> int:
        return len(await request.body())

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


async def test_what_fits_passes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", content=b"x" * LARGEST_BODY)).json() == LARGEST_BODY
    assert (await client.post("/", content=chunks(10))).json() == LARGEST_BODY
    assert (await client.post("/?" + "q" * LONGEST_QUERY_STRING)).status_code == 200


async def test_a_body_is_refused_by_what_it_declares_and_by_what_comes(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.post("/", content=b"x" * (LARGEST_BODY + 1)),
        await client.post("/", content=chunks(11)),
        await client.post("/", content=chunks(11), headers={"content-length": "5"}),
    ):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["connection"] == "close"


async def test_a_long_query_string_and_large_headers_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/?" + "q" * (LONGEST_QUERY_STRING + 1))).status_code == 414
    assert (await client.post("/", headers={"x-large": "x" * LARGEST_HEAD})).status_code == 431
