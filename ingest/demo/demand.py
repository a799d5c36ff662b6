"""Stage: demo source. Reads the plan; writes nothing: how stock tables draw products, quantities and references."""

import numpy as np

from ingest.demo.plan import Plan
from ingest.demo.rows import Integers, texts

USERS = 25
INCOME_ITEMS = 0.4  # rows per product


def by_demand(plan: Plan, purpose: str, rate: float) -> Integers:
    """Return products (zero-based) in order, popular ones several times, ``rate`` per product on average."""
    drawn = plan.random(purpose).poisson(rate * 3 * plan.popularity**2)
    drawn[0] = max(1, drawn[0])  # no table is empty, however small the catalogue
    return np.repeat(np.arange(plan.products), drawn)


def quantities(random: np.random.Generator, count: int, mean: float = 4.0) -> list[str]:
    """Return whole quantities from 1 on."""
    return texts(random.geometric(1 / mean, count))


def up_to(random: np.random.Generator, most: int, count: int) -> list[str]:
    """Return IDs from 1 to ``most``."""
    return texts(random.integers(1, most + 1, count))


def income_item_count(plan: Plan) -> int:
    """Return the number of ProductIncomeItem rows."""
    return max(4, round(plan.products * INCOME_ITEMS))
