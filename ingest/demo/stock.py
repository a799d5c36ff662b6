"""Stage: demo source. Reads the plan; writes the tables that say how much there is, where, and how it moved.

Popular products are stocked in more places, reserved and moved more often: that is what the marts
read popularity from. Income items know their product through the capitalization item or the
placement, as in the source.
"""

from dataclasses import dataclass

import numpy as np

from ingest.demo.catalogue import vendor_codes
from ingest.demo.links import chosen
from ingest.demo.lookups import STORAGES
from ingest.demo.plan import Plan
from ingest.demo.rows import NULL, Block, Integers, Rows, flags, optional, pick, pool_of, texts

_AVAILABILITY = 1.3  # rows per product, as all below
_RESERVATIONS = 0.15
_CAPITALIZED = 0.12
_INCOME_ITEMS = 0.4
_TRANSFER_ITEMS = 0.1
_PLACEMENTS = 0.25
_LOCATIONS = 0.15
_LOCATION_HISTORY = 0.15
_PLACEMENT_HISTORY = 0.12
_PLACEMENT_MOVEMENTS = 0.03
_PLACEMENT_STORAGES = 0.15
_CART_LIMITS = 0.05
_LINES_PER_DOCUMENT = 25
_STORAGE_SHARES = (0.26, 0.16, 0.13, 0.10, 0.09, 0.10, 0.07, 0.03, 0.03, 0.015, 0.01, 0.005)
_USERS = 25
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
    placement = _by_demand(plan, "placements", _PLACEMENTS)
    return [
        _availability(stock),
        _reservations(plan, stock),
        _cart_limits(plan),
        *_documents(plan),
        _capitalization_items(plan),
        _income_items(plan),
        _transfer_items(plan),
        _placements(plan, placement),
        _placement_history(plan),
        _placement_movements(plan, len(placement)),
        _placement_storages(plan, placement),
        _locations(plan, "ProductLocation", _LOCATIONS, len(placement)),
        _locations(plan, "ProductLocationHistory", _LOCATION_HISTORY, len(placement)),
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


def _by_demand(plan: Plan, purpose: str, rate: float) -> Integers:
    """Return products (zero-based) in order, popular ones several times, ``rate`` per product on average."""
    drawn = plan.random(purpose).poisson(rate * 3 * plan.popularity**2)
    drawn[0] = max(1, drawn[0])  # no table is empty, however small the catalogue
    return np.repeat(np.arange(plan.products), drawn)


def _quantities(random: np.random.Generator, count: int, mean: float = 4.0) -> list[str]:
    return texts(random.geometric(1 / mean, count))


def _up_to(random: np.random.Generator, most: int, count: int) -> list[str]:
    """IDs from 1 to ``most``."""
    return texts(random.integers(1, most + 1, count))


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
            "UserID": _up_to(random, _USERS, count),
            "StorageID": _up_to(random, STORAGES, count),
            "ProductIncomeType": texts(random.integers(0, 5, count)),
            "IsHide": flags(random.random(count) < 0.02),
            "IsFromOneC": flags(random.random(count) < 0.3),
        }

    def capitalization(random: np.random.Generator, start: int, stop: int) -> Block:
        return common(random, start, stop, "PC") | {
            "OrganizationID": _up_to(random, 2, stop - start),
            "ResponsibleID": _up_to(random, _USERS, stop - start),
            "StorageID": _up_to(random, STORAGES, stop - start),
        }

    def transfer(random: np.random.Generator, start: int, stop: int) -> Block:
        source = random.integers(0, STORAGES, stop - start)
        return common(random, start, stop, "PT") | {
            "ResponsibleID": _up_to(random, _USERS, stop - start),
            "FromStorageID": texts(source + 1),
            "ToStorageID": texts((source + random.integers(1, STORAGES, stop - start)) % STORAGES + 1),
            "OrganizationID": _up_to(random, 2, stop - start),
            "IsManagement": flags(random.random(stop - start) < 0.1),
        }

    return [
        Rows("ProductIncome", _documents_of(plan, _INCOME_ITEMS), income),
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
            "ProductCapitalizationID": _up_to(random, documents, count),
        }

    return Rows("ProductCapitalizationItem", len(product), make)


def _income_items(plan: Plan) -> Rows:
    """Each comes from one of the documents that bring goods in; a quarter from a capitalization."""
    count = max(4, round(plan.products * _INCOME_ITEMS))
    documents = _documents_of(plan, _INCOME_ITEMS)
    capitalized = len(chosen(plan, "capitalized", _CAPITALIZED))

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        size = stop - start
        quantity, origin = random.geometric(0.15, size), random.integers(0, 4, size)
        other = np.arange(start, stop) + 1
        return {
            "ProductIncomeID": _up_to(random, documents, size),
            "Qty": texts(quantity),
            "RemainingQty": texts((quantity * random.random(size)).astype(np.int64)),
            "ProductCapitalizationItemID": optional(random.integers(1, capitalized + 1, size), origin == 0),
            "PackingListPackageOrderItemID": optional(other, origin == 1),
            "SupplyOrderUkraineItemID": optional(other, origin == 2),
            "SaleReturnItemID": optional(other, origin == 3),
        }

    return Rows("ProductIncomeItem", count, make)


def _transfer_items(plan: Plan) -> Rows:
    product = _by_demand(plan, "transfers", _TRANSFER_ITEMS)
    documents = _documents_of(plan, _TRANSFER_ITEMS)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        return {
            "Qty": _quantities(random, stop - start),
            "Reason": pick(_REASONS, random.integers(0, 5, stop - start)),
            "ProductID": texts(product[start:stop] + 1),
            "ProductTransferID": _up_to(random, documents, stop - start),
        }

    return Rows("ProductTransferItem", len(product), make)


def _cells(random: np.random.Generator, count: int) -> tuple[list[str], list[str], list[str]]:
    """Rack, row and cell of places in a storage."""
    rack, row, cell = (random.integers(1, most, count).tolist() for most in (30, 9, 60))
    return [f"{each:02d}" for each in rack], list(map(str, row)), [f"{each:03d}" for each in cell]


def _placements(plan: Plan, product: Integers) -> Rows:
    income_items = max(4, round(plan.products * _INCOME_ITEMS))

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        rack, row, cell = _cells(random, count)
        return {
            "Qty": _quantities(random, count),
            "StorageNumber": rack,
            "RowNumber": row,
            "CellNumber": cell,
            "ProductID": texts(product[start:stop] + 1),
            "StorageID": _up_to(random, STORAGES, count),
            "ProductIncomeItemID": optional(random.integers(1, income_items + 1, count), random.random(count) < 0.8),
            "IsOriginal": flags(random.random(count) < 0.5),
            "IsHistorySet": flags(random.random(count) < 0.2),
        }

    return Rows("ProductPlacement", len(product), make)


def _placement_history(plan: Plan) -> Rows:
    product = _by_demand(plan, "placement history", _PLACEMENT_HISTORY)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        return {
            "Placement": ["-".join(cell) for cell in zip(*_cells(random, count), strict=True)],
            "ProductId": texts(product[start:stop] + 1),
            "StorageId": _up_to(random, STORAGES, count),
            "Qty": _quantities(random, count),
            "StorageLocationType": texts(random.integers(0, 3, count)),
            "AdditionType": texts(random.integers(0, 4, count)),
            "UserId": _up_to(random, _USERS, count),
        }

    return Rows("ProductPlacementHistory", len(product), make)


def _placement_movements(plan: Plan, placements: int) -> Rows:
    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        return {
            "Qty": _quantities(random, count),
            "FromProductPlacementID": _up_to(random, placements, count),
            "ToProductPlacementID": _up_to(random, placements, count),
            "Number": [f"PM-{number:07d}" for number in range(start + 1, stop + 1)],
            "ResponsibleID": _up_to(random, _USERS, count),
        }

    return Rows("ProductPlacementMovement", max(1, round(plan.products * _PLACEMENT_MOVEMENTS)), make)


def _placement_storages(plan: Plan, placement: Integers) -> Rows:
    rows = np.flatnonzero(plan.random("placement storages").random(len(placement)) < _PLACEMENT_STORAGES / _PLACEMENTS)
    if not len(rows):
        rows = np.array([0])

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        mine, count = rows[start:stop], stop - start
        products = placement[mine]
        first = int(products[0])
        codes = pool_of(vendor_codes(plan, first, int(products[-1]) + 1))
        return {
            "Qty": _quantities(random, count),
            "Placement": ["-".join(cell) for cell in zip(*_cells(random, count), strict=True)],
            "VendorCode": pick(codes, products - first),
            "ProductPlacementId": texts(mine + 1),
            "ProductId": texts(products + 1),
            "StorageId": _up_to(random, STORAGES, count),
        }

    return Rows("ProductPlacementStorage", len(rows), make)


def _locations(plan: Plan, table: str, rate: float, placements: int) -> Rows:
    """Where goods of an order were taken from; the history table also says how."""

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        depreciated = random.random(count) < 0.1
        items = np.arange(start, stop) + 1
        block: Block = {
            "Qty": _quantities(random, count, 2.0),
            "StorageID": _up_to(random, STORAGES, count),
            "ProductPlacementID": _up_to(random, placements, count),
            "OrderItemID": optional(items, ~depreciated),
            "DepreciatedOrderItemID": optional(items, depreciated),
        }
        if table == "ProductLocation":
            return block | {"InvoiceDocumentQty": _quantities(random, count, 2.0)}
        return block | {"TypeOfMovement": texts(random.integers(0, 4, count))}

    return Rows(table, max(1, round(plan.products * rate)), make)
