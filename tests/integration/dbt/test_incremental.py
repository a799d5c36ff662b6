"""Runs of dbt after the first one: what changed is written, what did not change is left alone."""

from typing import Any

from tests.dbt_warehouse import DbtWarehouse

MARTS = ("dim_product", "dim_product_search", "product_code")


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
    index_as_the_job_does(dbt_warehouse, 7)
    dbt_warehouse.run(full_refresh=True)

    assert search_row(dbt_warehouse, 7)["embedding"] is None
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


def test_binary_columns_are_decoded(dbt_warehouse: DbtWarehouse) -> None:
    rows = dbt_warehouse.rows("select source_amg_id from staging_staging.stg_product where product_id = 8")
    assert rows == [(b"\x00\xff\x10",)]


def test_the_projects_own_tests_pass(dbt_warehouse: DbtWarehouse) -> None:
    dbt_warehouse.run()
    dbt_warehouse.test()
