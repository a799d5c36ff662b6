"""Rules in the database: read, written and audited, each change in one transaction.

Stage: service, staff requests. Reads and writes the schema ``merchandising``; reads which products exist. The audit and
the news of a change are made by the database's own triggers (sql/create_schema.sql).
"""

import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache

import asyncpg
from pydantic import ValidationError

from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query
from service.merchandising.models import (
    MOST_RULES,
    RULE,
    BoostRule,
    Change,
    ChangesPage,
    Kind,
    QueryRule,
    Rule,
    RulesPage,
    StoredRule,
)
from service.merchandising.selection import load_boosted
from service.merchandising.sense import objections
from service.search.rows import Connection, Row

logger = logging.getLogger(__name__)


class RuleRefusedError(CordSearchError):
    """The rule is well formed, but makes no sense, or does not fit the catalogue or what is stored."""


class RuleStore:
    """The stored rules. Every method raises asyncpg and OS errors when the database is away."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Keep the pool for staff requests; searches have their own."""
        self._pool = pool

    async def create(self, rule: Rule, changed_by: str) -> StoredRule:
        """Store a new rule.

        Raises:
            RuleRefusedError: it makes no sense, a product does not exist, a boost is for none, or there are as many of
                the kind as are allowed.
        """
        _require_sense(rule)
        async with self._writing(changed_by) as connection:
            await _require_products(connection, rule)
            row = (await connection.fetch(_sql("insert_rule"), rule.kind, rule.model_dump_json()))[0]
            # The trigger of the insert holds the one row of merchandising.version: nobody else counts now.
            total = (await connection.fetch(_sql("count_rules"), rule.kind))[0]["total"]
            if total > MOST_RULES[rule.kind]:
                raise RuleRefusedError(
                    f"There are {MOST_RULES[rule.kind]} rules of the kind {rule.kind}, and no more are allowed. "
                    f"Delete one that is not needed any more."
                )
        return _stored(row, rule, [])

    async def replace(self, rule_id: int, rule: Rule, changed_by: str) -> StoredRule | None:
        """Write a rule anew; None if there is none. Raises RuleRefusedError as :meth:`create`, or for another kind."""
        _require_sense(rule)
        async with self._writing(changed_by) as connection:
            locked = await connection.fetch(_sql("lock_rule"), rule_id)
            if not locked:
                return None
            if locked[0]["kind"] != rule.kind:
                raise RuleRefusedError(
                    f"Rule {rule_id} is of the kind {locked[0]['kind']}, which cannot become {rule.kind}. "
                    f"Delete it and create another one."
                )
            await _require_products(connection, rule)
            row = (await connection.fetch(_sql("replace_rule"), rule_id, rule.model_dump_json()))[0]
        return _stored(row, rule, [])

    async def delete(self, rule_id: int, changed_by: str) -> bool:
        """Delete a rule; return whether there was one."""
        async with self._writing(changed_by) as connection:
            return bool(await connection.fetch(_sql("delete_rule"), rule_id))

    async def get(self, rule_id: int) -> StoredRule | None:
        """Return a rule, or None if there is none, or none that this release can read."""
        async with self._pool.acquire() as connection:
            stored = await _read_all(connection, await connection.fetch(_sql("rule"), rule_id))
        return stored[0] if stored else None

    async def page(self, kind: Kind | None, after: int, limit: int) -> RulesPage:
        """Return at most ``limit`` rules with ids above ``after``."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(_sql("page_of_rules"), kind, after, limit + 1)
            total = (await connection.fetch(_sql("count_rules"), kind))[0]["total"]
            items = await _read_all(connection, rows[:limit])
        return RulesPage(items=items, total=total, next_after=rows[limit - 1]["rule_id"] if len(rows) > limit else None)

    async def changes(self, rule_id: int | None, before: int | None, limit: int) -> ChangesPage:
        """Return at most ``limit`` changes, the newest first, with ids below ``before``."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(_sql("audit"), rule_id, before, limit + 1)
        items = [_change(row) for row in rows[:limit]]
        return ChangesPage(items=items, next_before=items[-1].id if len(rows) > limit else None)

    @asynccontextmanager
    async def _writing(self, changed_by: str) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetch(_sql("set_changed_by"), changed_by)
            yield connection


def read_rule(row: Row) -> Rule | None:
    """Return the rule of a row; None, with a log line, for one that this release cannot read."""
    try:
        return _parse(row["body"])
    except (ValidationError, RuleRefusedError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        logger.warning("merchandising rule %d is left out: %s", row["rule_id"], why)
        return None


@lru_cache(maxsize=16_384)
def _parse(body: str) -> Rule:
    """Return the rule; kept, so that reading all anew costs what changed."""
    rule = RULE.validate_json(body)
    _require_sense(rule)
    return rule


async def _read_all(connection: Connection, rows: Sequence[Row]) -> list[StoredRule]:
    rules = [(row, rule) for row in rows if (rule := read_rule(row)) is not None]
    missing = await _missing(connection, {product_id for _, rule in rules for product_id in _named(rule)})
    return [_stored(row, rule, [each for each in _named(rule) if each in missing]) for row, rule in rules]


async def _missing(connection: Connection, product_ids: Iterable[int]) -> set[int]:
    wanted = set(product_ids)
    if not wanted:
        return set()
    rows = await connection.fetch(_sql("products_in_catalogue"), sorted(wanted))
    return wanted - {row["product_id"] for row in rows}


def _require_sense(rule: Rule) -> None:
    found = objections(rule)
    if found:
        raise RuleRefusedError("; ".join(found))


async def _require_products(connection: Connection, rule: Rule) -> None:
    missing = sorted(await _missing(connection, _named(rule)))
    if missing:
        raise RuleRefusedError(f"The catalogue has no product {', '.join(map(str, missing))}.")
    if isinstance(rule, BoostRule) and not await load_boosted(connection, rule.products, limit=1):
        raise RuleRefusedError("products: no product of the catalogue meets these conditions.")


def _named(rule: Rule) -> list[int]:
    if isinstance(rule, QueryRule):
        return [*(pin.product_id for pin in rule.pins), *rule.hides]
    return list(rule.products.product_ids) if isinstance(rule, BoostRule) else []


def _stored(row: Row, rule: Rule, missing: list[int]) -> StoredRule:
    return StoredRule(
        id=row["rule_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        not_in_catalogue=missing,
        rule=rule,
    )


def _change(row: Row) -> Change:
    before, after = (None if row[side] is None else json.loads(row[side]) for side in ("before", "after"))
    action = "create" if before is None else "delete" if after is None else "replace"
    return Change(
        id=row["audit_id"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        rule_id=row["rule_id"],
        action=action,
        before=before,
        after=after,
    )


def _sql(name: str) -> str:
    return load_query(__file__, f"sql/{name}.sql")
