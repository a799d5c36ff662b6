"""The figures of a run as Markdown tables. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.latency.saturation import LATEST_MS
from benchmarks.report import markdown_table

Figures = Mapping[str, Any]
_TIMES = ("p50", "p95", "p99", "max")
_TIME_HEADER = tuple(f"{name} ms" for name in _TIMES)
_SHOWN_SLOWEST = 10


def service_markdown(figures: Figures) -> str:
    """Return the tables of one service measured while nothing else runs."""
    about = (
        f"{figures['products']:,} products; PostgreSQL {figures['postgresql']['version']}, pgvector "
        f"{figures['postgresql']['pgvector']}, shared_buffers {figures['postgresql']['shared_buffers']}; database "
        f"{figures['database_gib']:.2f} GiB. Client, service and database share the machine. An answer of nothing "
        f"(`/health`) takes this client {figures['floor_ms']['p50']:.2f} ms (p50) and {figures['floor_ms']['p99']:.2f} "
        f"ms (p99). {cache_sentence(figures['answer_cache'])} "
        f"Settings of the service: {changed_settings(figures['settings']['changed'])}."
    )
    pieces = [
        about,
        f"### Clients that ask one after the other\n\n{cold_sentence(figures['cold'])}{closed_table(figures)}",
    ]
    for name in ("search", "autocomplete"):
        first = next(iter(figures[name]["closed"]))
        loop = figures[name]["closed"][first]
        pieces.append(f"### {name.capitalize()} at {first} client, by class\n\n{class_table(loop)}")
        pieces.append(f"### {name.capitalize()} at {first} client, by stage\n\n{stage_table(loop)}")
        if loop["class_stages"] and name == "search":
            pieces.append(f"p99 by class and stage, ms\n\n{class_stage_table(loop)}")
            pieces.append(f"The slowest\n\n{slowest_table(loop)}")
    pieces += [
        f"### {name.capitalize()} at a constant rate of arrival\n\n{arrival_table(figures[name]['open'])}"
        for name in ("search", "autocomplete")
        if "open" in figures[name]
    ]
    pieces.append(f"### Memory\n\n{memory_table(figures)}")
    return "\n\n".join(pieces)


def changed_settings(changed: Mapping[str, str]) -> str:
    """Return what is not as shipped."""
    return ", ".join(f"`{name}={value}`" for name, value in changed.items()) or "as shipped"


def cache_sentence(cache: Figures) -> str:
    """Return what is to be said of an answer cache."""
    if cache["settings"]:
        return f"Settings that name a cache, with their defaults: {cache['settings']}."
    return (
        "The service keeps no answers (no setting names a cache; a search is sent with "
        f"`Cache-Control: {cache['cache_control']}`), so there is no cache to switch on: every figure is without one. "
        "The encoder keeps the vectors of the 4,096 words asked for last."
    )


def cold_sentence(cold: Figures) -> str:
    """Return what was cold at the start; nothing when the start was not measured."""
    if "search" not in cold:
        return ""
    files = "out of" if cold["files_forgotten"] else "maybe still in"
    return (
        f"PostgreSQL and the service were ready {cold['ready_seconds']:.1f} s after they were started, with the "
        f"database's files {files} the kernel's cache.\n\n"
    )


def closed_table(figures: Figures) -> str:
    """Return a row per kind of request and number of clients, the first requests after the start included."""
    rows = []
    for name in ("search", "autocomplete"):
        if name in figures["cold"]:
            rows.append(_loop_row(f"{name}, right after the start", 1, figures["cold"][name]))
        rows += [_loop_row(name, int(clients), loop) for clients, loop in figures[name]["closed"].items()]
        if "again" in figures[name]:
            rows.append(_loop_row(f"{name}, asked before", 1, figures[name]["again"]))
    header = ("", "clients", "requests", *_TIME_HEADER, "per second", "not 200", "degraded", *_CPU_HEADER)
    return markdown_table(header, rows)


_CPU_HEADER = ("service CPU ms each", "database CPU ms each", "client CPU ms each")


def _loop_row(name: str, clients: int, loop: Figures) -> list[object]:
    times, usage = loop["overall"], loop["usage"]
    count = max(1, times["count"])
    each = [usage[f"{part}_cpu_seconds"] * 1000 / count for part in ("service", "database", "client")]
    wrong = sum(number for status, number in loop["statuses"].items() if int(status) != 200)
    return [name, clients, times["count"], *_times(times), loop["per_second"], wrong, loop["degraded"], *each]


def _times(times: Figures) -> list[object]:
    return [float(times[name]) if name in times else "" for name in _TIMES]


def class_table(loop: Figures) -> str:
    """Return a row per class, the slowest p99 first."""
    ordered = sorted(loop["classes"].items(), key=lambda each: -each[1].get("p99", 0.0))
    rows = [[name, times["count"], *_times(times)] for name, times in [*ordered, ("**all**", loop["overall"])]]
    return markdown_table(("class", "requests", *_TIME_HEADER), rows)


def stage_table(loop: Figures) -> str:
    """Return a row per stage, as the answers themselves tell it."""
    rows = [[name, times["count"], *_times(times)] for name, times in loop["stages"].items()]
    return markdown_table(("stage", "requests", *_TIME_HEADER), rows)


def class_stage_table(loop: Figures) -> str:
    """Return p99 of every stage by class."""
    stages = list(loop["stages"])
    rows = [
        [name, *(float(of_class[stage]["p99"]) if stage in of_class else "" for stage in stages)]
        for name, of_class in loop["class_stages"].items()
    ]
    return markdown_table(("class", *stages), rows)


def slowest_table(loop: Figures) -> str:
    """Return the slowest requests and their slowest stage."""
    rows = []
    for slow in loop["slowest"][:_SHOWN_SLOWEST]:
        stage = max(slow["stages"], key=slow["stages"].get, default="")
        text = slow["query"].replace("|", "\\|")
        rows.append(
            [slow["class"], f"`{text}`", slow["milliseconds"], slow["took_ms"], stage, slow["stages"].get(stage, 0.0)]
        )
    return markdown_table(("class", "query", "ms", "server ms", "slowest stage", "its ms"), rows)


def arrival_table(arrivals: Figures) -> str:
    """Return a row per rate, and the highest that was kept up with."""
    rows = [
        [
            float(step["rate"]), sum(step["statuses"].values()), *_times(step),
            sum(number for status, number in step["statuses"].items() if int(status) != 200),
            float(step["sent_late_ms"].get("p99", 0.0)),
        ]
        for step in arrivals["steps"]
    ]  # fmt: skip
    table = markdown_table(("per second", "requests", *_TIME_HEADER, "not 200", "sent late, p99 ms"), rows)
    return (
        f"{arrivals['seconds']:g} s each; a request's time counts from when it was due. Highest rate with p99 within "
        f"{LATEST_MS:g} ms and every answer 200: **{arrivals['highest_rate']:.0f} per second**.\n\n{table}"
    )


def memory_table(figures: Figures) -> str:
    """Return the memory of service and database after the start and after the measurement."""
    memory = figures["memory_mib"]
    rows: Sequence[Sequence[object]] = [
        [part, float(memory["cold"][part]), float(memory["after"][part])] for part in memory["after"]
    ]
    return markdown_table(("resident memory, shared pages once", "after the start, MiB", "after the run, MiB"), rows)


def writes_markdown(figures: Figures) -> str:
    """Return two rows per kind of work: the quiet time before it, and beside it."""
    rows: list[list[object]] = []
    for name, found in figures["work"].items():
        quiet, busy = found["quiet"], found["busy"]
        ratio = busy["overall"].get("p99", 0.0) / quiet["overall"].get("p99", 1.0)
        rows += [_beside_row("quiet", quiet, ""), _beside_row(f"**{name}**", busy, f"{ratio:.1f}")]
    header = (
        "beside", "seconds", "searches", *_TIME_HEADER, "not 200", "degraded", "found nothing", "p99 against quiet",
    )  # fmt: skip
    return (
        f"Searches arrive {figures['rate']:.1f} times a second, whatever becomes of them. The work counts until the "
        f"service shows it.\n\n{markdown_table(header, rows)}"
    )


def _beside_row(name: str, loop: Figures, ratio: str) -> list[object]:
    times = loop["overall"]
    wrong = sum(number for status, number in loop["statuses"].items() if int(status) != 200)
    counts = [wrong, loop["degraded"], loop["empty"]]
    return [name, float(loop["usage"]["seconds"]), times["count"], *_times(times), *counts, ratio]


def peers_markdown(figures: Figures) -> str:
    """Return a row per engine, and what several clients get of two of them."""
    rows = [[row["name"], *_times(row), float(row["ndcg_10"])] for row in figures["engines"]]
    table = markdown_table(("engine", *_TIME_HEADER, "nDCG@10"), rows)
    (ours, per_second), (theirs, hybrid) = figures["per_second"].items()
    return (
        f"{figures['products']:,} products, {figures['queries']} judged queries, {figures['depth']} products wanted, "
        f"one client. The peers answer in the client's process, with product ids only.\n\n{table}\n\n"
        f"Asked by {figures['clients']} clients at once: {ours} {per_second:.0f} per second, {theirs} {hybrid:.0f} per "
        f"second, {per_second / hybrid:.1f} times as many."
    )


def scale_markdown(sizes: Sequence[Figures]) -> str:
    """Return a row per size, and the seconds of each stage of its build."""
    rows = []
    for size in sizes:
        times = [float(size[kind][name]) for kind in ("search", "autocomplete") for name in ("p50", "p99")]
        weight = [float(size[name]) for name in ("service_mib", "database_mib", "database_gib")]
        rows.append([size["products"], *times, *weight, float(size["build_seconds"]) or "not known"])
    header = (
        "products", "search p50 ms", "search p99 ms", "autocomplete p50 ms", "autocomplete p99 ms", "service MiB",
        "PostgreSQL MiB", "database GiB", "build s",
    )  # fmt: skip
    stages = [[size["products"], stage, seconds] for size in sizes for stage, seconds in size["stage_seconds"].items()]
    return f"{markdown_table(header, rows)}\n\n{markdown_table(('products', 'stage of the build', 'seconds'), stages)}"


def baseline_markdown(differences: Sequence[tuple[str, float, float, float]]) -> str:
    """Return the figures that differ from the baseline."""
    if not differences:
        return "### Against the baseline\n\nNothing differs notably."
    return "### Against the baseline\n\n" + markdown_table(("figure", "baseline", "now", "ratio"), differences)
