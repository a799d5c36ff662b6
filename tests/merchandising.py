"""Waiting for rules to be in force."""

import asyncio
from collections.abc import Callable

from cordsearch.database import connect
from service.merchandising.live import LiveRules


async def until(holds: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail after half a minute."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.005)


async def in_force(rules: LiveRules, url: str) -> None:
    """Wait until ``rules`` are those of the database at ``url``."""
    with connect(url) as connection:
        row = connection.execute("select version from merchandising.version").fetchone()
    assert row is not None
    await until(lambda: rules.version == row[0] and rules.is_complete)
