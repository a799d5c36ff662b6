"""How times, memory, disk and build time grow with the catalogue.

For each size a data directory of its own below one folder; builds the demo catalogue there where it is not built, and
remembers what that took in ``build.json`` beside it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.latency.service_part import Plan, measure_service
from cordsearch.database import connect, warehouse
from cordsearch.pipeline import build_demo_source, build_search, demo_source_url
from cordsearch.settings import Settings

SIZES = (27_870, 278_698)
LARGEST = 2_786_980
_PLAN = Plan(clients=(1,))


def measure_scale(folder: Path, sizes: Sequence[int], changed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the figures of every size, one after the other; ``changed`` are settings of the service."""
    return [measure_size(folder / str(size), size, changed) for size in sizes]


def measure_size(directory: Path, products: int, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of one size."""
    stages = build(directory, products)
    figures = measure_service(directory, _PLAN, changed)
    memory = figures["memory_mib"]["after"]
    return {
        "products": figures["products"],
        **{kind: figures[kind]["closed"]["1"]["overall"] for kind in ("search", "autocomplete")},
        "stage_seconds": stages,
        "build_seconds": sum(stages.values()),
        "memory_mib": sum(memory.values()),
        "service_mib": memory["service"],
        "database_mib": memory["database"],
        "database_gib": figures["database_gib"],
    }


def build(directory: Path, products: int) -> dict[str, float]:
    """Build the demo catalogue in ``directory`` unless it is there; return what each stage took, in seconds.

    Nothing is returned for a catalogue that was built by something else.
    """
    directory.mkdir(parents=True, exist_ok=True)
    settings, note = Settings(data_directory=directory, DATABASE_URL=None), directory / "build.json"
    with warehouse(settings) as url:
        build_demo_source(demo_source_url(url), products, warehouse_url=url)
        is_new = not _is_built(url)
        timings = build_search(settings, url, demo_url=demo_source_url(url))
    if is_new:
        note.write_text(json.dumps({timing.stage: timing.seconds for timing in timings}))
    remembered: dict[str, float] = json.loads(note.read_text()) if note.exists() else {}
    return remembered


def _is_built(url: str) -> bool:
    """Whether there are searchable products."""
    with connect(url) as connection:
        row = connection.execute("select to_regclass('staging_marts.dim_product_search') is not null").fetchone()
        if row != (True,):
            return False
        row = connection.execute(
            "select exists (select from staging_marts.dim_product_search where indexed_content_hash is not null)"
        ).fetchone()
    return row == (True,)
