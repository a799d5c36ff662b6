"""Reports outside this project read these tables: names, order and types of their columns are fixed."""

import pytest

from cordsearch.database import connect
from ingest.tables import TABLES, SourceTable, snake_case

DIM_PRODUCT = {
    "product_id": "bigint",
    "net_uid": "uuid",
    "vendor_code": "text",
    "name_ru": "text",
    "name_uk": "text",
    "name_pl": "text",
    "description_ru": "text",
    "description_uk": "text",
    "description_pl": "text",
    "notes_uk": "text",
    "notes_pl": "text",
    "synonyms_uk": "text",
    "synonyms_pl": "text",
    "size": "text",
    "weight": "double precision",
    "measure_unit": "text",
    "main_original_number": "text",
    "original_numbers": "text[]",
    "original_numbers_normalised": "text[]",
    "analogue_product_ids": "bigint[]",
    "analogue_count": "integer",
    "category_ids": "bigint[]",
    "category_names": "text[]",
    "group_ids": "bigint[]",
    "group_names": "text[]",
    "car_brand_ids": "bigint[]",
    "car_brand_names": "text[]",
    "image_url": "text",
    "image_count": "integer",
    "slug_uk": "text",
    "slug_pl": "text",
    "price": "numeric",
    "prices": "jsonb",
    "available_quantity": "double precision",
    "quantity_by_storage": "jsonb",
    "is_for_sale": "boolean",
    "is_for_web": "boolean",
    "is_for_zero_sale": "boolean",
    "has_analogue": "boolean",
    "has_component": "boolean",
    "has_image": "boolean",
    "popularity": "real",
    "freshness": "real",
    "data_quality": "real",
    "created": "timestamp(6) without time zone",
    "updated": "timestamp(6) without time zone",
    "row_hash": "text",
}

DIM_PRODUCT_SEARCH = {
    "product_id": "bigint",
    "vendor_code": "text",
    "vendor_code_normalised": "text",
    "main_original_number": "text",
    "original_numbers": "text[]",
    "original_numbers_normalised": "text[]",
    "analogue_product_ids": "bigint[]",
    "name_ru": "text",
    "name_uk": "text",
    "name_pl": "text",
    "synonyms": "text",
    "size": "text",
    "category_names": "text[]",
    "group_names": "text[]",
    "car_brand_names": "text[]",
    "category_ids": "bigint[]",
    "group_ids": "bigint[]",
    "car_brand_ids": "bigint[]",
    "content": "text",
    "content_hash": "text",
    "available_quantity": "double precision",
    "price": "numeric",
    "popularity": "real",
    "freshness": "real",
    "data_quality": "real",
    "has_image": "boolean",
    "is_for_web": "boolean",
    "static_quality": "real",
    "tier": "smallint",
    "image_url": "text",
    "updated": "timestamp(6) without time zone",
    "embedding": "halfvec(256)",
    "embedding_model": "text",
    "indexed_content_hash": "text",
    "search_vector": "tsvector",
    "weight": "double precision",
    "created": "timestamp(6) without time zone",
}

PRODUCT_CODE = {
    "product_id": "bigint",
    "code_normalised": "text",
    "code_display": "text",
    "kind": "smallint",
    "static_quality": "real",
}

STAGING_TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "bit": "boolean",
    "datetime2": "timestamp(6) without time zone",
    "nvarchar": "text",
    "float": "double precision",
    "money": "numeric(19,4)",
    "decimal": "numeric(18,2)",
    "uniqueidentifier": "uuid",
    "varbinary": "bytea",
}


def columns(url: str, relation: str) -> list[tuple[str, str]]:
    query = """
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
        order by attnum
    """
    with connect(url) as connection:
        return [(str(name), str(type_name)) for name, type_name in connection.execute(query, [relation])]


@pytest.mark.parametrize(
    ("mart", "expected"),
    [("dim_product", DIM_PRODUCT), ("dim_product_search", DIM_PRODUCT_SEARCH), ("product_code", PRODUCT_CODE)],
)
def test_marts_have_the_agreed_columns(catalogue_url: str, mart: str, expected: dict[str, str]) -> None:
    assert columns(catalogue_url, f"staging_marts.{mart}") == list(expected.items())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.staging_view)
def test_staging_views_have_every_source_column(catalogue_url: str, table: SourceTable) -> None:
    expected = [
        (
            f"{table.snake_name}_id" if column.name == table.primary_key else snake_case(column.name),
            STAGING_TYPES[column.type_name],
        )
        for column in table.columns
    ]
    assert columns(catalogue_url, f"staging_staging.{table.staging_view}") == expected
