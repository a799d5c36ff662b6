"""Stage: demo source. Reads the plan; writes the tables that say on which shelf goods lie and lay."""

import numpy as np

from ingest.demo.catalogue import vendor_codes
from ingest.demo.demand import USERS, by_demand, income_item_count, quantities, up_to
from ingest.demo.lookups import STORAGES
from ingest.demo.plan import Plan
from ingest.demo.rows import Block, Integers, Rows, flags, optional, pick, pool_of, texts

_PLACEMENTS = 0.25  # rows per product, as all below
_LOCATIONS = 0.15
_LOCATION_HISTORY = 0.15
_PLACEMENT_HISTORY = 0.12
_PLACEMENT_MOVEMENTS = 0.03
_PLACEMENT_STORAGES = 0.15


def placement_rows(plan: Plan) -> list[Rows]:
    """Return the rows of every table of this module."""
    placement = by_demand(plan, "placements", _PLACEMENTS)
    return [
        _placements(plan, placement),
        _placement_history(plan),
        _placement_movements(plan, len(placement)),
        _placement_storages(plan, placement),
        _locations(plan, "ProductLocation", _LOCATIONS, len(placement)),
        _locations(plan, "ProductLocationHistory", _LOCATION_HISTORY, len(placement)),
    ]


def _cells(random: np.random.Generator, count: int) -> tuple[list[str], list[str], list[str]]:
    """Rack, row and cell of places in a storage."""
    rack, row, cell = (random.integers(1, most, count).tolist() for most in (30, 9, 60))
    return [f"{each:02d}" for each in rack], list(map(str, row)), [f"{each:03d}" for each in cell]


def _placements(plan: Plan, product: Integers) -> Rows:
    income_items = income_item_count(plan)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        rack, row, cell = _cells(random, count)
        return {
            "Qty": quantities(random, count),
            "StorageNumber": rack,
            "RowNumber": row,
            "CellNumber": cell,
            "ProductID": texts(product[start:stop] + 1),
            "StorageID": up_to(random, STORAGES, count),
            "ProductIncomeItemID": optional(random.integers(1, income_items + 1, count), random.random(count) < 0.8),
            "IsOriginal": flags(random.random(count) < 0.5),
            "IsHistorySet": flags(random.random(count) < 0.2),
        }

    return Rows("ProductPlacement", len(product), make)


def _placement_history(plan: Plan) -> Rows:
    product = by_demand(plan, "placement history", _PLACEMENT_HISTORY)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        return {
            "Placement": ["-".join(cell) for cell in zip(*_cells(random, count), strict=True)],
            "ProductId": texts(product[start:stop] + 1),
            "StorageId": up_to(random, STORAGES, count),
            "Qty": quantities(random, count),
            "StorageLocationType": texts(random.integers(0, 3, count)),
            "AdditionType": texts(random.integers(0, 4, count)),
            "UserId": up_to(random, USERS, count),
        }

    return Rows("ProductPlacementHistory", len(product), make)


def _placement_movements(plan: Plan, placements: int) -> Rows:
    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        return {
            "Qty": quantities(random, count),
            "FromProductPlacementID": up_to(random, placements, count),
            "ToProductPlacementID": up_to(random, placements, count),
            "Number": [f"PM-{number:07d}" for number in range(start + 1, stop + 1)],
            "ResponsibleID": up_to(random, USERS, count),
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
            "Qty": quantities(random, count),
            "Placement": ["-".join(cell) for cell in zip(*_cells(random, count), strict=True)],
            "VendorCode": pick(codes, products - first),
            "ProductPlacementId": texts(mine + 1),
            "ProductId": texts(products + 1),
            "StorageId": up_to(random, STORAGES, count),
        }

    return Rows("ProductPlacementStorage", len(rows), make)


def _locations(plan: Plan, table: str, rate: float, placements: int) -> Rows:
    """Where goods of an order were taken from; the history table also says how."""

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        count = stop - start
        depreciated = random.random(count) < 0.1
        items = np.arange(start, stop) + 1
        block: Block = {
            "Qty": quantities(random, count, 2.0),
            "StorageID": up_to(random, STORAGES, count),
            "ProductPlacementID": up_to(random, placements, count),
            "OrderItemID": optional(items, ~depreciated),
            "DepreciatedOrderItemID": optional(items, depreciated),
        }
        if table == "ProductLocation":
            return block | {"InvoiceDocumentQty": quantities(random, count, 2.0)}
        return block | {"TypeOfMovement": texts(random.integers(0, 4, count))}

    return Rows(table, max(1, round(plan.products * rate)), make)
