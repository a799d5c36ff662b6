"""The table registry: all 36 tables, names as reports outside the project read them."""

import pytest

from ingest.tables import TABLES, TABLES_BY_NAME, snake_case


def test_all_tables_are_known() -> None:
    assert len(TABLES) == 36
    assert sum(table.listed_in_seed for table in TABLES) == 31
    assert {t.name for t in TABLES if not t.listed_in_seed} == {
        "OriginalNumber", "CarBrand", "Pricing", "Storage", "Category",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ProductCarBrand", "product_car_brand"),
        ("NetUID", "net_uid"),
        ("NamePL", "name_pl"),
        ("UCGFEA", "ucgfea"),
        ("VATPercent", "vat_percent"),
        ("ProductId", "product_id"),
        ("SupplyOrderUkraineItemID", "supply_order_ukraine_item_id"),
        ("MinAvailabilityUA", "min_availability_ua"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_names_in_the_warehouse() -> None:
    table = TABLES_BY_NAME["ProductAvailabilityCartLimits"]
    assert table.bronze_table == "product_availability_cart_limits_cdc"
    assert table.staging_view == "stg_product_availability_cart_limits"


def test_every_table_has_its_key_among_its_columns() -> None:
    assert all(table.primary_key in table.column_names for table in TABLES)


def test_names_do_not_collide_after_renaming() -> None:
    for table in TABLES:
        assert len({snake_case(name) for name in table.column_names}) == len(table.columns), table.name
