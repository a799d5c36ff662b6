"""Which tables the direct loader looks at together, and how often. Pure.

Every source table is in exactly one group (a test compares with the registry). A group is read by one pass at a time,
on one connection per source; groups are read side by side. A new source table is in the catalogue unless named here.
"""

from dataclasses import dataclass

from cordsearch.settings import Settings
from ingest.tables import TABLES, SourceTable

VOLATILE, PRODUCT, CATALOGUE, COMPARED, HISTORY = "volatile", "product", "catalogue", "compared", "history"

# What is named nowhere below belongs to the catalogue.
_VOLATILE = {"ProductAvailability", "ProductReservation", "ProductPricing"}
_HISTORY = {
    "ProductCapitalization", "ProductCapitalizationItem", "ProductIncome", "ProductIncomeItem", "ProductLocation",
    "ProductLocationHistory", "ProductPlacement", "ProductPlacementHistory", "ProductPlacementMovement",
    "ProductPlacementStorage", "ProductTransfer", "ProductTransferItem", "ProductWriteOffRule",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableGroup:
    """Tables that are looked at together, every ``seconds``. ``priority``: what goes first when both are due."""

    name: str
    tables: tuple[str, ...]
    seconds: float
    priority: int


def group_of(table: SourceTable) -> str:
    """Return the group of a table: by its name, or because nothing but comparing tells what changed in it."""
    if "Updated" not in table.column_names:
        return COMPARED
    if table.name == "Product":
        return PRODUCT
    if table.name in _VOLATILE:
        return VOLATILE
    return HISTORY if table.name in _HISTORY else CATALOGUE


def table_groups(settings: Settings, tables: tuple[SourceTable, ...] = TABLES) -> tuple[TableGroup, ...]:
    """Return the groups of ``tables`` with the intervals of the settings; groups without tables are left out."""
    seconds = {
        VOLATILE: settings.worker_volatile_seconds,
        PRODUCT: settings.worker_product_seconds,
        CATALOGUE: settings.worker_catalogue_seconds,
        COMPARED: settings.worker_compared_seconds,
        HISTORY: settings.worker_history_seconds,
    }
    groups = []
    for priority, (name, interval) in zip(range(50, 0, -10), seconds.items(), strict=True):
        members = tuple(table.name for table in tables if group_of(table) == name)
        if members:
            groups.append(TableGroup(name, members, interval, priority))
    return tuple(groups)
