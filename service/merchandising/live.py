"""The rules of the running service: held in memory, read again as soon as they change.

Stage: service. Listens on a connection of its own; reads ``merchandising.rule`` and which products boosts are for;
writes nothing. PostgreSQL tells of a change at its commit; the same connection also asks for the version now and
then, so a notification that is lost costs seconds, and a connection that is dead is found out and opened again.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import asyncpg

from cordsearch.sql import load_query
from service.database_failures import DATABASE_FAILURES
from service.merchandising.boosted_products import BoostedProductIds
from service.merchandising.boosts import Boosts
from service.merchandising.models import BoostRule, QueryRule, StopWordsRule, SynonymsRule
from service.merchandising.rules import NO_RULES, Rules, compile_queries, compile_wordings
from service.merchandising.store import read_rule
from service.search.rows import Connection, Row

logger = logging.getLogger(__name__)

CHANNEL = "cordsearch_merchandising"
APPLICATION_NAME = "cordsearch-service-merchandising"
_START_SECONDS = 5.0
_RETRY_SECONDS = 1.0
_CONNECT_SECONDS = 10


class LiveRules:
    """The rules of this moment; one search reads them once and sees the same ones to its end."""

    def __init__(self, database_url: str, poll_seconds: float) -> None:
        """Without rules until the first :meth:`start`. ``poll_seconds``: how often the version is asked for."""
        self._database_url = database_url
        self._poll_seconds = poll_seconds
        self._version: int | None = None
        self._boosted = BoostedProductIds()
        self._changed = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self.current = NO_RULES

    async def start(self) -> None:
        """Read the rules for the first time; without a database :meth:`keep_fresh` tries again.

        Boosts that take too long to read come into force after the start.
        """
        try:
            self._connection = await self._open()
            await self.refresh(self._connection)
            until = monotonic() + _START_SECONDS
            while not self.is_complete and monotonic() < until:
                await self._read_boost(self._connection)
        except DATABASE_FAILURES as error:
            logger.warning("merchandising rules could not be read: %s: %s", type(error).__name__, error)

    async def keep_fresh(self) -> None:
        """Follow the rules for ever; the last ones stay in force while the database is away."""
        lost = False
        while True:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._open()
                    self._changed.set()  # whatever happened meanwhile
                lost = await self._follow(self._connection, was_lost=lost)
            except DATABASE_FAILURES as error:
                if not lost:
                    logger.warning("merchandising rules cannot be followed: %s: %s", type(error).__name__, error)
                lost = True
                await self.close()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self, connection: asyncpg.Connection, *, was_lost: bool) -> bool:
        """Wait for a change or for the next look, and take up what there is; return False: nothing is lost now."""
        try:
            async with asyncio.timeout(self._poll_seconds if self._boosted.due() is None else 0):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()
        await self.refresh(connection)
        await self._read_boost(connection)
        if was_lost:
            logger.info("merchandising rules are followed again")
        return False

    async def refresh(self, connection: asyncpg.Connection) -> bool:
        """Read the rules anew if they changed since; return whether they did. Raises asyncpg and OS errors."""
        version = await _version(connection)
        if version == self._version:
            return False
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            version = await _version(connection)
            rows = await connection.fetch(load_query(__file__, "sql/all_rules.sql"))
        rules, boosts = await asyncio.to_thread(_read, rows)
        self._boosted.want(boosts)
        await self._publish(rules)
        self._version = version
        logger.info("merchandising rules loaded: %d, version %d", len(rows), version)
        return True

    async def _read_boost(self, connection: Connection) -> None:
        """Read which products one boost is for, if it is time."""
        products = self._boosted.due()
        if products is not None and await self._boosted.read(connection, products):
            await self._publish(self.current)

    async def _publish(self, rules: Rules) -> None:
        self.current = replace(rules, boosts=await asyncio.to_thread(Boosts, self._boosted.boosts()))

    async def _open(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._database_url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_CONNECT_SECONDS,
            server_settings={"application_name": APPLICATION_NAME, "jit": "off", "enable_seqscan": "off"},
        )
        try:
            await connection.add_listener(CHANNEL, self._told)
        except BaseException:  # the service may stop at this moment, and nobody else knows of the connection
            connection.terminate()
            raise
        connection.add_termination_listener(self._told)
        return connection

    @property
    def version(self) -> int | None:
        """The version of the rules that are held; None before any was read."""
        return self._version

    @property
    def is_complete(self) -> bool:
        """Whether every boost is in force, or would be by its dates."""
        return len(self.current.boosts) == len(self._boosted)

    def _told(self, *_: object) -> None:
        self._changed.set()

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _version(connection: Connection) -> int:
    return int((await connection.fetch(load_query(__file__, "sql/version.sql")))[0]["version"])


def _read(rows: Sequence[Row]) -> tuple[Rules, list[tuple[int, BoostRule]]]:
    """Return the rules of the rows without boosts, and the boosts, whose products are still to be read."""
    rules = [(row["rule_id"], rule) for row in rows if (rule := read_rule(row)) is not None]
    queries = [(rule_id, rule) for rule_id, rule in rules if isinstance(rule, QueryRule)]
    stop_words = [(rule_id, rule) for rule_id, rule in rules if isinstance(rule, StopWordsRule)]
    synonyms = [(rule_id, rule) for rule_id, rule in rules if isinstance(rule, SynonymsRule)]
    boosts = [(rule_id, rule) for rule_id, rule in rules if isinstance(rule, BoostRule)]
    return Rules(compile_wordings(stop_words, synonyms), compile_queries(queries)), boosts
