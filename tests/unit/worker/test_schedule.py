"""When things are due."""

import re

import pytest

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from cordsearch.worker.schedule import (
    Overlaps,
    cron_lines,
    rest_seconds,
    retry_seconds,
    stream_topics,
    streamed_sources,
)
from cordsearch.worker.table_groups import COMPARED, HISTORY, PRODUCT, VOLATILE, table_groups
from ingest.tables import TABLES, TABLES_BY_NAME


def settings(**values: object) -> Settings:
    return Settings.model_validate(values)


def test_every_table_is_in_exactly_one_group() -> None:
    members = [name for group in table_groups(settings()) for name in group.tables]
    assert sorted(members) == sorted(table.name for table in TABLES)
    assert len(members) == len(set(members)) == 36


def test_what_changes_all_day_is_looked_at_first_and_most_often() -> None:
    groups = {group.name: group for group in table_groups(settings())}
    assert groups[VOLATILE].tables == ("ProductAvailability", "ProductPricing", "ProductReservation")
    assert groups[PRODUCT].tables == ("Product",)
    assert groups[COMPARED].tables == ("ProductAvailabilityCartLimits",)
    assert "ProductPlacementMovement" in groups[HISTORY].tables
    by_priority = sorted(groups.values(), key=lambda group: -group.priority)
    assert [group.seconds for group in by_priority] == sorted(group.seconds for group in groups.values())


def test_groups_of_one_source_leave_out_the_other() -> None:
    groups = table_groups(settings(), (TABLES_BY_NAME["Product"],))
    assert [(group.name, group.tables) for group in groups] == [(PRODUCT, ("Product",))]


@pytest.mark.parametrize(
    ("interval", "busy", "share", "rest"),
    [(0.5, 0.1, 1.0, 0.4), (0.5, 0.8, 1.0, 0.0), (0.5, 0.1, 0.5, 0.4), (0.5, 0.4, 0.25, 1.2), (30.0, 1.0, 0.25, 29.0)],
)
def test_rest_keeps_interval_and_share(interval: float, busy: float, share: float, rest: float) -> None:
    assert rest_seconds(interval, busy, share) == pytest.approx(rest)
    assert busy / (busy + rest_seconds(interval, busy, share)) <= share + 1e-9 or share == 1.0


def test_retries_double_up_to_a_minute() -> None:
    assert [retry_seconds(attempt) for attempt in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert retry_seconds(10_000) == 60


def test_the_full_overlap_comes_first_and_every_so_often() -> None:
    overlaps = Overlaps(fast=10, late=300, every=30)
    assert overlaps.of_pass(None) == (330, True)
    assert overlaps.of_pass(29.9) == (10, False)
    assert overlaps.of_pass(30.0) == (330, True)
    assert Overlaps(fast=10, late=2, every=30).of_pass(1.0) == (2, False)


def test_a_late_commit_is_found_by_a_full_pass() -> None:
    """Played through: passes every second, a row that becomes visible ``late`` after its moment, a busy watermark."""
    overlaps, found = Overlaps(fast=10, late=300, every=30), None
    moment, visible, last_full = 1_000.0, 1_300.0, None
    for now in range(900, 1_400):
        overlap, full = overlaps.of_pass(None if last_full is None else now - last_full)
        last_full = now if full else last_full
        watermark = float(now)  # other rows are changed all the time
        if now >= visible and moment >= watermark - overlap:
            found = now
            break
    assert found is not None
    assert found <= visible + overlaps.every


def test_the_stream_follows_what_the_settings_say() -> None:
    kafka = {"kafka_bootstrap_servers": "broker:9092"}
    assert streamed_sources(settings()) == frozenset()
    assert streamed_sources(settings(**kafka)) == {"product", "ecosystem"}
    assert streamed_sources(settings(**kafka, worker_stream_sources="none")) == frozenset()
    assert streamed_sources(settings(**kafka, worker_stream_sources="product")) == {"product"}
    topics = re.compile(stream_topics(settings(), frozenset({"product"})))
    for topic in ("cord.product.db.dbo.Product", "__debezium-heartbeat.cord.product"):
        assert topics.match(topic)
        assert re.match(settings().kafka_topics, topic)
    for topic in (
        "cord.ecosystem.db.dbo.Storage",
        "__debezium-heartbeat.cord.ecosystem",
        "cord.products.db.dbo.Product",
    ):
        assert not topics.match(topic)
    assert stream_topics(settings(), frozenset({"product", "ecosystem"})) == settings().kafka_topics
    with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP"):
        streamed_sources(settings(worker_stream_sources="all"))
    with pytest.raises(SettingsError, match="names stock"):
        streamed_sources(settings(**kafka, worker_stream_sources="stock"))


def test_cron_lines_are_checked_and_may_be_never() -> None:
    assert "train" not in cron_lines(settings())
    assert cron_lines(settings(worker_train_cron="0 4 * * 0"))["train"] == "0 4 * * 0"
    assert "compact" not in cron_lines(settings(worker_compact_cron="never"))
    with pytest.raises(SettingsError, match="CORDSEARCH_WORKER_REDRAW_CRON"):
        cron_lines(settings(worker_redraw_cron="every day"))
