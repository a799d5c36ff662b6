"""Runs of dbt after the first one: what changed is written, what did not change is left alone."""

from contextlib import nullcontext
from typing import Any

import pytest
from psycopg import sql

from cordsearch.database import connect
from cordsearch.search_role import SEARCH_ROLE, prepare_search_role
from cordsearch.transform import PublicationHeldError, TransformError
from embeddings.indexes import build_indexes, document_indexes, missing_indexes
from tests.dbt_warehouse import DbtWarehouse

MARTS = ("dim_product", "dim_product_search", "product_code")
MART_COLUMNS = """
    select column_name, data_type from information_schema.columns
    where table_schema = 'staging_marts' and table_name = 'dim_product_search' order by ordinal_position
"""


def search_row(warehouse: DbtWarehouse, product_id: int) -> dict[str, Any]:
    rows = warehouse.rows(
        "select to_jsonb(mart) from staging_marts.dim_product_search as mart where product_id = %s", product_id
    )
    assert len(rows) == 1
    return dict(rows[0][0])


def index_as_the_job_does(warehouse: DbtWarehouse, product_id: int) -> dict[str, Any]:
    warehouse.rows(
        """
        update staging_marts.dim_product_search
        set
            embedding = array_fill(0.0625, array[256])::halfvec,
            embedding_model = 'static-1',
            indexed_content_hash = content_hash,
            search_vector = '''тяг'':1A'
        where product_id = %s
        """,
        product_id,
    )
    return search_row(warehouse, product_id)


def product_values(warehouse: DbtWarehouse, product_id: int) -> dict[str, Any]:
    """The newest source row of a product."""
    rows = warehouse.rows(
        "select payload -> 'after' from bronze.product_cdc where row_key = %s order by event_id desc limit 1",
        product_id,
    )
    return dict(rows[0][0])


def test_nothing_new_or_an_event_told_twice_writes_nothing(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    before = {mart: dbt_warehouse.versions(mart) for mart in MARTS}
    dbt_warehouse.put("Product", 1, **product_values(dbt_warehouse, 1))
    dbt_warehouse.run()
    assert {mart: dbt_warehouse.versions(mart) for mart in MARTS} == before


def test_a_renamed_product_is_the_only_row_written(dbt_warehouse: DbtWarehouse) -> None:
    indexed = index_as_the_job_does(dbt_warehouse, 2)
    before = dbt_warehouse.versions("dim_product_search")
    dbt_warehouse.put("Product", 2, **product_values(dbt_warehouse, 2) | {"NameUA": "Наконечник тяги"})
    dbt_warehouse.run()

    row = search_row(dbt_warehouse, 2)
    assert row["name_uk"] == "Наконечник тяги"
    assert "Наконечник тяги" in row["content"]
    assert row["content_hash"] != indexed["content_hash"]
    # what the job owns is as it was: the hash it last indexed tells it that the row is stale
    for column in ("embedding", "embedding_model", "indexed_content_hash", "search_vector"):
        assert row[column] == indexed[column]
    written = set(dbt_warehouse.versions("dim_product_search")) - set(before)
    assert len(written) == 1


def test_stock_changes_without_touching_the_content(dbt_warehouse: DbtWarehouse) -> None:
    indexed = index_as_the_job_does(dbt_warehouse, 3)
    dbt_warehouse.put("ProductAvailability", 3, ProductID=3, StorageID=1, Amount=7.0)
    dbt_warehouse.put("ProductReservation", 3, ProductAvailabilityID=3, Qty=2.0, Deleted=True)
    dbt_warehouse.put("ProductReservation", 4, ProductAvailabilityID=3, Qty=3.0)
    dbt_warehouse.run()

    row = search_row(dbt_warehouse, 3)
    assert row["available_quantity"] == 4
    assert row["popularity"] > indexed["popularity"]
    assert row["content_hash"] == indexed["content_hash"] == row["indexed_content_hash"]
    assert row["embedding"] == indexed["embedding"]


def test_a_deleted_product_leaves_every_mart(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.delete("Product", 4)
    dbt_warehouse.put("Product", 5, **product_values(dbt_warehouse, 5) | {"Deleted": True})
    dbt_warehouse.run()
    for mart in MARTS:
        query = f"select count(*) from staging_marts.{mart} where product_id in (4, 5)"
        assert dbt_warehouse.rows(query) == [(0,)]


def test_a_new_product_arrives_unindexed(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.put("Product", 100, Name="Колодки тормозные", VendorCode="О-45а", NetUID="c" * 32, IsForWeb=True)
    dbt_warehouse.run()
    row = search_row(dbt_warehouse, 100)
    assert row["vendor_code_normalised"] == "O45A"
    assert row["embedding"] is None
    assert row["indexed_content_hash"] is None


def test_codes_follow_their_product(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.put("Product", 6, **product_values(dbt_warehouse, 6) | {"VendorCode": "NEW 6"})
    dbt_warehouse.put("OriginalNumber", 600, Number="WABCO 1.2", MainNumber="wabco-12")
    dbt_warehouse.put("ProductOriginalNumber", 600, ProductID=6, OriginalNumberID=600, IsMainOriginalNumber=False)
    dbt_warehouse.run()
    query = "select kind, code_normalised, code_display from staging_marts.product_code where product_id = 6 order by 1"
    assert dbt_warehouse.rows(query) == [
        (0, "NEW6", "NEW 6"),
        (1, "81432206006", "81.43220-6006"),
        (2, "WABCO12", "WABCO 1.2"),
    ]


def test_a_full_refresh_starts_over(dbt_warehouse: DbtWarehouse) -> None:
    prepare_search_role(dbt_warehouse.url)
    indexed = index_as_the_job_does(dbt_warehouse, 7)
    index_as_the_job_does(dbt_warehouse, 2)
    dbt_warehouse.put("Product", 2, **product_values(dbt_warehouse, 2) | {"NameUA": "Наконечник поперечної тяги"})
    dbt_warehouse.run(full_refresh=True)

    with connect(dbt_warehouse.url, options=f"-c role={SEARCH_ROLE}") as connection:  # tables made anew stay readable
        for mart in MARTS:
            name = sql.Identifier("staging_marts", mart)
            assert connection.execute(sql.SQL("select from {} limit 1").format(name)).fetchall()
    same, changed = search_row(dbt_warehouse, 7), search_row(dbt_warehouse, 2)
    for column in ("embedding", "embedding_model", "indexed_content_hash", "search_vector"):
        assert same[column] == indexed[column]  # search goes on with it
        assert changed[column] is None  # the job finds it and writes it anew
    in_heap_order = dbt_warehouse.rows("select static_quality, product_id from staging_marts.dim_product_search")
    assert in_heap_order == sorted(in_heap_order, key=lambda row: (-row[0], row[1]))
    indexes = dbt_warehouse.rows(
        "select tablename, count(*) from pg_indexes where schemaname = 'staging_marts' group by 1 order by 1"
    )
    assert indexes == [("dim_product", 1), ("dim_product_search", 1), ("product_code", 2)]
    options = dbt_warehouse.rows(
        "select reloptions from pg_class where oid = 'staging_marts.dim_product_search'::regclass"
    )
    assert options == [(["fillfactor=70"],)]


def test_a_full_refresh_has_the_indexes_of_words_before_it_is_searched(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.rows(
        "update staging_marts.dim_product_search set indexed_content_hash = content_hash, search_vector = '''тяг'':1A',"
        " embedding = array_fill(0.0625, array[256])::halfvec"
    )
    with connect(dbt_warehouse.url, autocommit=True) as connection:
        build_indexes(connection, document_indexes(), 10, lambda _: nullcontext())
        connection.execute('create index "Made by a shop" on staging_marts.dim_product_search (updated)')
    definitions = """
        select indexname, indexdef from pg_indexes
        where schemaname = 'staging_marts' and tablename = 'dim_product_search' and indexname ~ 'words|vendor_code'
    """
    made = dict(dbt_warehouse.rows(definitions))
    assert len(made) == len(document_indexes())
    for _ in range(2):  # names of the first time must not stand in the way of the second
        dbt_warehouse.run(full_refresh=True)
        assert dict(dbt_warehouse.rows(definitions)) == made
        assert dbt_warehouse.rows(
            "select attstorage from pg_attribute"
            " where attrelid = 'staging_marts.dim_product_search'::regclass and attname = 'embedding'"
        ) == [("m",)]


def test_a_full_refresh_leaves_indexes_to_the_job_that_writes_all_documents_anew(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.rows("update staging_marts.dim_product_search set indexed_content_hash = null, search_vector = null")
    index_as_the_job_does(dbt_warehouse, 7)
    with connect(dbt_warehouse.url, autocommit=True) as connection:
        build_indexes(connection, document_indexes(), 10, lambda _: nullcontext())
        dbt_warehouse.run(full_refresh=True)
        assert len(missing_indexes(connection, document_indexes())) == len(document_indexes())


def test_an_event_that_becomes_visible_late_is_not_lost(dbt_warehouse: DbtWarehouse) -> None:
    stock = """
        insert into bronze.product_availability_cdc (row_key, source_ts_ms, payload)
        values (%s, 1800000000000, jsonb_build_object('op', 'u', 'after', jsonb_build_object(
            'ProductID', %s, 'StorageID', 1, 'Amount', 77.0, 'Deleted', false)))
    """
    with connect(dbt_warehouse.url) as slow:
        slow.execute(stock, [8, 8])  # takes the lower event id and commits last
        dbt_warehouse.rows(stock, 9, 9)
        dbt_warehouse.run()
        assert search_row(dbt_warehouse, 9)["available_quantity"] == 77
        assert search_row(dbt_warehouse, 8)["available_quantity"] == 10
        dbt_warehouse.run()
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 8)["available_quantity"] == 77
    behind = "select count(*) from staging_intermediate.source_position where candidate is not null"
    assert dbt_warehouse.rows(behind) == [(0,)]


def test_a_renamed_group_reaches_its_products(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.put("ProductGroup", 1, Name="Кермо", IsActive=True)
    dbt_warehouse.put("ProductProductGroup", 1, ProductID=9, ProductGroupID=1)
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 9)["group_names"] == ["Кермо"]
    before = dbt_warehouse.versions("dim_product_search")
    dbt_warehouse.put("ProductGroup", 1, Name="Рульове керування", IsActive=True)
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 9)["group_names"] == ["Рульове керування"]
    assert len(set(dbt_warehouse.versions("dim_product_search")) - set(before)) == 1


def test_what_a_failed_run_left_undone_is_done_by_the_next_one(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.rows("alter table staging_marts.product_code add constraint refuse check (code_display <> 'X-10')")
    dbt_warehouse.put("Product", 10, **product_values(dbt_warehouse, 10) | {"VendorCode": "X-10"})
    with pytest.raises(TransformError, match="product_code"):
        dbt_warehouse.run()
    dbt_warehouse.rows("alter table staging_marts.product_code drop constraint refuse")
    dbt_warehouse.run()
    codes = "select code_display from staging_marts.product_code where product_id = 10 and kind = 0"
    assert dbt_warehouse.rows(codes) == [("X-10",)]


def test_a_crash_of_the_server_empties_the_state_and_harms_nothing(dbt_warehouse: DbtWarehouse) -> None:
    indexed = index_as_the_job_does(dbt_warehouse, 11)
    unlogged = dbt_warehouse.rows(
        "select oid::regclass::text from pg_class where relpersistence = 'u' and relkind = 'r'"
    )
    assert len(unlogged) > 20
    for (name,) in unlogged:  # as crash recovery does
        dbt_warehouse.rows(f"truncate {name}")
    before = dbt_warehouse.versions("dim_product_search")
    dbt_warehouse.put("ProductPricing", 11, ProductID=11, PricingID=1, Price="99.0000")
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 11)["price"] == 99
    assert search_row(dbt_warehouse, 11)["embedding"] == indexed["embedding"]
    assert len(set(dbt_warehouse.versions("dim_product_search")) - set(before)) == 1


def test_the_month_of_freshness_moves_only_when_asked(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    old = search_row(dbt_warehouse, 12)["freshness"]
    newer = product_values(dbt_warehouse, 1) | {"Updated": "2024-11-02T00:00:00"}
    dbt_warehouse.put("Product", 1, **newer)
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 12)["freshness"] == old
    dbt_warehouse.redraw()
    assert search_row(dbt_warehouse, 12)["freshness"] == old / 2
    dbt_warehouse.put("Product", 1, **newer | {"Updated": "2024-05-01T00:00:00"})
    dbt_warehouse.redraw()
    assert search_row(dbt_warehouse, 12)["freshness"] == old


def test_a_run_that_would_drop_most_products_is_held(dbt_warehouse: DbtWarehouse) -> None:
    many = """
        insert into bronze.product_cdc (row_key, source_ts_ms, payload)
        select 5000 + n, %s, jsonb_build_object('op', 'u', 'after', jsonb_build_object(
            'NetUID', gen_random_uuid(), 'Name', 'Тяга', 'IsForWeb', true, 'Deleted', %s::text = 'gone',
            'Updated', '2024-05-01T00:00:00'))
        from generate_series(1, 150) as n
    """
    left = "select count(*) from staging_marts.dim_product_search where product_id > 5000"
    dbt_warehouse.rows(many, 1_800_000_000_001, "here")
    dbt_warehouse.run()
    dbt_warehouse.rows("analyze staging_marts.dim_product")
    dbt_warehouse.rows(many, 1_800_000_000_002, "gone")
    with pytest.raises(PublicationHeldError, match="it would delete 150 of about"):
        dbt_warehouse.run()
    assert dbt_warehouse.rows(left) == [(150,)]
    dbt_warehouse.run(full_refresh=True)
    assert dbt_warehouse.rows(left) == [(0,)]


def test_what_does_not_pass_the_audit_is_not_published(dbt_warehouse: DbtWarehouse) -> None:
    before = {mart: dbt_warehouse.contents(mart) for mart in MARTS}
    sound = product_values(dbt_warehouse, 2) | {"NameUA": "Наконечник"}
    dbt_warehouse.put("Product", 2, **sound)
    dbt_warehouse.put("Product", 3, **product_values(dbt_warehouse, 3) | {"NetUID": None})
    for _ in range(2):  # a run that is repeated is held again
        with pytest.raises(PublicationHeldError, match=r"net_uid is null \(product_id 3\)"):
            dbt_warehouse.run()
        assert {mart: dbt_warehouse.contents(mart) for mart in MARTS} == before
    dbt_warehouse.put("Product", 3, **product_values(dbt_warehouse, 1) | {"ID": 3})
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 2)["name_uk"] == "Наконечник"
    assert search_row(dbt_warehouse, 3)["name_uk"] == search_row(dbt_warehouse, 1)["name_uk"]


def test_a_mart_built_alone_loses_no_product_and_no_mark(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    before = {mart: dbt_warehouse.contents(mart) for mart in MARTS}
    dbt_warehouse.put("Product", 9, **product_values(dbt_warehouse, 9) | {"NameUA": "Важіль"})
    dbt_warehouse.run_only("touched_product")
    for mart in MARTS:  # nothing was computed for them yet
        dbt_warehouse.run_only(mart)
    assert {mart: dbt_warehouse.contents(mart) for mart in MARTS} == before
    for mart in MARTS:
        with pytest.raises(TransformError, match=f"{mart} cannot be made anew alone"):
            dbt_warehouse.run_only(mart, full_refresh=True)
    assert {mart: dbt_warehouse.contents(mart) for mart in MARTS} == before
    dbt_warehouse.run()
    assert search_row(dbt_warehouse, 9)["name_uk"] == "Важіль"


def test_a_mart_built_alone_is_held_as_well(dbt_warehouse: DbtWarehouse) -> None:
    sound = product_values(dbt_warehouse, 9)
    dbt_warehouse.run()
    before = {mart: dbt_warehouse.contents(mart) for mart in MARTS}
    dbt_warehouse.put("Product", 9, **sound | {"NetUID": None})
    for models in (
        ("touched_product", "unpublished_product", "unpublished_product_search", "unpublished_product_code"),
        ("dim_product",),
    ):
        with pytest.raises(PublicationHeldError, match=r"net_uid is null \(product_id 9\)"):
            dbt_warehouse.run_only(*models)
    assert {mart: dbt_warehouse.contents(mart) for mart in MARTS} == before
    dbt_warehouse.put("Product", 9, **sound)
    dbt_warehouse.run()


def test_a_mart_that_was_dropped_comes_back_whole(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    before = {mart: dbt_warehouse.contents(mart) for mart in MARTS}
    for mart in MARTS:
        dbt_warehouse.rows(f"drop table staging_marts.{mart}")
        dbt_warehouse.run()
        assert {mart: dbt_warehouse.contents(mart) for mart in MARTS} == before


def test_the_audit_finds_every_kind_of_broken_row(dbt_warehouse: DbtWarehouse) -> None:
    """Each damage is done to what a held run left unpublished, and the audit is asked again."""
    sound = product_values(dbt_warehouse, 3)
    dbt_warehouse.put("Product", 3, **sound | {"NetUID": None})
    with pytest.raises(PublicationHeldError):
        dbt_warehouse.run()
    unpublished = "staging_intermediate.unpublished_product"
    damages = {
        f"update {unpublished} set price = -1": "price is negative",
        f"update {unpublished} set available_quantity = 'nan'": "available_quantity is not a number",
        f"update {unpublished} set popularity = 2": "popularity is not in 0..1",
        f"update {unpublished} set category_ids = '{{1,2}}'": "category_ids and category_names differ",
        f"insert into {unpublished} select * from {unpublished}": "more than one row of the same product_id",
        f"update {unpublished}_search set tier = 3": "tier is neither 0 nor 1",
        f"update {unpublished}_search set product_id = 77": "in one of unpublished_product and",
        f"update {unpublished}_code set code_normalised = ''": "code_normalised is empty",
        f"update {unpublished}_code set product_id = 77": "a code belongs to no product",
    }
    compiled = dbt_warehouse.output_directory / "target/compiled/cordsearch/tests/audit/audit_before_publication.sql"
    for damage, finding in damages.items():
        with connect(dbt_warehouse.url) as connection:
            connection.execute(damage)
            found = connection.execute(compiled.read_bytes()).fetchall()
            connection.rollback()
        assert any(finding in text for _, _, text in found), damage
    dbt_warehouse.put("Product", 3, **sound)
    dbt_warehouse.run()


def test_binary_columns_are_decoded(dbt_warehouse: DbtWarehouse) -> None:
    rows = dbt_warehouse.rows("select source_amg_id from staging_staging.stg_product where product_id = 8")
    assert rows == [(b"\x00\xff\x10",)]


def test_the_projects_own_tests_pass(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    dbt_warehouse.test()


def test_a_mart_of_an_older_version_gets_the_columns_it_lacks(dbt_warehouse: DbtWarehouse) -> None:
    columns = dbt_warehouse.rows(MART_COLUMNS)
    indexed = index_as_the_job_does(dbt_warehouse, 2)
    dbt_warehouse.rows("alter table staging_marts.dim_product_search drop column weight, drop column created")
    dbt_warehouse.rows("update staging_intermediate.source_position set built_by = 'an older version'")
    dbt_warehouse.run()
    assert dbt_warehouse.rows(MART_COLUMNS) == columns
    assert search_row(dbt_warehouse, 2)["search_vector"] == indexed["search_vector"]
    wrong = """
        select product_id from staging_marts.dim_product_search as search
        full join staging_marts.dim_product as product using (product_id)
        where (search.weight, search.created) is distinct from (product.weight, product.created)
    """
    assert dbt_warehouse.rows(wrong) == []
