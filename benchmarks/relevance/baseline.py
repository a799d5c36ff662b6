"""What may not get worse: the committed figures of ``baseline.json``. Pure but for reading and writing that file.

A rebuild on the same machine gives the same figures to three digits; another machine trains a slightly different
encoder. ``NOISE`` is what is allowed for that.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from benchmarks.relevance.needs import DATA_DIRECTORY

BASELINE_FILE = Path(__file__).with_name("baseline.json")
NOISE = {"class": 0.02, "overall": 0.01}

Figures = Mapping[str, Mapping[str, float]]  # half -> class (or "overall") -> nDCG@10


def fingerprint(products: int) -> str:
    """Return what makes two measurements comparable: the judged set and the size of the catalogue."""
    digest = hashlib.sha256(f"{products}".encode())
    for name in ("queries.tsv", "siblings.tsv"):
        digest.update((DATA_DIRECTORY / name).read_bytes())
    return digest.hexdigest()[:12]


def drops(before: Figures, now: Figures) -> list[str]:
    """Return one line for every class that lost more than noise."""
    lines: list[str] = []
    for half, classes in before.items():
        for name, was in classes.items():
            value = now.get(half, {}).get(name)
            allowed = NOISE["overall" if name == "overall" else "class"]
            if value is None:
                lines.append(f"{half}, {name}: {was:.3f} before, not measured now")
            elif was - value > allowed:
                lines.append(f"{half}, {name}: nDCG@10 fell from {was:.3f} to {value:.3f} (allowed: {allowed})")
    return lines


def read_baseline(products: int) -> Figures | None:
    """Return the committed figures, or None when they are of another judged set or another size."""
    if not BASELINE_FILE.exists():
        return None
    stored = json.loads(BASELINE_FILE.read_text(encoding="utf-8"))
    if stored["fingerprint"] != fingerprint(products):
        return None
    figures: Figures = stored["ndcg_10"]
    return figures


def write_baseline(products: int, figures: Figures) -> None:
    """Make ``figures`` the baseline."""
    rounded = {half: {name: round(value, 4) for name, value in classes.items()} for half, classes in figures.items()}
    stored = {"products": products, "fingerprint": fingerprint(products), "ndcg_10": rounded}
    BASELINE_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
