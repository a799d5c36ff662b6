"""Stage: demo source. Reads the plan; writes the small tables: units, groups, categories, brands of cars, storages.

Entries are few and kept whole in memory; the first entry of each list has ID 1.
"""

import numpy as np

from ingest.demo.names import slug
from ingest.demo.plan import Plan
from ingest.demo.rows import NULL, Block, Column, Integers, Rows, texts
from ingest.demo.vocabulary import Vocabulary

_UNITS = (("шт", "Штука"), ("компл", "Комплект"), ("пара", "Пара"), ("м", "Метр"), ("л", "Літр"), ("кг", "Кілограм"))
# name, locale, organisation, defective, for the storefront, resale, priority
_STORAGES = (
    ("Київ центральний", "uk", 1, "f", "t", "f", 1),
    ("Хмельницький", "uk", 1, "f", "t", "f", 2),
    ("Львів", "uk", 1, "f", "t", "f", 3),
    ("Одеса", "uk", 1, "f", "t", "f", 4),
    ("Дніпро", "uk", 1, "f", "t", "f", 5),
    ("Rzeszów", "pl", 2, "f", "t", "f", 6),
    ("Warszawa", "pl", 2, "f", "t", "f", 7),
    ("Przemyśl", "pl", 2, "f", "f", "f", 8),
    ("Перепродаж", "uk", 1, "f", "t", "t", 9),
    ("Брак Київ", "uk", 1, "t", "f", "f", 90),
    ("Reklamacje Rzeszów", "pl", 2, "t", "f", "f", 91),
    ("Старий склад", "uk", 1, "f", "f", "f", 99),
)
STORAGES = len(_STORAGES)
_CLOSED_STORAGES = 1  # the last one: soft-deleted, some stock is still booked on it
# name, base, currency, extra charge, culture, priority
_PRICINGS = (
    ("ЦС", NULL, "2", "0", "uk", 1),
    ("Роздріб", "1", "1", "35", "uk", 2),
    ("Гурт", "1", "1", "15", "uk", 3),
    ("Detal PL", "1", "3", "30", "pl", 4),
    ("Hurt PL", "1", "3", "12", "pl", 5),
    ("Стара ціна", "1", "1", "50", "uk", 9),
)
PRICINGS = len(_PRICINGS)
_KINDS = (("truck", "вантажні", "грузовые"), ("trailer", "причепи", "прицепы"), ("bus", "автобуси", "автобусы"))
_AGREEMENTS = 12


def fixed(table: str, columns: dict[str, Column], *, soft_deleted: float = 0.0) -> Rows:
    """Return the rows of a table that is given whole."""
    count = next(len(column) for column in columns.values() if not isinstance(column, str))

    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {
            name: column if isinstance(column, str) else list(column[start:stop]) for name, column in columns.items()
        }

    return Rows(table, count, make, soft_deleted)


def car_brands(vocabulary: Vocabulary) -> list[str]:
    """Return the makes in the order of their IDs."""
    return list(dict.fromkeys(vehicle.make for vehicle in vocabulary.vehicles))


def lookup_rows(plan: Plan) -> list[Rows]:
    """Return the rows of all small tables."""
    return [
        fixed("MeasureUnit", {
            "Name": [name for name, _ in _UNITS],
            "Description": [long for _, long in _UNITS],
            "CodeOneC": [f"{796 + index}" for index in range(len(_UNITS))],
        }),
        _storages(),
        _pricings(),
        _car_brands(plan),
        _categories(plan.vocabulary),
        _product_groups(plan.vocabulary),
        _sub_groups(plan.vocabulary),
        _discounts(plan),
        _write_off_rules(plan),
    ]  # fmt: skip


def _storages() -> Rows:
    name, locale, organisation, defective, storefront, resale, priority = zip(*_STORAGES, strict=True)
    return fixed("Storage", {
        "Name": name,
        "Locale": locale,
        "OrganizationID": texts(organisation),
        "ForDefective": defective,
        "ForVatProducts": ["t" if place % 3 == 0 else "f" for place in range(STORAGES)],
        "AvailableForReSale": resale,
        "ForEcommerce": storefront,
        "RetailPriority": texts(priority),
        "IsResale": resale,
        "Deleted": ["f"] * (STORAGES - _CLOSED_STORAGES) + ["t"] * _CLOSED_STORAGES,
    })  # fmt: skip


def _pricings() -> Rows:
    name, base, currency, charge, culture, priority = zip(*_PRICINGS, strict=True)
    return fixed("Pricing", {
        "Name": name,
        "BasePricingID": base,
        "CurrencyID": currency,
        "ExtraCharge": charge,
        "PriceTypeID": "1",
        "Culture": culture,
        "CalculatedExtraCharge": charge,
        "ForShares": "f",
        "ForVat": ["t" if place % 2 else "f" for place in range(PRICINGS)],
        "SortingPriority": texts(priority),
        "Deleted": ["f"] * (PRICINGS - 1) + ["t"],
    })  # fmt: skip


def _car_brands(plan: Plan) -> Rows:
    makes = car_brands(plan.vocabulary)
    return fixed("CarBrand", {
        "Name": makes,
        "Description": [f"Запчастини {make}" for make in makes],
        "ImageUrl": [f"https://images.example.com/brands/{slug(make)}.svg" for make in makes],
        "Alias": [slug(make) for make in makes],
    })  # fmt: skip


def _categories(vocabulary: Vocabulary) -> Rows:
    keys = [category.key for category in vocabulary.categories]
    return fixed("Category", {
        "Name": [category.names["uk"] for category in vocabulary.categories],
        "Description": [category.names["ru"] for category in vocabulary.categories],
        "RootCategoryID": [
            str(keys.index(category.parent) + 1) if category.parent else NULL for category in vocabulary.categories
        ],
    })  # fmt: skip


def _product_groups(vocabulary: Vocabulary) -> Rows:
    """Roots are the vocabulary's groups; under each, one sub-group per kind of vehicle."""
    names = [group.names["ru"] for group in vocabulary.groups]
    full = [group.names["uk"] for group in vocabulary.groups]
    names += [f"{group.names['ru']}: {ru}" for group in vocabulary.groups for _, __, ru in _KINDS]
    full += [f"{group.names['uk']}: {uk}" for group in vocabulary.groups for _, uk, __ in _KINDS]
    roots = len(vocabulary.groups)
    return fixed("ProductGroup", {
        "Name": names,
        "FullName": full,
        "Description": NULL,
        "IsSubGroup": ["f"] * roots + ["t"] * (len(names) - roots),
        "IsActive": ["t"] * (len(names) - 1) + ["f"],
    })  # fmt: skip


def sub_group_of(plan: Plan) -> Integers:
    """Return the ID of every product's sub-group."""
    keys = [group.key for group in plan.vocabulary.groups]
    kinds = [kind for kind, _, __ in _KINDS]
    group = np.array([keys.index(each.group) for each in plan.vocabulary.part_types])
    kind = np.array([kinds.index(each.kind) for each in plan.vocabulary.vehicles] + [0])
    of_product = group[plan.part_type] * len(_KINDS) + kind[plan.families.vehicle[plan.family]]
    found: Integers = of_product + len(keys) + 1
    return found


def root_group_of(plan: Plan) -> Integers:
    """Return the ID of every product's root group."""
    keys = [group.key for group in plan.vocabulary.groups]
    found: Integers = np.array([keys.index(each.group) for each in plan.vocabulary.part_types])[plan.part_type] + 1
    return found


def category_of(plan: Plan) -> Integers:
    """Return the ID of every product's category."""
    keys = [category.key for category in plan.vocabulary.categories]
    by_group = [keys.index(group.parent) + 1 for group in plan.vocabulary.groups]
    found: Integers = np.array(by_group)[root_group_of(plan) - 1]
    return found


def _sub_groups(vocabulary: Vocabulary) -> Rows:
    roots = len(vocabulary.groups)
    subs = range(roots * len(_KINDS))
    return fixed("ProductSubGroup", {
        "RootProductGroupID": texts([sub // len(_KINDS) + 1 for sub in subs]),
        "SubProductGroupID": texts([sub + roots + 1 for sub in subs]),
    })  # fmt: skip


def _discounts(plan: Plan) -> Rows:
    roots = len(plan.vocabulary.groups)
    places = range(roots * _AGREEMENTS)
    rates = plan.random("discounts").integers(0, 31, len(places))
    return fixed("ProductGroupDiscount", {
        "ClientAgreementID": texts([place % _AGREEMENTS + 1 for place in places]),
        "ProductGroupID": texts([place // _AGREEMENTS + 1 for place in places]),
        "DiscountRate": texts(rates),
        "IsActive": ["t" if rate else "f" for rate in rates.tolist()],
    }, soft_deleted=0.02)  # fmt: skip


def _write_off_rules(plan: Plan) -> Rows:
    """A rule per locale for everything, per root group, and for some single products."""
    roots = len(plan.vocabulary.groups)
    products = plan.random("write-off").integers(1, plan.products + 1, 20).tolist()
    groups = [NULL] * 2 + texts(range(1, roots + 1)) + [NULL] * len(products)
    return fixed("ProductWriteOffRule", {
        "ProductGroupID": groups,
        "ProductID": [NULL] * (2 + roots) + texts(products),
        "RuleLocale": ["pl" if place % 2 else "uk" for place in range(len(groups))],
        "RuleType": texts([place % 3 for place in range(len(groups))]),
        "CreatedByID": "1",
    })  # fmt: skip
