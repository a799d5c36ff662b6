"""Rules reach every process: by notification, without one, and after the database was away."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from cordsearch.database import connect
from service.merchandising.live import APPLICATION_NAME, LiveRules
from service.tables import create_tables
from tests.merchandising import in_force, until

RULE = (
    """insert into merchandising.rule (kind, body) values ('stop_words', '{"kind": "stop_words", "words": ["ціна"]}')"""
)


@asynccontextmanager
async def following(url: str, poll_seconds: float) -> AsyncIterator[LiveRules]:
    rules = LiveRules(url, poll_seconds)
    await rules.start()
    task = asyncio.create_task(rules.keep_fresh())
    try:
        yield rules
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await rules.close()


@pytest.fixture
def rules_url(empty_database: str) -> str:
    create_tables(empty_database)
    return empty_database


def run(url: str, statement: str) -> None:
    with connect(url) as connection:
        connection.execute(statement)


async def test_a_change_is_told_of_at_its_commit(rules_url: str) -> None:
    async with following(rules_url, 3_600) as rules:
        with connect(rules_url) as connection:
            connection.execute(RULE)
            assert rules.current.wording(None).stop_words == {}
        await until(lambda: "ціна" in rules.current.wording(None).stop_words)
        run(rules_url, "truncate merchandising.rule")
        await until(lambda: not rules.current.wording(None).stop_words)


async def test_a_lost_notification_costs_no_more_than_the_next_look(rules_url: str) -> None:
    async with following(rules_url, 0.05) as rules:
        assert rules._connection is not None
        await rules._connection.execute("unlisten *")
        run(rules_url, RULE)
        await in_force(rules, rules_url)
        assert "ціна" in rules.current.wording(None).stop_words


async def test_a_connection_that_was_cut_is_opened_again_and_listens(
    rules_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    run(rules_url, RULE)
    async with following(rules_url, 3_600) as rules:
        assert "ціна" in rules.current.wording(None).stop_words
        lost = rules._connection
        with caplog.at_level(logging.INFO, logger="service.merchandising"), connect(rules_url) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = %s and datname = current_database()",
                (APPLICATION_NAME,),
            )
            connection.execute("delete from merchandising.rule")
        await until(lambda: not rules.current.wording(None).stop_words)
        assert rules._connection is not lost
        run(rules_url, RULE)
        await until(lambda: "ціна" in rules.current.wording(None).stop_words)


async def test_a_service_that_stops_while_it_connects_leaves_no_connection(
    rules_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[asyncpg.Connection] = []

    async def add_listener(connection: asyncpg.Connection, *_: object) -> None:
        opened.append(connection)
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncpg.Connection, "add_listener", add_listener)
    rules = LiveRules(rules_url, 3_600)
    task = asyncio.create_task(rules.keep_fresh())
    await until(lambda: bool(opened))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert opened[0].is_closed()


async def test_without_a_database_the_last_rules_stay_and_the_log_says_so_once(
    rules_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    run(rules_url, RULE)
    async with following(rules_url, 0.02) as rules:
        run(rules_url, "alter schema merchandising rename to away")
        await until(lambda: "cannot be followed" in caplog.text)
        assert "ціна" in rules.current.wording(None).stop_words
        run(rules_url, "alter schema away rename to merchandising; delete from merchandising.rule")
        await until(lambda: not rules.current.wording(None).stop_words)
        assert caplog.text.count("cannot be followed") == 1


async def test_a_service_starts_without_rules_and_takes_them_up_later(empty_database: str) -> None:
    async with following(empty_database, 0.02) as rules:
        assert rules.version is None
        create_tables(empty_database)
        run(empty_database, RULE)
        await until(lambda: "ціна" in rules.current.wording(None).stop_words)


async def test_a_rule_that_cannot_be_read_is_left_out_alone(rules_url: str, caplog: pytest.LogCaptureFixture) -> None:
    run(rules_url, "insert into merchandising.rule (kind, body) values ('boost', '{\"kind\": \"boost\"}');" + RULE)
    async with following(rules_url, 3_600) as rules:
        assert "ціна" in rules.current.wording(None).stop_words
    assert "rule 1 is left out" in caplog.text
