"""A dozen products in a warehouse of their own, built once for this folder's tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordsearch.database import create_database, database_url, prepare_extensions
from tests.dbt_warehouse import DbtWarehouse

PRODUCTS = range(1, 13)


@pytest.fixture(scope="session")
def dbt_warehouse(postgres_url: str) -> Iterator[DbtWarehouse]:
    """The warehouse after its first build. Each test works on products of its own; none relies on another's."""
    create_database(postgres_url, "dbt_integration")
    url = database_url(postgres_url, "dbt_integration")
    prepare_extensions(url)
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-test-dbt-"))
    warehouse = DbtWarehouse(url, directory)
    put_catalogue(warehouse)
    warehouse.build()
    yield warehouse
    shutil.rmtree(directory, ignore_errors=True)


def put_catalogue(warehouse: DbtWarehouse) -> None:
    warehouse.put("Storage", 1, Name="Київ", ForDefective=False)
    warehouse.put("Pricing", 1, Name="base", SortingPriority=1)
    warehouse.put("MeasureUnit", 1, Name="шт.")
    for key in PRODUCTS:
        warehouse.put("Product", key, **product_row(key))
        warehouse.put("ProductAvailability", key, ProductID=key, StorageID=1, Amount=10.0)
        warehouse.put("ProductPricing", key, ProductID=key, PricingID=1, Price="12.5000")
        warehouse.put("OriginalNumber", key, Number=f"81.43220-60{key:02}")
        warehouse.put("ProductOriginalNumber", key, ProductID=key, OriginalNumberID=key, IsMainOriginalNumber=True)


def product_row(key: int, **changes: object) -> dict[str, object]:
    """The source row of a product, with ``changes`` to it."""
    return {
        "Name": "Тяга рулевая",
        "NameUA": "Тяга кермова",
        "NamePL": "Drążek kierowniczy",
        "VendorCode": f"SEM-{key:04}",
        "NetUID": f"00000000-0000-0000-0000-{key:012}",
        "MeasureUnitID": 1,
        "Weight": 1.5,
        "IsForSale": True,
        "IsForWeb": key % 2 == 0,
        "IsForZeroSale": False,
        "HasComponent": False,
        "SourceAmgID": "AP8Q",
    } | changes
