"""The committed figures, and what differs from them. Asserts nothing: times of two machines cannot be compared.

Reads and writes ``baseline.json`` beside this module: figures by number of products.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import machine

BASELINE_FILE = Path(__file__).with_name("baseline.json")
NOTABLE = 0.15  # two runs in a row on a quiet machine differ by less, in most figures

Flat = dict[str, float]


def flatten(figures: Mapping[str, Any]) -> Flat:
    """Return the figures of a service that are worth comparing, by a path such as ``search/1/typo/p99``. Pure."""
    found: Flat = {}
    for kind in ("search", "autocomplete"):
        for clients, loop in figures[kind]["closed"].items():
            found[f"{kind}/{clients}/per second"] = loop["per_second"]
            groups = {"all": loop["overall"]}
            if clients == "1":
                groups |= loop["classes"] | {f"stage {name}": times for name, times in loop["stages"].items()}
            for group, times in groups.items():
                found |= {f"{kind}/{clients}/{group}/{name}": times[name] for name in ("p50", "p99") if name in times}
        if "open" in figures[kind]:
            found[f"{kind}/highest rate"] = figures[kind]["open"]["highest_rate"]
    for part, mebibytes in figures["memory_mib"]["after"].items():
        found[f"memory MiB/{part}"] = mebibytes
    return found


def differences(before: Flat, now: Flat) -> list[tuple[str, float, float, float]]:
    """Return name, before, now and ratio of the figures that differ notably, the largest ratio first. Pure."""
    shared = [(name, before[name], now[name]) for name in before if name in now and before[name] > 0]
    changed = [(name, old, new, new / old) for name, old, new in shared if abs(new / old - 1) > NOTABLE]
    return sorted(changed, key=lambda each: -each[3])


def read_baseline(products: int) -> dict[str, Any] | None:
    """Return machine and figures of the baseline for a catalogue of this size, or None."""
    if not BASELINE_FILE.exists():
        return None
    found: dict[str, Any] | None = json.loads(BASELINE_FILE.read_text(encoding="utf-8")).get(str(products))
    return found


def write_baseline(products: int, figures: Flat) -> None:
    """Make the figures the baseline of their size; other sizes stay."""
    kept = json.loads(BASELINE_FILE.read_text(encoding="utf-8")) if BASELINE_FILE.exists() else {}
    kept[str(products)] = {
        "machine": machine(),
        "figures": {name: float(f"{value:.4g}") for name, value in figures.items()},
    }
    BASELINE_FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
