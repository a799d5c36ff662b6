"""Stage: demo source. Reads the plan; writes nothing: it lists the rows of all 36 tables in the order of writing."""

import numpy as np

from ingest.demo.catalogue import product_rows
from ingest.demo.links import has_analogue, image_counts, link_rows, set_bases
from ingest.demo.lookups import lookup_rows
from ingest.demo.placement import placement_rows
from ingest.demo.plan import Plan
from ingest.demo.rows import Rows
from ingest.demo.stock import stock_rows


def all_rows(plan: Plan) -> list[Rows]:
    """Return the rows of every source table, what is referred to before what refers to it."""
    has_component = np.zeros(plan.products, dtype=np.bool_)
    has_component[set_bases(plan)] = True
    products = product_rows(plan, has_analogue(plan), image_counts(plan), has_component)
    return [*lookup_rows(plan), products, *link_rows(plan), *stock_rows(plan), *placement_rows(plan)]
