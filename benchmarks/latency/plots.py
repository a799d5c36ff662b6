"""The figures of a run as pictures: what a person would rather look at than a table.

Reads figures; writes ``benchmarks/results/latency_*.svg``. matplotlib comes with the extra ``cordsearch[eval]``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.latency.figures import CURVE
from benchmarks.latency.saturation import LATEST_MS
from benchmarks.report import RESULTS_DIRECTORY
from cordsearch.errors import CordSearchError

Figures = Mapping[str, Any]


def plot_service(figures: Figures) -> list[str]:
    """Draw times by class, the percentile curves, and times by rate of arrival; return the names of the files."""
    drawn = [classes(figures), percentiles(figures)]
    if "open" in figures["search"]:
        drawn.append(rates(figures))
    return drawn


def classes(figures: Figures) -> str:
    """One line per class from p50 to p99 at one client, a mark at the slowest."""
    loop = next(iter(figures["search"]["closed"].values()))
    found = sorted(loop["classes"].items(), key=lambda each: each[1]["p99"])
    with _picture("latency_classes", len(found) * 0.25 + 1.2) as axes:
        for place, (_, times) in enumerate(found):
            axes.plot(
                [times["p50"], times["p99"]], [place, place], color="tab:blue", linewidth=4, solid_capstyle="butt"
            )
            axes.plot(times["p50"], place, "o", color="tab:blue")
            axes.plot(times["max"], place, "|", color="tab:red", markersize=9)
        axes.set_yticks(range(len(found)), [name for name, _ in found])
        axes.set_xlim(left=0)
        axes.set_xlabel("ms over HTTP, one client: p50 to p99; red: the slowest")
        axes.set_title(f"Search by class of query, {figures['products']:,} products", fontsize=10)
    return "latency_classes.svg"


def percentiles(figures: Figures) -> str:
    """A curve per kind of request and number of clients; percentiles are drawn by how many are slower."""
    with _picture("latency_percentiles", 4.0) as axes:
        for name, style in (("search", "-"), ("autocomplete", "--")):
            for clients, loop in figures[name]["closed"].items():
                axes.plot(
                    range(len(loop["curve"])), loop["curve"], style, marker=".", label=f"{name}, {clients} clients"
                )
        axes.set_xticks(range(len(CURVE)), [f"{value:g}" if value < 100 else "max" for value in CURVE])
        axes.set_yscale("log")
        axes.axhline(LATEST_MS, color="grey", linewidth=0.8, linestyle=":")
        axes.set_xlabel("percentile")
        axes.set_ylabel("ms")
        axes.legend(fontsize=8)
        axes.set_title(f"Closed loop, {figures['products']:,} products", fontsize=10)
    return "latency_percentiles.svg"


def rates(figures: Figures) -> str:
    """p50 and p99 by rate of arrival; rates that were not kept up with are crosses."""
    with _picture("latency_rates", 3.6) as axes:
        for name, colour in (("search", "tab:blue"), ("autocomplete", "tab:green")):
            tried = [each for each in figures[name]["open"]["steps"] if "p99" in each]
            # of a rate that was tried twice, the better time
            steps = list({each["rate"]: each for each in sorted(tried, key=lambda each: -each["p99"])}.values())
            for measure, style in (("p50", ":"), ("p99", "-")):
                points = sorted((each["rate"], each[measure]) for each in steps)
                axes.plot(*zip(*points, strict=True), style, color=colour, label=f"{name}, {measure}")
            for kept_up, mark in ((True, "o"), (False, "x")):
                chosen = [(each["rate"], each["p99"]) for each in steps if each["kept_up"] == kept_up]
                axes.plot([rate for rate, _ in chosen], [time for _, time in chosen], mark, color=colour)
        axes.axhline(LATEST_MS, color="grey", linewidth=0.8, linestyle=":")
        axes.set_yscale("log")
        axes.set_xlabel("requests per second, at a constant rate; x: not kept up with")
        axes.set_ylabel("ms since the request was due")
        axes.legend(fontsize=8)
    return "latency_rates.svg"


def growth(sizes: Sequence[Figures]) -> str:
    """p50 and p99 of search, memory, disk and build time by number of products, each against the first size."""
    ordered = sorted(sizes, key=lambda each: each["products"])
    lines = {
        "search p50": [each["search"]["p50"] for each in ordered],
        "search p99": [each["search"]["p99"] for each in ordered],
        "memory": [each["memory_mib"] for each in ordered],
        "disk": [each["database_gib"] for each in ordered],
        "build time": [each["build_seconds"] for each in ordered],
    }
    products = [each["products"] for each in ordered]
    with _picture("latency_growth", 4.0) as axes:
        for name, values in lines.items():
            if all(values):
                axes.plot(products, [value / values[0] for value in values], marker="o", label=name)
        axes.plot(products, [count / products[0] for count in products], ":", color="grey", label="linear")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("products")
        axes.set_ylabel("times the smallest")
        axes.legend(fontsize=8)
    return "latency_growth.svg"


def peers(rows: Sequence[Figures]) -> str:
    """How good against how slow: nDCG@10 by p99 of each engine."""
    with _picture("latency_peers", 3.6) as axes:
        for row in rows:
            axes.plot([row["p50"], row["p99"]], [row["ndcg_10"]] * 2, "-o", markersize=4)
            axes.annotate(
                row["name"], (row["p99"], row["ndcg_10"]), xytext=(5, -3), textcoords="offset points", fontsize=8
            )
        axes.set_xscale("log")
        axes.set_xlabel("ms, p50 to p99")
        axes.set_ylabel("nDCG@10")
        axes.margins(x=0.25)
    return "latency_peers.svg"


@contextmanager
def _picture(name: str, height: float) -> Iterator[Any]:
    """Give axes to draw on, and write them; the same figures give the same file."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 - everything else works without it
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise CordSearchError(
            "matplotlib is not installed, so nothing can be drawn. Install it with: pip install 'cordsearch[eval]' "
            "or leave the pictures out with --no-plots."
        ) from error
    figure = Figure(figsize=(7, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True, linewidth=0.3)
    yield axes
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(RESULTS_DIRECTORY / f"{name}.svg", metadata={"Date": None})
