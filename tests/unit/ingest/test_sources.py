"""Statements per dialect, and secrets that stay secret."""

import pytest
import sqlalchemy as sa

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from ingest.failures import SourceTableError
from ingest.sources import PageStatements, check_table, configured_sources, source_database
from ingest.tables import TABLES, TABLES_BY_NAME

SECRET = "hunter2-very-secret"
MSSQL_URL = f"mssql+pymssql://loader:{SECRET}@sql.example:1433/shop"
PRODUCT = TABLES_BY_NAME["Product"]


def statements(url: str) -> PageStatements:
    return PageStatements(PRODUCT, ("ID", "Name", "Top"), 500, sa.create_engine(url).dialect)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_sql_server_pages_by_key_with_top_and_brackets() -> None:
    first, no_parameters = statements(MSSQL_URL).after(None)
    columns = "[dbo].[Product].[ID], [dbo].[Product].[Name], [dbo].[Product].[Top]"
    assert one_line(first) == f"SELECT TOP 500 {columns} FROM [dbo].[Product] ORDER BY [dbo].[Product].[ID]"
    assert no_parameters == {}
    following, parameters = statements(MSSQL_URL).after(41)
    assert one_line(following) == (
        f"SELECT TOP 500 {columns} FROM [dbo].[Product] WHERE [dbo].[Product].[ID] > %(last_key)s "
        "ORDER BY [dbo].[Product].[ID]"
    )
    assert parameters == {"last_key": 41}


def test_postgresql_pages_by_key_with_limit() -> None:
    following, parameters = statements("postgresql+psycopg://localhost/shop").after(41)
    assert one_line(following).endswith(
        'FROM "dbo"."Product" WHERE "dbo"."Product"."ID" > %(last_key)s::BIGINT ORDER BY "dbo"."Product"."ID" LIMIT 500'
    )
    assert parameters == {"last_key": 41}


def test_two_sources_share_out_the_36_tables() -> None:
    product, ecosystem = configured_sources(
        Settings(source_product_url=MSSQL_URL, source_ecosystem_url=None), "postgresql://localhost/demo"
    )
    assert [table.name for table in product.tables] == ["Product"]
    assert len(ecosystem.tables) == 35
    assert {*product.tables, *ecosystem.tables} == set(TABLES)
    assert product.url.get_driver_name() == "pymssql"
    assert ecosystem.url.drivername == "postgresql+psycopg"


def test_the_password_is_never_shown() -> None:
    source = source_database("product", MSSQL_URL)
    assert source.description == "source product (mssql sql.example:1433/shop)"
    assert SECRET not in repr(source) + str(source)


@pytest.mark.parametrize(
    "url", [f"nonsense {SECRET}", f"oracle9+none://a:{SECRET}@h/d", f"mssql+pymssql://a:{SECRET}@h:x/d"]
)
def test_an_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError, match="CORDSEARCH_SOURCE_PRODUCT_URL") as caught:
        source_database("product", url)
    assert SECRET not in str(caught.value)


def test_an_unset_url_names_its_variable() -> None:
    with pytest.raises(SettingsError, match="CORDSEARCH_SOURCE_ECOSYSTEM_URL is not set"):
        source_database("ecosystem", None)


def test_a_missing_table_or_column_is_named() -> None:
    source = source_database("product", MSSQL_URL)
    with pytest.raises(SourceTableError, match=r"table dbo\.Product does not exist"):
        check_table(source, PRODUCT, {})
    with pytest.raises(SourceTableError, match="has no column NamePL, NameUA"):
        check_table(source, PRODUCT, {"Product": set(PRODUCT.column_names) - {"NameUA", "NamePL"}})
    check_table(source, PRODUCT, {"Product": {*PRODUCT.column_names, "Added"}})
