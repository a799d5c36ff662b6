"""A full refresh and any sequence of incremental runs give the same marts."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cordsearch.database import prepare_extensions
from tests.dbt_warehouse import DbtWarehouse

MARTS = ("dim_product", "dim_product_search", "product_code")
# Many small steps: a large one touches nearly every product, and a touch that was forgotten goes unseen.
ROUNDS = 20
FIRST_CHANGES = 400
PRODUCTS, LINKS, FEW = 14, 20, 4
TABLES = (
    "Product", "MeasureUnit", "ProductOriginalNumber", "OriginalNumber", "ProductAnalogue", "ProductCategory",
    "Category", "ProductProductGroup", "ProductGroup", "ProductSubGroup", "ProductCarBrand", "CarBrand",
    "ProductImage", "ProductSlug", "ProductPricing", "Pricing", "ProductAvailability", "Storage",
    "ProductReservation", "ProductTransferItem", "ProductIncome", "ProductIncomeItem", "ProductCapitalizationItem",
    "ProductPlacement",
)  # fmt: skip
FEW_ROWS = {"MeasureUnit", "Category", "ProductGroup", "CarBrand", "Pricing", "Storage", "ProductIncome"}


class Chance:
    """Random source rows over few keys, so that they meet: dangling references, nulls and junk included."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def change(self, warehouse: DbtWarehouse) -> None:
        """Append one random event."""
        table = self._random.choice((*TABLES, *["Product"] * 4))
        key = self.key(PRODUCTS if table == "Product" else FEW if table in FEW_ROWS else LINKS)
        kind = self._random.random()
        if kind < 0.12:
            warehouse.delete(table, key)
        elif kind < 0.2:
            warehouse.repeat(table, late=self.likely(0.5))
        else:
            warehouse.put(table, key, **self.row(table))

    def key(self, highest: int) -> int:
        return self._random.randint(1, highest)

    def product(self) -> int:
        return self.key(PRODUCTS + 1)

    def likely(self, probability: float) -> bool:
        return self._random.random() < probability

    def some(self, *values: Any) -> Any:
        return self._random.choice(values)

    def row(self, table: str) -> dict[str, Any]:
        """A whole random row of ``table``."""
        common = {
            "Deleted": self.likely(0.15),
            "Updated": f"2024-{self.key(9):02}-15T00:00:00",
        }
        return common | {"ProductID": self.product()} | self._own(table)

    def _own(self, table: str) -> dict[str, Any]:
        name = self.some("Гальма", "Кермо", "Вісь", "#N/A", None)
        number = self.some("81.43220-6012", "81 43220 6012", "A 1", "wabco-12", "-", None)
        few, link = self.key(FEW), self.key(LINKS)
        rows: dict[str, Callable[[], dict[str, Any]]] = {
            "Product": lambda: {
                "Name": name, "NameUA": self.some("Тяга", "-2146826246", None), "NamePL": self.some("Drążek", None),
                "VendorCode": self.some("SEM-1", "SEM 2", "---", None), "MainOriginalNumber": number,
                "MeasureUnitID": few, "Weight": self.some(0, 1.5), "Image": self.some(None, "a.jpg"),
                "NetUID": f"00000000-0000-0000-0000-{self.key(99):012}", "IsForSale": self.likely(0.5),
                "IsForWeb": self.likely(0.5), "IsForZeroSale": False, "HasComponent": self.likely(0.5),
            },
            "ProductOriginalNumber": lambda: {"OriginalNumberID": link, "IsMainOriginalNumber": self.likely(0.5)},
            "OriginalNumber": lambda: {"Number": number, "MainNumber": self.some("A 1", "B-2", None)},
            "ProductAnalogue": lambda: {"BaseProductID": self.product(), "AnalogueProductID": self.product()},
            "ProductCategory": lambda: {"CategoryID": few},
            "Category": lambda: {"Name": name, "RootCategoryID": self.some(None, few)},
            "ProductProductGroup": lambda: {"ProductGroupID": few},
            "ProductGroup": lambda: {"Name": name, "IsActive": self.likely(0.7)},
            "ProductSubGroup": lambda: {"RootProductGroupID": few, "SubProductGroupID": self.key(FEW)},
            "ProductCarBrand": lambda: {"CarBrandID": few},
            "ProductImage": lambda: {"ImageUrl": self.some("b.jpg", "c.jpg", " "), "IsMainImage": self.likely(0.5)},
            "ProductSlug": lambda: {"Url": self.some("tyaga", "vis", ""), "Locale": self.some("uk", "pl", "de")},
            "ProductPricing": lambda: {"PricingID": few, "Price": self.some("0.0000", "7.5000", "12.0000")},
            "Pricing": lambda: {"BasePricingID": self.some(None, few), "SortingPriority": self.key(3)},
            "ProductAvailability": lambda: {"StorageID": few, "Amount": self.some(0.1, 0.2, 5, 10)},
            "Storage": lambda: {"ForDefective": self.likely(0.3)},
            "ProductReservation": lambda: {"ProductAvailabilityID": link, "Qty": self.some(0.1, 1, 20)},
            "ProductIncome": lambda: {"FromDate": f"2024-{self.key(12):02}-01T00:00:00"},
            "ProductIncomeItem": lambda: {"ProductIncomeID": few, "ProductCapitalizationItemID": self.some(None, link)},
            "ProductPlacement": lambda: {"ProductIncomeItemID": link},
        }  # fmt: skip
        return rows.get(table, lambda: {"Name": name})()


@pytest.fixture
def warehouse(empty_database: str) -> Iterator[DbtWarehouse]:
    """A warehouse of this test's own, with bronze tables and nothing in them."""
    prepare_extensions(empty_database)
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-test-dbt-"))
    yield DbtWarehouse(empty_database, directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_sequence_of_runs_ends_like_a_full_refresh(warehouse: DbtWarehouse, seed: int) -> None:
    chance = Chance(seed)
    for key in range(1, PRODUCTS - 3):
        warehouse.put("Product", key, **chance.row("Product") | {"Deleted": False})
    for _ in range(FIRST_CHANGES):
        chance.change(warehouse)
    warehouse.build()
    for _ in range(ROUNDS):
        for _ in range(chance.some(1, 1, 1, 2, 4)):
            chance.change(warehouse)
        warehouse.run()
    incremental = {mart: warehouse.contents(mart) for mart in MARTS}
    assert all(incremental.values())

    warehouse.run(full_refresh=True)
    assert {mart: warehouse.contents(mart) for mart in MARTS} == incremental
