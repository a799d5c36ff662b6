"""What the bookkeeping says about a table: a quiet source is not a stale one, and no moment is claimed too late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cordsearch.freshness.tables import (
    DirectTable,
    Look,
    StreamPartition,
    direct_state,
    heartbeat_of,
    heartbeats,
    later,
    looks_of,
    one_of_both,
    partitions_by_table,
    stream_state,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


LOADED = DirectTable(
    table_name="Storage",
    source_name="ecosystem",
    method="snapshot",
    complete=True,
    row_count=7,
    refused_count=1,
    snapshot_started_at=at(0),
    snapshot_completed_at=at(60),
    newest_source_at=at(59),
    caught_up_at=None,
    reconciled_at=None,
)
# the pass began at 100 and was applied at 101
FOLLOWED = replace(LOADED, method="updated", newest_source_at=at(100), caught_up_at=at(101))


def test_a_snapshot_stands_for_the_moment_it_began() -> None:
    state = direct_state(LOADED)
    assert (state.looked_at, state.newest_change_at, state.rows_behind) == (at(0), at(59), None)
    assert (state.row_count, state.refused_count, state.complete) == (7, 1, True)


def test_a_snapshot_that_is_under_way_stands_for_nothing() -> None:
    running = replace(LOADED, complete=False, snapshot_completed_at=None)
    assert direct_state(running).looked_at is None
    assert looks_of(running) == []


def test_a_completed_pass_stands_for_its_begin_whether_it_found_anything_or_not() -> None:
    state = direct_state(FOLLOWED)
    assert (state.looked_at, state.rows_behind) == (at(100), 0)
    assert state.newest_change_at is None  # only the events know: this pass may have found nothing


def test_looks_know_what_they_can_find() -> None:
    snapshot = Look(at(60), at(0), finds_changes=True, finds_deletes=True)
    assert looks_of(FOLLOWED) == [snapshot, Look(at(101), at(100), finds_changes=True, finds_deletes=False)]
    tracked = replace(FOLLOWED, method="change_tracking")
    assert looks_of(tracked)[1] == Look(at(101), at(100), finds_changes=True, finds_deletes=True)
    compared = replace(FOLLOWED, reconciled_at=at(101))  # the whole table in one pass
    assert looks_of(compared)[1] == Look(at(101), at(100), finds_changes=True, finds_deletes=True)
    by_key = replace(FOLLOWED, reconciled_at=at(90))
    assert looks_of(by_key)[2] == Look(at(90), at(90), finds_changes=False, finds_deletes=True)


def test_a_comparison_of_keys_does_not_make_a_table_fresh() -> None:
    assert direct_state(replace(FOLLOWED, reconciled_at=at(500))).looked_at == at(100)


def partition(behind: int | None, newest: float | None, seen: float) -> StreamPartition:
    moment = None if newest is None else at(newest)
    return StreamPartition("cord.product.db.dbo.Storage", behind, moment, at(seen), event_count=3, lost_count=0)


def test_a_stream_that_is_read_to_its_end_is_as_fresh_as_its_last_look() -> None:
    state = stream_state("Storage", "ecosystem", [partition(0, 10, 500), partition(0, None, 499)])
    assert (state.looked_at, state.newest_change_at, state.rows_behind) == (at(499), at(10), 0)
    assert (state.method, state.row_count) == ("stream", 6)


def test_a_stream_whose_connector_has_stopped_is_no_fresher_than_its_last_heartbeat() -> None:
    quiet = [partition(0, 10, 500)]
    topics = [*quiet, StreamPartition("__debezium-heartbeat.cord.product", 0, at(200), at(500), 0, 0)]
    alive = heartbeats(topics)
    assert partitions_by_table(topics) == {"Storage": quiet}
    assert stream_state("Storage", "product", quiet, heartbeat_of(quiet, alive)).looked_at == at(200)
    newer = [partition(0, 300, 500)]  # a change speaks as well as a heartbeat
    assert stream_state("Storage", "product", newer, heartbeat_of(newer, alive)).looked_at == at(300)
    other = [StreamPartition("cord.products.db.dbo.Storage", 0, at(10), at(500), 0, 0)]
    assert heartbeat_of(other, alive) is None
    assert stream_state("Storage", "product", other, None).looked_at == at(500)


def test_the_slowest_partition_speaks_for_the_table() -> None:
    state = stream_state("Storage", "ecosystem", [partition(0, 400, 500), partition(7, 20, 500)])
    assert (state.looked_at, state.newest_change_at, state.rows_behind) == (at(20), at(400), 7)


def test_nothing_is_claimed_of_a_partition_nobody_looked_at() -> None:
    state = stream_state("Storage", "ecosystem", [partition(0, 400, 500), partition(None, None, 500)])
    assert (state.looked_at, state.rows_behind) == (None, None)


def test_of_two_methods_the_one_that_has_seen_more_speaks() -> None:
    direct = direct_state(FOLLOWED)  # up to 100
    running = stream_state("Storage", "ecosystem", [partition(0, 90, 500)])
    switched_off = stream_state("Storage", "ecosystem", [partition(3, 80, 85)])
    assert one_of_both(direct, running).method == "stream"
    assert one_of_both(direct, running).looked_at == at(500)
    assert one_of_both(direct, switched_off).method == "updated"
    assert one_of_both(direct, switched_off).rows_behind == 0
    assert one_of_both(direct, switched_off).newest_change_at == at(80)
    assert one_of_both(direct_state(replace(LOADED, complete=False)), switched_off).method == "stream"
    assert one_of_both(direct, running).refused_count == 1


def test_topics_end_with_the_table() -> None:
    parts = [partition(0, 1, 1), replace(partition(0, 1, 1), topic="cord.eco.db.dbo.Pricing"), partition(0, 2, 2)]
    grouped = partitions_by_table(parts)
    assert {name: len(found) for name, found in grouped.items()} == {"Storage": 2, "Pricing": 1}


def test_an_unknown_moment_gives_way() -> None:
    assert later(None, None) is None
    assert later(at(1), None) == later(None, at(1)) == later(at(1), at(0)) == at(1)
