"""The demo source on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from cordsearch.errors import CordSearchError, DatabaseUnavailableError
from ingest.demo.links import dangling_count
from ingest.demo.source import create_demo_source
from ingest.tables import TABLES, TABLES_BY_NAME

PRODUCTS = 1_000
SEED = 20240501
NewDatabase = Callable[[str | None], str]
# The references that end nowhere on purpose, each in the last rows of its table.
_DANGLING = {
    ("ProductAnalogue", "AnalogueProductID"),
    ("ProductOriginalNumber", "OriginalNumberID"),
    ("ProductCarBrand", "ProductID"),
}


@pytest.fixture(scope="module")
def source_url(postgres_url: str) -> str:
    create_database(postgres_url, "demo_source_test")
    url = database_url(postgres_url, "demo_source_test")
    create_demo_source(url, PRODUCTS, SEED)
    return url


@pytest.fixture
def source(source_url: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(source_url) as connection:
        yield connection


def count(connection: psycopg.Connection[Any], query: Any) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_table_has_rows_and_its_columns(source: psycopg.Connection[Any], table: str) -> None:
    cursor = source.execute(sql.SQL("select * from dbo.{}").format(sql.Identifier(table)))
    assert cursor.description is not None
    assert tuple(column.name for column in cursor.description) == TABLES_BY_NAME[table].column_names
    assert cursor.fetchone() is not None


@pytest.mark.parametrize(
    ("table", "column", "target"),
    [
        (table.name, column.name, column.references)
        for table in TABLES
        for column in table.columns
        if column.references in TABLES_BY_NAME
    ],
)
def test_references_hold(source: psycopg.Connection[Any], table: str, column: str, target: str) -> None:
    lost = count(
        source,
        sql.SQL(
            "select count(*) from dbo.{table} as t where t.{column} is not null"
            ' and not exists (select from dbo.{target} as o where o."ID" = t.{column})'
        ).format(table=sql.Identifier(table), column=sql.Identifier(column), target=sql.Identifier(target)),
    )
    assert lost == (dangling_count(PRODUCTS) if (table, column) in _DANGLING else 0)


def test_counts_and_the_one_deleted_product(source: psycopg.Connection[Any]) -> None:
    assert count(source, 'select count(*) from dbo."Product"') == PRODUCTS
    assert count(source, 'select count(*) from dbo."Product" where "Deleted"') == 1
    assert count(source, """select count(*) from dbo."Product" where "VendorCode" like 'SEM1%'""") == 24
    assert count(source, "select count(*) from demo.product_truth") == PRODUCTS


def test_has_analogue_agrees_with_the_analogues(source: psycopg.Connection[Any]) -> None:
    wrong = """
        select count(*) from dbo."Product" p where "HasAnalogue" <> exists (
            select from dbo."ProductAnalogue" a join dbo."Product" o on o."ID" = a."AnalogueProductID"
            where a."BaseProductID" = p."ID" and not a."Deleted")
    """
    assert count(source, wrong) == 0
    assert count(source, 'select count(*) from dbo."Product" where "HasAnalogue"') > PRODUCTS / 5


def test_analogues_share_an_original_number(source: psycopg.Connection[Any]) -> None:
    strangers = """
        select count(*) from dbo."ProductAnalogue" a
        join dbo."Product" b on b."ID" = a."BaseProductID" join dbo."Product" o on o."ID" = a."AnalogueProductID"
        where not a."Deleted" and b."MainOriginalNumber" is distinct from o."MainOriginalNumber"
    """
    assert count(source, strangers) == 0


def test_the_main_number_is_that_of_the_link_marked_main(source: psycopg.Connection[Any]) -> None:
    wrong = """
        select count(*) from dbo."Product" p left join (
            select l."ProductID", o."Number" from dbo."ProductOriginalNumber" l
            join dbo."OriginalNumber" o on o."ID" = l."OriginalNumberID"
            where l."IsMainOriginalNumber" and not l."Deleted") m on m."ProductID" = p."ID"
        where p."MainOriginalNumber" is distinct from m."Number"
    """
    assert count(source, wrong) == 0


def test_a_product_has_one_availability_per_storage_and_one_main_number(source: psycopg.Connection[Any]) -> None:
    for columns, table, condition in (
        ('"ProductID", "StorageID"', "ProductAvailability", "true"),
        ('"ProductID"', "ProductOriginalNumber", '"IsMainOriginalNumber"'),
    ):
        repeated = f'select {columns} from dbo."{table}" where {condition} group by {columns} having count(*) > 1'
        assert count(source, f"select count(*) from ({repeated}) as repeated") == 0


def test_identifiers_are_unique_version_4_uuids(source: psycopg.Connection[Any]) -> None:
    assert count(source, 'select count(distinct "NetUID") from dbo."Product"') == PRODUCTS
    assert count(source, """select count(*) from dbo."Product" where "NetUID"::text !~ '^.{14}4.{4}[89ab]'""") == 0


def test_a_second_creation_replaces_the_first(new_database: NewDatabase) -> None:
    url = new_database(None)
    create_demo_source(url, 150, SEED)
    create_demo_source(url, 100, SEED)
    with connect(url) as connection:
        assert count(connection, 'select count(*) from dbo."Product"') == 100


def test_a_failed_creation_leaves_the_old_catalogue(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_database(None)
    create_demo_source(url, 100, SEED)
    monkeypatch.setattr("ingest.demo.source.copy_text", lambda *_: "not a row\n")
    with pytest.raises(CordSearchError, match="Nothing was changed"):
        create_demo_source(url, 120, SEED)
    with connect(url) as connection:
        assert count(connection, 'select count(*) from dbo."Product"') == 100


def test_too_few_products_are_refused(new_database: NewDatabase) -> None:
    with pytest.raises(CordSearchError, match="at least 100 products, not 99"):
        create_demo_source(new_database(None), 99)


def test_an_unreachable_server_is_named() -> None:
    with pytest.raises(DatabaseUnavailableError, match="port 1"):
        create_demo_source("postgresql://nobody@127.0.0.1:1/nothing", 100)
