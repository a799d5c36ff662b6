"""Staging after the stream: whatever the order of arrival, the source's last word counts."""

import random
from pathlib import Path

import pytest

from cordsearch.database import connect
from cordsearch.transform import Transform
from ingest.stream.batch import Partition, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.store import StreamStore
from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change, plain_row

PRICING = TABLES_BY_NAME["ProductPricing"]
KEYS = range(1, 9)


def history(chance: random.Random) -> tuple[list[Change], dict[int, str]]:
    """A snapshot, then 60 random changes in source order; and the prices that are left."""
    rows = {key: plain_row(PRICING, key) for key in KEYS}
    changes = [Change(PRICING, "r", None, row) for row in rows.values()]
    for position in range(2, 62):
        key, before = (key := chance.choice(KEYS)), rows.get(key)
        if before is not None and chance.random() < 0.3:
            changes.append(Change(PRICING, "d", before, None, position, 1 + position % 2))
            del rows[key]
            continue
        rows[key] = plain_row(PRICING, key, Price=f"{position}.2500")
        changes.append(Change(PRICING, "u" if before else "c", before, rows[key], position, 1 + position % 2))
    return changes, {key: str(row["Price"]) for key, row in rows.items()}


@pytest.mark.parametrize("seed", range(2))
def test_late_and_repeated_events_do_not_win(seed: int, empty_database: str, tmp_path: Path) -> None:
    chance = random.Random(seed)
    changes, expected = history(chance)
    delivered = changes + chance.choices(changes, k=20)
    chance.shuffle(delivered)
    part = Partition("cord.db.dbo.ProductPricing", 0)
    messages = [Message(*part, offset, change.key, change.with_schema(), 1) for offset, change in enumerate(delivered)]
    with StreamStore(empty_database) as store:
        store.create_tables()
        assert store.write(decode_batch(messages, {part: 0}, MessageDecoder())).rows == len(delivered)
    Transform(empty_database, tmp_path).run(select=["stg_product_pricing"])
    with connect(empty_database, autocommit=True) as connection:
        found = connection.execute("select product_pricing_id, price::text from staging_staging.stg_product_pricing")
        assert dict(found.fetchall()) == expected
