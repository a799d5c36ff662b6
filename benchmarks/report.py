"""What every benchmark shares: the machine it ran on, and result files as JSON and Markdown.

Writes ``benchmarks/results/<name>.json`` and ``.md``; reads nothing.
"""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cordsearch.machine import memory_bytes, processor_count

RESULTS_DIRECTORY = Path(__file__).with_name("results")


def machine() -> dict[str, Any]:
    """Describe where the figures come from, without naming the machine."""
    return {
        "processors": processor_count(),
        "memory_gib": round(memory_bytes() / 1024**3, 1),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
        "versions": {name: version(name) for name in ("asyncpg", "dbt-core", "numpy", "pgvector", "psycopg")},
    }


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers are aligned right."""
    numeric = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]
    lines = [
        "| " + " | ".join(header) + " |",
        "|" + "|".join("---:" if right else "---" for right in numeric) + "|",
        *("| " + " | ".join(_cell(value) for value in row) + " |" for row in rows),
    ]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write_result(name: str, figures: Mapping[str, Any], markdown: str) -> None:
    """Write the figures as JSON and the table as Markdown, and print the table."""
    RESULTS_DIRECTORY.mkdir(exist_ok=True)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    result = {"benchmark": name, "when": when, "machine": machine(), **figures}
    (RESULTS_DIRECTORY / f"{name}.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    (RESULTS_DIRECTORY / f"{name}.md").write_text(f"# {name}\n\n{markdown}\n")
    sys.stdout.write(markdown + "\n")
