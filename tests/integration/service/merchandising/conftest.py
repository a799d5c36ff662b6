"""Two applications on one warehouse of their own, and rules for them."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from service.merchandising.models import StoredRule
from tests.catalogue import Catalogue
from tests.merchandising import in_force
from tests.service import RunningApplication, running_application, service_settings


@pytest.fixture(scope="module")
def shop_url(catalogue: Catalogue, postgres_url: str) -> Iterator[str]:
    """URL of this module's own copy of the warehouse."""
    assert catalogue.warehouse_url
    name = f"test_{secrets.token_hex(6)}"
    create_database(postgres_url, name, "catalogue")
    yield database_url(postgres_url, name)
    with connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shops(catalogue: Catalogue, shop_url: str) -> AsyncIterator[list[RunningApplication]]:
    """Two applications on one warehouse; neither asks for changes by itself while the tests run."""
    settings = service_settings(catalogue, pool_size=2, merchandising_poll_seconds=3_600)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running_application(settings, shop_url)) for _ in range(2)]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(shops: list[RunningApplication], shop_url: str) -> RunningApplication:
    """The second application, which changes reach from the first one; without rules at the beginning."""
    with connect(shop_url) as connection:
        connection.execute("delete from merchandising.rule")
    await in_force(shops[1].state.rules, shop_url)
    return shops[1]


@pytest.fixture
def decide(shops: list[RunningApplication], shop: RunningApplication, shop_url: str) -> Callable[..., Any]:
    """Create a rule through the first application, and wait until the second follows it."""

    async def create(**rule: object) -> StoredRule:
        answer = await shops[0].client.post("/admin/rules", json=rule)
        assert answer.status_code == 201, answer.text
        await in_force(shop.state.rules, shop_url)
        return StoredRule.model_validate_json(answer.content)

    return create
