"""The application with keys: who gets in, who does not, and how soon a revoked key stops."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from cordsearch.database import connect
from cordsearch.settings import Settings
from service.access.administration import create_key, list_keys, revoke_key, rotate_key
from service.app import create_app
from service.tables import create_tables
from tests.catalogue import Catalogue

OPEN_ROUTES = {"/health", "/ready", "/docs", "/docs/start.js", "/openapi.json"}


@asynccontextmanager
async def clients(
    catalogue: Catalogue, url: str, address: str = "203.0.113.9", **settings: object
) -> AsyncIterator[httpx.AsyncClient]:
    """A client at ``address`` of an application with these settings."""
    values = {"data_directory": catalogue.model_directory.parent, "pool_size": 2, "key_refresh_seconds": 0.02}
    values |= {"service_warm_up_seconds": 0, "search_deadline_ms": 10_000, "service_queue_wait_ms": 60_000}
    create_tables(url)
    app = create_app(Settings.model_validate(values | settings), url)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 40_000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        yield client


async def until(client: httpx.AsyncClient, key: str, status: int) -> httpx.Response:
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("/search?q=SEM1", headers={"X-API-Key": key})
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.01)


async def test_keys_are_followed_from_their_making_to_their_end(catalogue: Catalogue, catalogue_database: str) -> None:
    async with clients(catalogue, catalogue_database) as client:
        refused = await client.get("/search?q=SEM1")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["content-type"] == "application/problem+json"

        key = create_key(catalogue_database, "shop", ["search"])
        answer = await until(client, key.text, 200)
        assert answer.headers["ratelimit-policy"] == '"address";q=1200;w=60'
        assert (await client.get("/search?q=SEM1", headers={"Authorization": f"Bearer {key.text}"})).status_code == 200
        forbidden = await client.post("/events", headers={"X-API-Key": key.text}, json={"events": []})
        assert forbidden.status_code == 403
        assert "'events'" in forbidden.json()["detail"]

        rotated = rotate_key(catalogue_database, key.text, timedelta(hours=1))
        await until(client, rotated.text, 200)
        await until(client, key.text, 200)
        rotate_key(catalogue_database, key.key_id, timedelta(0))
        assert "not known" in (await until(client, rotated.text, 401)).json()["detail"]

        other = create_key(catalogue_database, "other", ["search"])
        await until(client, other.text, 200)
        assert revoke_key(catalogue_database, other.text) == other.key_id
        assert "revoked" in (await until(client, other.text, 401)).json()["detail"]


async def test_every_route_but_these_asks_for_a_key(catalogue: Catalogue, catalogue_url: str) -> None:
    document = create_app(Settings(_env_file=None), catalogue_url).openapi()
    async with clients(catalogue, catalogue_url, anonymous=False) as client:
        asked = 0
        for path, methods in document["paths"].items():
            address = path.replace("{product_id}", "1").replace("{", "").replace("}", "")
            for method, operation in methods.items():
                if path in OPEN_ROUTES:
                    assert "security" not in operation
                    continue
                assert operation["security"] == [{"ApiKey": []}], path
                assert {"401", "403", "429", "503"} <= set(operation["responses"]), path
                assert (await client.request(method, address, json={})).status_code == 401, path
                asked += 1
        assert asked > 5
        for path in OPEN_ROUTES - {"/ready"}:
            assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/1/indexes/*/queries", "/1/indexes/products/query", "/1/events"])
async def test_the_routes_of_widgets_ask_for_a_key_too(catalogue: Catalogue, catalogue_url: str, path: str) -> None:
    async with clients(catalogue, catalogue_url, anonymous=False) as client:
        for answer in (await client.post(path, json={}), await client.post(f"{path}?x-algolia-api-key=x", json={})):
            assert answer.status_code == 401


async def test_anonymous_opens_search_to_all_and_administration_to_nobody(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    async with clients(catalogue, catalogue_url, anonymous=True, rate_limit_address="4/hour") as client:
        answers = [await client.get("/search?q=SEM1") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert (await client.get("/suggest/top-queries")).status_code == 401
        refused = await client.get("/search?q=SEM1")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/metrics")).status_code == 401


@pytest.mark.parametrize(("path", "field"), [("/multi-search", "searches"), ("/1/indexes/*/queries", "requests")])
async def test_every_search_of_a_batch_counts(catalogue: Catalogue, catalogue_url: str, path: str, field: str) -> None:
    wanted = {"searches": {"q": "SEM1"}, "requests": {"indexName": "products", "query": "SEM1"}}[field]
    async with clients(catalogue, catalogue_url, anonymous=True, rate_limit_address="4/hour") as client:
        passed = await client.post(path, json={field: [wanted] * 3})
        assert passed.status_code == 200
        assert '"address";r=1;' in passed.headers["ratelimit"]
        refused = await client.post(path, json={field: [wanted] * 3})
        assert refused.status_code == 429
        assert "counts as 3" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) >= 1


async def test_the_address_is_the_socket_s_unless_a_trusted_proxy_says_otherwise(
    catalogue: Catalogue, catalogue_url: str
) -> None:
    shoppers = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(3)]
    for trusted, statuses in (("", [200, 429, 429]), ("10.0.0.0/8", [200, 200, 200])):
        async with clients(
            catalogue, catalogue_url, "10.0.0.2", anonymous=True, rate_limit_address="1/hour", trusted_proxies=trusted
        ) as client:
            found = [(await client.get("/search?q=SEM1", headers=headers)).status_code for headers in shoppers]
            assert found == statuses
            spoofed = {"X-Forwarded-For": "198.51.100.99, 198.51.100.0"}  # what the client sent stands left
            assert (await client.get("/search?q=SEM1", headers=spoofed)).status_code == 429


async def test_other_sites_may_read_only_when_they_are_named(catalogue: Catalogue, catalogue_url: str) -> None:
    shop = "https://shop.example"
    preflight = {
        "Origin": shop, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key",
    }  # fmt: skip
    async with clients(catalogue, catalogue_url) as client:
        assert "access-control-allow-origin" not in (await client.options("/search", headers=preflight)).headers
    async with clients(catalogue, catalogue_url, cors_origins=f"{shop}, https://b.example") as client:
        allowed = await client.options("/search", headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == shop
        assert "x-api-key" in allowed.headers["access-control-allow-headers"]
        refused = await client.get("/search?q=SEM1", headers={"Origin": shop})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == shop  # so that the page can say what is wrong
        evil = await client.get("/search?q=SEM1", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in evil.headers


async def test_use_is_written_down_coarsely_and_without_who_or_what(
    catalogue: Catalogue, catalogue_database: str
) -> None:
    key = create_key(catalogue_database, "shop", ["search"], valid_for=timedelta(days=1), rate_limit="600/minute")
    async with clients(catalogue, catalogue_database) as client:
        await until(client, key.text, 200)
        ring = client._transport.app.state.service.keys  # type: ignore[attr-defined]
        await ring.note_use()
        (listed,) = list_keys(catalogue_database)
        first = listed["last_used"]
        assert first is not None
        await until(client, key.text, 200)
        await ring.note_use()
    (listed,) = list_keys(catalogue_database)
    assert listed["last_used"] == first
    assert listed["state"] == "active"
    with connect(catalogue_database) as connection:
        (row,) = connection.execute("select row_to_json(api_key)::text from access.api_key").fetchone() or ("",)
    assert key.text.rpartition("_")[2] not in row
    assert "secret_hash" not in json.dumps(listed, default=str)


async def test_while_the_keys_cannot_be_read_the_last_known_stay(
    catalogue: Catalogue, catalogue_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = create_key(catalogue_database, "shop", ["search"])
    async with clients(catalogue, catalogue_database, key_refresh_seconds=0.01) as client:
        await until(client, key.text, 200)
        with connect(catalogue_database, autocommit=True) as connection, caplog.at_level(logging.WARNING):
            connection.execute("alter table access.api_key rename column secret_hash to hidden")
            async with asyncio.timeout(30):
                while "API keys cannot be refreshed" not in caplog.text:  # noqa: ASYNC110 - the log is what tells
                    await asyncio.sleep(0.01)
            assert (await client.get("/search?q=SEM1", headers={"X-API-Key": key.text})).status_code == 200
            connection.execute("alter table access.api_key rename column hidden to secret_hash")
        revoke_key(catalogue_database, key.key_id)
        await until(client, key.text, 401)
    assert caplog.text.count("API keys cannot be refreshed") == 1


def test_the_command_makes_lists_rotates_and_revokes(
    catalogue_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415

    from cordsearch.cli import app  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", catalogue_database)
    del capsys

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["keys", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    assert "cordsearch keys create" in run("list")
    text = run("create", "shop", "--scope", "search", "--scope", "events", "--expires", "90d", "--per-key", "60/minute")
    key_id = text.split("_")[1]
    assert key_id in run("list")
    assert "events,search" in run("list")
    assert run("rotate", key_id, "--grace", "1h").startswith(f"cord_{key_id}_")
    assert run("revoke", text) == f"Key {key_id} is revoked."
    (listed,) = json.loads(run("list", "--json"))
    assert (listed["state"], listed["rate_limit"], listed["name"]) == ("revoked", "60/minute", "shop")
