"""HTTP as it should be: HEAD, OPTIONS, Allow, Cache-Control and compression, on every kind of answer."""

import gzip
from typing import Any

import pytest

from tests.service import RunningApplication

SEARCH = "/search?q=колодки"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.mark.parametrize(
    "path", [SEARCH, "/search", "/products/7", "/products/999999999", "/health", "/", "/style.css", "/nowhere"]
)
async def test_head_is_get_without_its_body(application: RunningApplication, path: str) -> None:
    got = await application.client.get(path, headers=PLAIN)
    head = await application.client.head(path, headers=PLAIN)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert "content-length" in head.headers
    if "etag" in got.headers:
        assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("path", ["/search", "/autocomplete", "/products/7", "/health", "/style.css"])
async def test_options_tells_the_methods(application: RunningApplication, path: str) -> None:
    answer = await application.client.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    allowed = answer.headers["allow"].split(", ")
    assert {"GET", "HEAD", "OPTIONS"} <= set(allowed)
    assert len(allowed) == len(set(allowed))


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "BREW"])
async def test_a_method_an_address_does_not_know_is_refused_with_those_it_knows(
    application: RunningApplication, method: str
) -> None:
    answer = await application.client.request(method, "/search")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]
    assert method not in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (SEARCH, "no-store"),
        ("/search", "no-store"),
        ("/health", "no-store"),
        ("/nowhere", "no-store"),
        ("/metrics", "no-store"),
        ("/products/7", "private, max-age=10"),
        ("/autocomplete?q=колод", "private, max-age=10"),
        ("/products/999999999", "no-store"),
        ("/", "no-cache"),
    ],
)
async def test_what_may_be_kept(application: RunningApplication, path: str, kept: str) -> None:
    assert (await application.client.get(path)).headers["cache-control"] == kept


@pytest.mark.parametrize(
    ("accepted", "used"), [("gzip, deflate, br, zstd", "zstd"), ("gzip, br", "br"), ("gzip", "gzip")]
)
async def test_an_answer_of_more_than_a_packet_is_compressed(
    application: RunningApplication, accepted: str, used: str
) -> None:
    plain = await application.client.get("/openapi.json", headers=PLAIN)
    async with application.client.stream("GET", "/openapi.json", headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == used
    assert "Accept-Encoding" in answer.headers["vary"]
    assert int(answer.headers["content-length"]) == len(sent) < len(plain.content) / 2
    if used == "gzip":
        assert gzip.decompress(sent) == plain.content


async def test_a_small_answer_travels_as_it_is(application: RunningApplication) -> None:
    answer = await application.client.get("/health", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert "content-encoding" not in answer.headers
    assert answer.json() == {"status": "ok"}


async def test_a_compressed_search_is_the_same_search(application: RunningApplication) -> None:
    def without_times(body: dict[str, Any]) -> list[Any]:
        return [body["total"], body["hits"], body["analogues"]]

    squeezed = await application.client.get(SEARCH, headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["content-encoding"] == "gzip"
    plain = await application.client.get(SEARCH, headers=PLAIN)
    assert "content-encoding" not in plain.headers
    assert without_times(squeezed.json()) == without_times(plain.json())


async def test_head_is_counted_by_its_route(application: RunningApplication) -> None:
    await application.client.head("/products/7")
    text = (await application.client.get("/metrics")).text
    assert 'method="HEAD",route="/products/{product_id}",status="200"' in text
