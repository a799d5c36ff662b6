"""The generated rows, read back from their COPY text."""

import hashlib
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

from ingest.demo.catalogue import truth_text, vendor_codes
from ingest.demo.codes import ANCHOR_NUMBER
from ingest.demo.ecosystem import all_rows
from ingest.demo.plan import REFERENCE_PRODUCTS, Plan, build_plan, supplier_count
from ingest.demo.source import table_texts
from ingest.demo.vocabulary import load_vocabulary
from ingest.tables import TABLES, TABLES_BY_NAME

SEED = 20240501
Row = dict[str, str | None]


def rows_of(plan: Plan, name: str) -> list[Row]:
    rows = next(each for each in all_rows(plan) if each.table == name)
    names = TABLES_BY_NAME[name].column_names
    lines = "".join(table_texts(plan, rows)).splitlines()
    return [
        {column: None if cell == r"\N" else cell for column, cell in zip(names, line.split("\t"), strict=True)}
        for line in lines
    ]


def digest(products: int, seed: int) -> str:
    plan = build_plan(load_vocabulary(), products, seed)
    content = hashlib.sha256()
    for rows in all_rows(plan):
        for text in table_texts(plan, rows):
            content.update(text.encode())
    content.update(truth_text(plan, 0, products).encode())
    return content.hexdigest()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build_plan(load_vocabulary(), 6_000, SEED)


@pytest.fixture(scope="module")
def products(plan: Plan) -> list[Row]:
    return rows_of(plan, "Product")


def test_the_same_seed_and_count_give_the_same_rows() -> None:
    assert digest(700, SEED) == digest(700, SEED)


def test_another_seed_or_count_gives_other_rows() -> None:
    assert len({digest(700, SEED), digest(700, SEED + 1), digest(701, SEED)}) == 3


def test_all_36_tables_are_written_once_and_none_is_empty() -> None:
    rows = all_rows(build_plan(load_vocabulary(), 100, SEED))
    assert Counter(each.table for each in rows) == Counter(table.name for table in TABLES)
    assert min(each.count for each in rows) >= 1


@pytest.mark.parametrize("count", [100, 500, 1_200, 5_000])
def test_supplier_codes_at_small_sizes(count: int) -> None:
    plan = build_plan(load_vocabulary(), count, SEED)
    codes = vendor_codes(plan, 0, count)
    assert sum(code.startswith("SEM1") for code in codes) == supplier_count(count) >= 20
    assert any(code.startswith("SEM143") for code in codes)
    assert not codes[plan.deleted].startswith("SEM1")


def test_the_full_size_repeats_the_reference_numbers() -> None:
    plan = build_plan(load_vocabulary(), REFERENCE_PRODUCTS, SEED)
    codes = vendor_codes(plan, 0, REFERENCE_PRODUCTS)
    assert len(codes) == 278_698
    assert sum(code.startswith("SEM1") for code in codes) == 6_728
    assert not codes[plan.deleted].startswith("SEM1")
    assert len({code for code in codes if code.startswith("SEM1")}) == 6_728


def test_exactly_one_product_is_deleted(products: list[Row]) -> None:
    assert sum(row["Deleted"] == "t" for row in products) == 1


def share(products: list[Row], column: str, pattern: str) -> float:
    return sum(bool(re.search(pattern, row[column] or "")) for row in products) / len(products)


@pytest.mark.parametrize(
    ("column", "pattern", "least", "most"),
    [
        ("NamePL", r"^$", 0.12, 0.18),
        ("NameUA", r"^$", 0.08, 0.12),
        ("Name", r"^$", 0.01, 0.03),
        ("Name", r"[а-яё][aceiopx]|[aceiopx][а-яё]", 0.002, 0.02),
        ("NamePL", r"^[A-Z. ]+(HAM|PRZOD|TYL|KPL|POW|PAL|NAPR|STAB)\b", 0.005, 0.06),
        ("NameUA", r"[ыэ]", 0.01, 0.08),
        ("Name", r" $", 0.015, 0.045),
        ("Name", r"  ", 0.01, 0.03),
        ("NameUA", "[\u2019\u02bc`\u00b4]", 0.002, 0.2),
        ("NameUA", r"^(-2146826246|\.|-|#N/A|\?\?\?|0|-2146826265)$", 0.0003, 0.004),
        ("VendorCode", r"^$", 0.002, 0.01),
        ("Weight", r"^0\.0$", 0.05, 0.11),
    ],
)
def test_dirt_is_present_at_realistic_rates(
    products: list[Row], column: str, pattern: str, least: float, most: float
) -> None:
    assert least <= share(products, column, pattern) <= most


def test_no_product_is_without_any_name(products: list[Row]) -> None:
    assert all(row["Name"] or row["NameUA"] or row["NamePL"] for row in products)


def test_some_products_are_there_twice(products: list[Row]) -> None:
    codes = Counter(row["VendorCode"] for row in products if row["VendorCode"])
    assert 10 <= sum(count > 1 for count in codes.values()) <= 60


def test_names_are_short_and_fit_their_columns(products: list[Row]) -> None:
    lengths = [len(row["Name"]) for row in products if row["Name"]]
    assert 20 <= float(np.mean(lengths)) <= 45
    for row in products:
        for column in ("Name", "NameUA", "NamePL", "SearchName", "SearchNameUA", "SearchNamePL"):
            assert len(row[column] or "") <= 120


def test_updates_follow_creation(products: list[Row]) -> None:
    assert all(str(row["Created"]) <= str(row["Updated"]) for row in products)
    assert len({str(row["Created"])[:4] for row in products}) > 8


@pytest.mark.parametrize("count", [500, 501, 1_200, 3_001])
def test_example_queries_have_answers_at_every_size(count: int) -> None:
    plan = build_plan(load_vocabulary(), count, SEED)
    products = rows_of(plan, "Product")
    anchors = [row for row in products if row["MainOriginalNumber"] == ANCHOR_NUMBER]
    assert 2 <= len(anchors) <= 5
    assert all("Амортизатор MAN" in str(row["Name"]) for row in anchors)
    oil_filters = [str(row["NameUA"]) for row in products if "Фільтр масляний DAF XF" in str(row["NameUA"])]
    assert any("XF105" in name for name in oil_filters)
    assert any("XF 105" in name for name in oil_filters)
    assert sum("Колодки" in str(row["NameUA"]) for row in products) >= 10
    assert sum("Циліндр гальмівний" in str(row["NameUA"]) for row in products) >= 5
    assert sum(row["Size"] == "309x242" for row in products) >= 4
    assert any("тяга" in str(row["NameUA"]).lower() for row in products)


def test_image_and_analogue_flags_agree_with_their_tables(plan: Plan, products: list[Row]) -> None:
    def live(table: str, column: str) -> set[Any]:
        return {row[column] for row in rows_of(plan, table) if row["Deleted"] == "f"}

    assert {row["ID"] for row in products if row["HasImage"] == "t"} == live("ProductImage", "ProductID")
    with_component = {row["ID"] for row in products if row["HasComponent"] == "t"}
    assert with_component == live("ProductSet", "BaseProductID")


def test_the_truth_names_every_product_once(plan: Plan) -> None:
    lines = truth_text(plan, 0, plan.products).splitlines()
    keys = {each.key for each in plan.vocabulary.part_types}
    assert [int(line.split("\t")[0]) for line in lines] == list(range(1, plan.products + 1))
    assert {line.split("\t")[1] for line in lines} <= keys
