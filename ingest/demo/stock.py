"""Stage: demo source. Reads the plan; writes the tables that say how much there is, where, and how it moved.

Popular products are stocked in more places, reserved and moved more often: that is what the marts
read popularity from. Income items know their product through the capitalization item or the
placement, as in the source.
"""

from dataclasses import dataclass

import numpy as np

from ingest.demo.demand import INCOME_ITEMS, USERS, by_demand, income_item_count, quantities, up_to
from ingest.demo.links import chosen
from ingest.demo.lookups import STORAGES
from ingest.demo.plan import Plan
from ingest.demo.rows import NULL, Block, Integers, Rows, flags, optional, pick, pool_of, texts

_AVAILABILITY = 1.3  # rows per product, as all below
_RESERVATIONS = 0.15
_CAPITALIZED = 0.12
_TRANSFER_ITEMS = 0.1
_CART_LIMITS = 0.05
_LINES_PER_DOCUMENT = 25
_STORAGE_SHARES = (0.26, 0.16, 0.13, 0.10, 0.09, 0.10, 0.07, 0.03, 0.03, 0.015, 0.01, 0.005)
_REASONS = pool_of((NULL, "Поповнення складу", "Замовлення клієнта", "Uzupełnienie stanu", "Пересорт"))
_DAYS = pool_of([f"{day}T09:00:00" for day in np.arange("2015-01-05", "2024-04-30", dtype="datetime64[D]").tolist()])


@dataclass(frozen=True)
class _Stock:
    """Availability rows: product and storage (zero-based) and amount."""

    product: Integers
    storage: Integers
    amount: Integers


def stock_rows(plan: Plan) -> list[Rows]:
    """Return the rows of every table of this module."""
    stock = _stock(plan)
    return [
        _availability(stock),
        _reservations(plan, stock),
        _cart_limits(plan),
        *_documents(plan),
        _capitalization_items(plan),
        _income_items(plan),
        _transfer_items(plan),
    ]


def _stock(plan: Plan) -> _Stock:
    random = plan.random("stock")
    counts = np.minimum(random.poisson(_AVAILABILITY * (0.35 + 1.3 * plan.popularity)), STORAGES)
    counts[0] = max(1, counts[0])
    product = np.repeat(np.arange(plan.products), counts)
    first = random.choice(STORAGES, size=plan.products, p=np.array(_STORAGE_SHARES) / sum(_STORAGE_SHARES))
    place = np.arange(len(product)) - np.repeat(np.cumsum(counts) - counts, counts)
    storage = (first[product] + place) % STORAGES  # one row per product and storage
    cheap = np.clip(40.0 / np.maximum(plan.price[product], 1.0), 0.3, 8.0)
    amount = (random.lognormal(0.7, 1.0, len(product)) * cheap).astype(np.int64)
    return _Stock(product, storage, np.where(random.random(len(product)) < 0.22, 0, amount))


def _documents_of(plan: Plan, lines: float) -> int:
    return max(1, round(plan.products * lines / _LINES_PER_DOCUMENT))


def _availability(stock: _Stock) -> Rows:
    def make(_: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "Amount": texts(stock.amount[start:stop]),
            "ProductID": texts(stock.product[start:stop] + 1),
            "StorageID": texts(stock.storage[start:stop] + 1),
        }

    return Rows("ProductAvailability", len(stock.product), make)


def _reservations(plan: Plan, stock: _Stock) -> Rows:
    """Reservations of stocked rows, popular products more often; never more than half of what is there."""
    random = plan.random("reservations")
    stocked = np.flatnonzero(stock.amount > 0)
    if not len(stocked):
        stocked = np.array([0])
    weight = np.cumsum(0.02 + plan.popularity[stock.product[stocked]] ** 3)
    count = max(1, round(plan.products * _RESERVATIONS))
    row = stocked[np.searchsorted(weight, np.sort(random.random(count)) * weight[-1])]

    def make(numbers: np.random.Generator, start: int, stop: int) -> Block:
        mine, size = row[start:stop], stop - start
        return {
            "OrderItemID": texts(np.arange(start, stop) + 1),
            "ProductAvailabilityID": texts(mine + 1),
            "Qty": texts(np.maximum((stock.amount[mine] * numbers.random(size) / 2).astype(np.int64), 1)),
            "ConsignmentItemID": optional(np.arange(start, stop) + 1, numbers.random(size) < 0.4),
            "IsReSaleReservation": flags(numbers.random(size) < 0.03),
        }

    return Rows("ProductReservation", count, make, 0.1)


def _cart_limits(plan: Plan) -> Rows:
    product = chosen(plan, "cart limits", _CART_LIMITS)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        least = random.integers(1, 5, stop - start)
        return {
            "ProductId": texts(product[start:stop] + 1),
            "MinAvailabilityUA": texts(least),
            "MaxAvailabilityUA": texts(least * 10),
            "MinAvailabilityPL": texts(least),
        }

    return Rows("ProductAvailabilityCartLimits", len(product), make)


def _documents(plan: Plan) -> list[Rows]:
    """The heads of incomes, capitalizations and transfers."""

    def common(random: np.random.Generator, start: int, stop: int, prefix: str) -> Block:
        return {
            "Number": [f"{prefix}-{number:07d}" for number in range(start + 1, stop + 1)],
            "Comment": pick(_REASONS, random.integers(0, 5, stop - start)),
            "FromDate": pick(_DAYS, random.integers(0, len(_DAYS), stop - start)),
        }

    def income(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        return common(random, start, stop, "PI") | {
            "UserID": up_to(random, USERS, count),
            "StorageID": up_to(random, STORAGES, count),
            "ProductIncomeType": texts(random.integers(0, 5, count)),
            "IsHide": flags(random.random(count) < 0.02),
            "IsFromOneC": flags(random.random(count) < 0.3),
        }

    def capitalization(random: np.random.Generator, start: int, stop: int) -> Block:
        return common(random, start, stop, "PC") | {
            "OrganizationID": up_to(random, 2, stop - start),
            "ResponsibleID": up_to(random, USERS, stop - start),
            "StorageID": up_to(random, STORAGES, stop - start),
        }

    def transfer(random: np.random.Generator, start: int, stop: int) -> Block:
        source = random.integers(0, STORAGES, stop - start)
        return common(random, start, stop, "PT") | {
            "ResponsibleID": up_to(random, USERS, stop - start),
            "FromStorageID": texts(source + 1),
            "ToStorageID": texts((source + random.integers(1, STORAGES, stop - start)) % STORAGES + 1),
            "OrganizationID": up_to(random, 2, stop - start),
            "IsManagement": flags(random.random(stop - start) < 0.1),
        }

    return [
        Rows("ProductIncome", _documents_of(plan, INCOME_ITEMS), income),
        Rows("ProductCapitalization", _documents_of(plan, _CAPITALIZED), capitalization),
        Rows("ProductTransfer", _documents_of(plan, _TRANSFER_ITEMS), transfer),
    ]


def _capitalization_items(plan: Plan) -> Rows:
    product = chosen(plan, "capitalized", _CAPITALIZED)
    documents = _documents_of(plan, _CAPITALIZED)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        mine, count = product[start:stop], stop - start
        quantity = random.geometric(0.2, count)
        return {
            "Qty": texts(quantity),
            "RemainingQty": texts((quantity * random.random(count)).astype(np.int64)),
            "Weight": texts(plan.families.weight[plan.family[mine]].round(3)),
            "UnitPrice": [f"{price:.4f}" for price in (plan.price[mine] * 0.7).tolist()],
            "ProductID": texts(mine + 1),
            "ProductCapitalizationID": up_to(random, documents, count),
        }

    return Rows("ProductCapitalizationItem", len(product), make)


def _income_items(plan: Plan) -> Rows:
    """Each comes from one of the documents that bring goods in; a quarter from a capitalization."""
    count = income_item_count(plan)
    documents = _documents_of(plan, INCOME_ITEMS)
    capitalized = len(chosen(plan, "capitalized", _CAPITALIZED))

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        size = stop - start
        quantity, origin = random.geometric(0.15, size), random.integers(0, 4, size)
        other = np.arange(start, stop) + 1
        return {
            "ProductIncomeID": up_to(random, documents, size),
            "Qty": texts(quantity),
            "RemainingQty": texts((quantity * random.random(size)).astype(np.int64)),
            "ProductCapitalizationItemID": optional(random.integers(1, capitalized + 1, size), origin == 0),
            "PackingListPackageOrderItemID": optional(other, origin == 1),
            "SupplyOrderUkraineItemID": optional(other, origin == 2),
            "SaleReturnItemID": optional(other, origin == 3),
        }

    return Rows("ProductIncomeItem", count, make)


def _transfer_items(plan: Plan) -> Rows:
    product = by_demand(plan, "transfers", _TRANSFER_ITEMS)
    documents = _documents_of(plan, _TRANSFER_ITEMS)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "Qty": quantities(random, stop - start),
            "Reason": pick(_REASONS, random.integers(0, 5, stop - start)),
            "ProductID": texts(product[start:stop] + 1),
            "ProductTransferID": up_to(random, documents, stop - start),
        }

    return Rows("ProductTransferItem", len(product), make)
