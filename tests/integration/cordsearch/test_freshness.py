"""An observation of a real warehouse: what it says of tables, publications and waiting products.

The worker's stages are played by the statements they end with; ``tests/integration/worker`` runs the real ones.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

import ingest
from cordsearch.database import connect
from cordsearch.freshness import FreshnessError, observe
from cordsearch.sql import load_query
from ingest.stream.store import StreamStore


@dataclass
class Warehouse:
    """This test's copy of the warehouse, observed once, with all tables followed by the watermark."""

    url: str

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *values: Any) -> Any:
        (row,) = self.rows(query, *values)
        return row[0] if len(row) == 1 else row

    def observe(self) -> None:
        observe(self.url)

    def state(self, table: str, columns: str) -> Any:
        return self.one(f"select {columns} from freshness.source_table where table_name = %s", table)

    def change(self, *, seconds_ago: float = 0, op: str = "u") -> None:
        """Put a change of table Storage into bronze, as a pass of the direct loader that read it does."""
        self.rows(
            "insert into bronze.storage_cdc (row_key, source_ts_ms, payload, loaded_at)"
            " select 1, extract(epoch from moment) * 1000, jsonb_build_object('op', %s::text), moment"
            " from (select now() - make_interval(secs => %s) as moment) as read",
            op,
            seconds_ago,
        )

    def look(self, *, began_ago: float, finished_ago: float, reconciled: bool = False) -> None:
        """Say that a pass over Storage is complete."""
        column = "reconciled_at" if reconciled else "caught_up_at"
        self.rows(
            f"update bronze.incremental_checkpoint set {column} = now() - make_interval(secs => %s)"
            " where table_name = 'Storage'",
            finished_ago,
        )
        if not reconciled:
            self.rows(
                "update bronze.ingest_checkpoint set newest_source_ts_ms ="
                " extract(epoch from now() - make_interval(secs => %s)) * 1000 where table_name = 'Storage'",
                began_ago,
            )

    def refresh(self) -> None:
        """Say that the marts hold every event."""
        self.rows(
            "update staging_intermediate.source_position set event_id = (select max(event_id) from bronze.storage_cdc)"
            " where table_name = 'storage'"
        )

    def delay(self, until: str = "published_at", of: str = "oldest_commit_at") -> float | None:
        """Seconds of the newest publication."""
        delay = self.one(
            f"select extract(epoch from {until} - {of})::float8 from freshness.publication"
            " order by publication_id desc limit 1"
        )
        return None if delay is None else float(delay)

    def count(self, relation: str) -> int:
        return int(self.one(f"select count(*) from {relation}"))


@pytest.fixture
def warehouse(catalogue_database: str) -> Warehouse:
    made = Warehouse(catalogue_database)
    made.rows("drop schema freshness cascade")  # what its build observed: these tests have a time of their own
    with StreamStore(made.url) as store:
        store.create_tables()
    made.rows(load_query(ingest.__file__, "sql/create_incremental_schema.sql"))
    made.rows("update bronze.ingest_checkpoint set started_at = now() - interval '3 h'")
    made.rows("update bronze.ingest_checkpoint set completed_at = now() - interval '2 h'")
    made.rows("update bronze.storage_cdc set loaded_at = now() - interval '150 min'")
    made.rows(
        "insert into bronze.incremental_checkpoint (source_name, table_name, method, comparing, snapshot_started_at)"
        " select source_name, table_name, 'updated', false, started_at from bronze.ingest_checkpoint"
    )
    made.observe()
    return made


def near(seconds: float) -> Any:
    """Within the time a slow machine takes between two statements."""
    return pytest.approx(seconds, abs=30)


def test_a_database_in_which_nothing_was_built_yet(empty_database: str) -> None:
    warehouse = Warehouse(empty_database)
    warehouse.observe()
    warehouse.observe()
    assert warehouse.count("freshness.source_table") == 0
    assert warehouse.one("select products, waiting, waiting_since, publications from freshness.pipeline") == (
        0, 0, None, 0,
    )  # fmt: skip


def test_a_built_warehouse_has_every_table_and_nothing_left_to_do(warehouse: Warehouse) -> None:
    assert warehouse.count("freshness.source_table") == 36
    assert warehouse.rows("select table_name from freshness.source_table where not complete") == []
    assert warehouse.one("select sum(unpublished_events) from freshness.source_table") == 0
    assert warehouse.one("select products > 1000, waiting from freshness.pipeline") == (True, 0)
    assert warehouse.count("freshness.publication") == 0  # where counting begins is no publication


def test_a_look_that_finds_nothing_makes_a_quiet_table_fresh(warehouse: Warehouse) -> None:
    ages = "extract(epoch from now() - looked_at)::float8, newest_change_at = %s, rows_behind"
    before = warehouse.state("Storage", "newest_change_at")
    warehouse.look(began_ago=2, finished_ago=1)
    warehouse.observe()
    (row,) = warehouse.rows(f"select {ages} from freshness.source_table where table_name = 'Storage'", before)
    assert row == (near(2), True, 0)


def test_a_change_waits_for_its_publication(warehouse: Warehouse) -> None:
    warehouse.change(seconds_ago=40)
    warehouse.change(seconds_ago=20)
    warehouse.observe()
    events, age, newest = warehouse.state(
        "Storage",
        "unpublished_events, extract(epoch from now() - unpublished_since)::float8,"
        " extract(epoch from now() - newest_change_at)::float8",
    )
    assert (events, age, newest) == (2, near(40), near(20))
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.state("Storage", "unpublished_events, unpublished_since") == (0, None)
    assert warehouse.one("select publications, published_events from freshness.pipeline") == (1, 2)


def test_the_bound_is_the_begin_of_the_look_before(warehouse: Warehouse) -> None:
    warehouse.look(began_ago=1_000, finished_ago=990)
    warehouse.observe()
    warehouse.change(seconds_ago=500)  # read 500 s ago; committed at some time since 1,000 s ago
    warehouse.look(began_ago=505, finished_ago=495)
    warehouse.observe()
    warehouse.change(seconds_ago=100)
    warehouse.look(began_ago=105, finished_ago=95)
    warehouse.observe()
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.delay() == near(1_000)
    assert warehouse.delay(of="newest_commit_at") == near(505)
    assert warehouse.delay("searchable_at") == near(1_000)


def test_looks_without_changes_do_not_pile_up(warehouse: Warehouse) -> None:
    for seconds in range(900, 0, -100):
        warehouse.look(began_ago=seconds, finished_ago=seconds - 1)
        warehouse.observe()
    kept = warehouse.rows("select finds_deletes from freshness.look where table_name = 'Storage' order by finished_at")
    assert kept == [(True,), (False,)]  # the snapshot alone would have found a row that is gone


def test_looks_are_kept_while_an_older_event_waits(warehouse: Warehouse) -> None:
    warehouse.look(began_ago=1_000, finished_ago=990)
    warehouse.observe()
    warehouse.change(seconds_ago=500)
    warehouse.observe()
    for seconds in (400, 300, 200):
        warehouse.look(began_ago=seconds, finished_ago=seconds - 1)
        warehouse.observe()
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.delay() == near(1_000)


def test_a_row_found_gone_by_its_key_is_bounded_by_the_comparison_before(warehouse: Warehouse) -> None:
    warehouse.look(began_ago=2_000, finished_ago=2_000, reconciled=True)
    warehouse.observe()
    warehouse.look(began_ago=60, finished_ago=59)  # the watermark sees no row that is gone
    warehouse.observe()
    warehouse.change(seconds_ago=10, op="d")
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.delay() == near(2_000)


def test_rows_of_a_snapshot_are_no_changes(warehouse: Warehouse) -> None:
    warehouse.rows("update bronze.ingest_checkpoint set completed_at = now() - interval '1 min'")
    warehouse.change(seconds_ago=120)
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.one("select events, oldest_commit_at from freshness.publication") == (1, None)


def test_a_streamed_change_says_when_it_was_committed(warehouse: Warehouse) -> None:
    insert = (
        'insert into bronze.storage_cdc (row_key, commit_lsn, change_lsn, source_ts_ms, topic, "partition", "offset",'
        " payload) select 1, '01', %s, extract(epoch from now() - make_interval(secs => %s)) * 1000,"
        " 'cord.ecosystem.db.dbo.Storage', 0, %s, '{\"op\": \"u\"}'"
    )
    warehouse.rows(insert, "01", 70, 1)
    warehouse.rows(insert, "02", 30, 2)
    warehouse.rows(insert, None, 9_000, 3)  # a row of Debezium's snapshot
    warehouse.rows(
        'insert into bronze.stream_offset (topic, "partition", next_offset, end_offset, newest_source_ts_ms)'
        " values ('cord.ecosystem.db.dbo.Storage', 0, 4, 9, extract(epoch from now() - interval '30 s') * 1000)"
    )
    warehouse.observe()
    method, behind, age = warehouse.state(
        "Storage", "method, rows_behind, extract(epoch from now() - looked_at)::float8"
    )
    assert (method, behind, age) == ("stream", 5, near(30))
    warehouse.refresh()
    warehouse.observe()
    assert (warehouse.delay(), warehouse.delay(of="newest_commit_at")) == (near(70), near(30))
    assert warehouse.one("select events from freshness.publication") == 3


def test_nothing_is_published_while_products_are_touched(warehouse: Warehouse) -> None:
    warehouse.look(began_ago=20, finished_ago=19)
    warehouse.observe()
    warehouse.change()
    warehouse.rows("insert into staging_intermediate.touched_product (product_id) values (1)")
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.count("freshness.publication") == 0
    assert warehouse.state("Storage", "unpublished_events") == 1
    warehouse.rows("truncate staging_intermediate.touched_product")
    warehouse.observe()
    assert warehouse.one("select events from freshness.publication") == 1
    assert warehouse.state("Storage", "unpublished_events") == 0


def wait_for_text(warehouse: Warehouse, product_id: int) -> None:
    warehouse.rows(
        "update staging_marts.dim_product_search set content_hash = 'new', indexed_content_hash = null"
        " where product_id = %s",
        product_id,
    )


def write_text(warehouse: Warehouse, product_id: int) -> None:
    """What the embedding job does in the end."""
    warehouse.rows(
        "update staging_marts.dim_product_search set indexed_content_hash = content_hash where product_id = %s",
        product_id,
    )
    if warehouse.one("select to_regclass('embeddings.pending') is not null"):
        warehouse.rows("delete from embeddings.pending where product_id = %s", product_id)


def test_a_publication_is_searchable_when_its_products_have_their_vectors(warehouse: Warehouse) -> None:
    first, second = (
        row[0] for row in warehouse.rows("select product_id from staging_marts.dim_product_search limit 2")
    )
    warehouse.change()
    wait_for_text(warehouse, first)
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.one("select waiting, waiting_since is not null from freshness.pipeline") == (1, True)
    assert warehouse.one("select searchable_at is null, waiting from freshness.publication") == (True, [first])
    wait_for_text(warehouse, second)  # of a later publication: the first does not wait for it
    write_text(warehouse, first)
    warehouse.observe()
    assert warehouse.one("select searchable_at >= published_at, waiting from freshness.publication") == (True, [])
    assert warehouse.one("select waiting from freshness.pipeline") == 1
    write_text(warehouse, second)
    warehouse.observe()
    assert warehouse.one("select waiting, waiting_since from freshness.pipeline") == (0, None)


def test_marts_built_anew_begin_to_count_anew(warehouse: Warehouse) -> None:
    warehouse.change()
    warehouse.refresh()
    warehouse.observe()
    warehouse.rows("update staging_intermediate.source_position set event_id = 1 where table_name = 'storage'")
    warehouse.observe()
    assert warehouse.count("freshness.publication") == 1
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.count("freshness.publication") == 2


def test_publications_are_kept_for_a_bounded_time(warehouse: Warehouse) -> None:
    for _ in range(2):
        warehouse.change()
        warehouse.refresh()
        warehouse.observe()
    warehouse.rows("update freshness.publication set published_at = published_at - interval '2 days'")
    warehouse.change()
    warehouse.refresh()
    warehouse.observe()
    assert warehouse.count("freshness.publication") == 1
    assert warehouse.one("select publications from freshness.pipeline") == 3  # the count goes on


def test_dead_letters_and_lost_messages_are_counted(warehouse: Warehouse) -> None:
    warehouse.rows(
        'insert into bronze.dead_letter (topic, "partition", "offset", message_ts_ms, reason, replayed_at) values'
        " ('t', 0, 1, 0, 'poison', null), ('t', 0, 2, 0, 'poison', now())"
    )
    warehouse.rows(
        "insert into bronze.stream_offset (topic, \"partition\", next_offset, lost_count) values ('t', 0, 4, 11)"
    )
    warehouse.observe()
    assert warehouse.one("select dead_letters, lost_messages from freshness.pipeline") == (1, 11)


def test_a_failed_observation_says_so_and_writes_nothing(warehouse: Warehouse) -> None:
    before = warehouse.one("select observed_at from freshness.pipeline")
    warehouse.rows("alter table bronze.stream_offset rename column end_offset to gone")
    with pytest.raises(FreshnessError, match="end_offset"):
        warehouse.observe()
    assert warehouse.one("select observed_at from freshness.pipeline") == before


def test_observers_at_the_same_time_count_a_publication_once(warehouse: Warehouse) -> None:
    warehouse.change()
    warehouse.refresh()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(observe, [warehouse.url] * 8))
    assert warehouse.one("select publications from freshness.pipeline") == 1
