"""Measures how fast answers come, and writes ``benchmarks/results/latency*.{json,md,svg}``.

    python -m benchmarks.latency --data-directory DIR --quick   # one client, by class and by stage; a minute or two
    python -m benchmarks.latency --data-directory DIR           # 1, 4 and 16 clients, and how many per second; minutes
    python -m benchmarks.latency --data-directory DIR --full    # every part, more rounds: an hour
    python -m benchmarks.latency --data-directory DIR --parts writes peers

Measures on the embedded PostgreSQL of the directory; ``--products N`` builds the demo catalogue of that size there
first, where it is not built. The part ``scale`` has directories of its own below ``--scale-directory``. Asserts no
time: it tells what differs from ``baseline.json``.
"""

import argparse
import gc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.latency import plots, scale
from benchmarks.latency.baseline import differences, flatten, read_baseline, write_baseline
from benchmarks.latency.peers import measure_peers
from benchmarks.latency.report import (
    baseline_markdown,
    peers_markdown,
    scale_markdown,
    service_markdown,
    writes_markdown,
)
from benchmarks.latency.service_part import Plan, measure_service
from benchmarks.latency.writes import measure_writes
from benchmarks.report import RESULTS_DIRECTORY, write_result
from cordsearch.errors import CordSearchError

QUICK = Plan(clients=(1,))
SHORT = Plan(clients=(1, 4, 16), arrival_seconds=5, cold=True)
FULL = Plan(rounds=5, clients=(1, 4, 16), arrival_seconds=20, cold=True)
PARTS = ("service", "writes", "peers", "scale")


def main() -> None:
    """Run what the arguments ask for."""
    arguments = _arguments()
    gc.freeze()  # what is imported stays, and is not looked through in the middle of a measurement
    RESULTS_DIRECTORY.mkdir(exist_ok=True)
    changed = dict(setting.split("=", 1) for setting in arguments.setting)
    if arguments.products:
        scale.build(arguments.data_directory, arguments.products)
    for part in PARTS:
        if part in (arguments.parts or (PARTS if arguments.plan is FULL else PARTS[:1])):
            _RUN[part](arguments, changed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch/latency"))
    parser.add_argument("--products", type=int, help="build the demo catalogue of this size there")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--quick", action="store_const", dest="plan", const=QUICK, default=SHORT)
    form.add_argument("--full", action="store_const", dest="plan", const=FULL)
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="only these; without it service, with --full all")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="of the service")
    parser.add_argument("--quiet-seconds", type=float, default=30.0, help="of the control before each kind of writes")
    parser.add_argument("--peer-queries", type=int, default=400)
    parser.add_argument("--scale-directory", type=Path, default=Path(".cordsearch/scale"))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(scale.SIZES), help="of the part scale")
    parser.add_argument("--largest", action="store_true", help=f"{scale.LARGEST:,} products, too: an hour and 60 GB")
    parser.add_argument("--no-plots", action="store_true", help="tables only")
    parser.add_argument("--write-baseline", action="store_true", help="make these figures the baseline")
    return parser.parse_args()


def _service(arguments: argparse.Namespace, changed: Mapping[str, str]) -> None:
    figures = measure_service(arguments.data_directory, arguments.plan, changed)
    products, flat = figures["products"], flatten(figures)
    markdown = service_markdown(figures)
    if arguments.write_baseline:
        write_baseline(products, flat)
    elif before := read_baseline(products):
        markdown += "\n\n" + baseline_markdown(differences(before["figures"], flat))
    write_result("latency", figures, markdown + _pictures(arguments, lambda: plots.plot_service(figures)))


def _writes(arguments: argparse.Namespace, changed: Mapping[str, str]) -> None:
    figures = measure_writes(arguments.data_directory, arguments.plan.per_class, arguments.quiet_seconds, changed)
    write_result("latency_writes", figures, writes_markdown(figures))


def _peers(arguments: argparse.Namespace, changed: Mapping[str, str]) -> None:
    figures = measure_peers(arguments.data_directory, arguments.peer_queries, arguments.quiet_seconds, changed)
    markdown = peers_markdown(figures) + _pictures(arguments, lambda: [plots.peers(figures["engines"])])
    write_result("latency_peers", figures, markdown)


def _scale(arguments: argparse.Namespace, changed: Mapping[str, str]) -> None:
    sizes = [*arguments.sizes, *([scale.LARGEST] if arguments.largest else [])]
    figures: list[dict[str, Any]] = scale.measure_scale(arguments.scale_directory, sizes, changed)
    markdown = scale_markdown(figures) + _pictures(arguments, lambda: [plots.growth(figures)])
    write_result("latency_scale", {"sizes": figures}, markdown)


def _pictures(arguments: argparse.Namespace, draw: Callable[[], list[str]]) -> str:
    """Return the Markdown of the pictures, or nothing without them."""
    names = [] if arguments.no_plots else draw()
    return "".join(f"\n\n![{name.removesuffix('.svg').replace('_', ' ')}]({name})" for name in names)


_RUN: dict[str, Callable[[argparse.Namespace, Mapping[str, str]], None]] = {
    "service": _service,
    "writes": _writes,
    "peers": _peers,
    "scale": _scale,
}


if __name__ == "__main__":
    try:
        main()
    except CordSearchError as error:
        raise SystemExit(str(error)) from error
