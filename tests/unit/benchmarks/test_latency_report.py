"""What the latency suite writes: tables that show every figure, pictures, and what differs from the baseline."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.latency import baseline, plots
from benchmarks.latency.baseline import differences, flatten
from benchmarks.latency.digest import digest
from benchmarks.latency.loops import Timed
from benchmarks.latency.queries import Question
from benchmarks.latency.report import (
    baseline_markdown,
    peers_markdown,
    scale_markdown,
    service_markdown,
    writes_markdown,
)
from benchmarks.latency.saturation import step

USAGE = {"seconds": 2.0, "service_cpu_seconds": 1.0, "database_cpu_seconds": 0.5, "client_cpu_seconds": 0.25}
HEAD = b'{"took_ms":2.0,"timings_ms":{"retrieve":1.5},"total":3,"degraded":false}'


def answers(slowest: float = 60.0) -> list[Timed]:
    times = (5.0, 7.0, slowest)
    return [Timed(Question(name, "/search?q=a%7Cb"), time, 200, HEAD) for name in ("typo", "code") for time in times]


def loop(slowest: float = 60.0) -> dict[str, Any]:
    return digest(answers(slowest), USAGE)


def figures() -> dict[str, Any]:
    opened = {"seconds": 5, "steps": [step(20.0, answers()) | {"usage": USAGE}], "highest_rate": 20.0}
    memory = {"service": 200.0, "database": 300.0}
    return {
        "products": 278_698,
        "postgresql": {"version": "18.4", "pgvector": "0.8.5", "shared_buffers": "2GB"},
        "database_gib": 1.5,
        "settings": {"changed": {"CORDSEARCH_SERVICE_WORKERS": "2"}, "others": {}},
        "floor_ms": {"p50": 0.5, "p99": 1.0},
        "answer_cache": {"settings": {}, "cache_control": "no-store"},
        "cold": {"ready_seconds": 3.0, "files_forgotten": True, "search": loop(99.0)},
        "memory_mib": {"cold": memory, "after": memory},
        "search": {"closed": {"1": loop(), "4": loop()}, "again": loop(), "open": opened},
        "autocomplete": {"closed": {"1": loop()}, "open": opened},
    }


def test_the_tables_of_a_service_show_clients_classes_stages_and_rates() -> None:
    text = service_markdown(figures())
    for piece in (
        "278,698 products",
        "right after the start",
        "asked before",
        "| typo |",
        "| retrieve |",
        "no-store",
        "WORKERS=2",
    ):
        assert piece in text, piece
    assert "**20 per second**" in text
    assert "| typo | `a\\|b` | 60.0 |" in text


def test_a_cache_that_a_setting_names_is_told() -> None:
    kept = {**figures(), "answer_cache": {"settings": {"answer_cache_seconds": 5}, "cache_control": "no-store"}}
    assert "answer_cache_seconds" in service_markdown(kept)


def test_writes_are_told_against_the_quiet_time() -> None:
    text = writes_markdown({"rate": 20.0, "work": {"10,000 stock updates": {"quiet": loop(40.0), "busy": loop(60.0)}}})
    assert "**10,000 stock updates**" in text
    assert "| 1.5 |" in text


def test_peers_and_sizes_have_a_row_each() -> None:
    times = {"p50": 5.0, "p95": 6.0, "p99": 7.0, "max": 8.0}
    engines = [{"name": name, "ndcg_10": 0.9, **times} for name in ("ours", "theirs")]
    compared = {
        "products": 20_000, "queries": 400, "depth": 20, "clients": 4, "engines": engines,
        "per_second": {"ours": 100.0, "theirs": 20.0},
    }  # fmt: skip
    assert "5.0 times as many" in peers_markdown(compared)
    size = {
        "products": 20_000, "search": times, "autocomplete": times, "stage_seconds": {"load": 4.0},
        "build_seconds": 4.0, "memory_mib": 500.0, "service_mib": 200.0, "database_mib": 300.0, "database_gib": 0.2,
    }  # fmt: skip
    unknown = {**size, "products": 30_000, "stage_seconds": {}, "build_seconds": 0}
    text = scale_markdown([size, unknown])
    assert "| 20,000 | load | 4.000 |" in text
    assert "not known" in text


def test_the_baseline_is_compared_figure_by_figure() -> None:
    before = flatten(figures())
    assert before["search/1/typo/p50"] == 7.0
    assert before["search/1/stage retrieve/p99"] == 1.5
    assert before["autocomplete/highest rate"] == 20.0
    assert "search/4/typo/p50" not in before
    now = {**before, "search/1/typo/p50": 14.0, "memory MiB/service": 201.0, "new": 1.0}
    assert differences(before, now) == [("search/1/typo/p50", 7.0, 14.0, 2.0)]
    assert "2.000" in baseline_markdown(differences(before, now))
    assert "Nothing" in baseline_markdown([])


def test_a_baseline_keeps_the_figures_of_other_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "BASELINE_FILE", tmp_path / "baseline.json")
    assert baseline.read_baseline(10) is None
    baseline.write_baseline(10, {"a": 1.23456})
    baseline.write_baseline(20, {"a": 2.0})
    kept = baseline.read_baseline(10)
    assert kept is not None
    assert kept["figures"] == {"a": 1.235}
    assert baseline.read_baseline(30) is None


def test_the_same_figures_make_the_same_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "RESULTS_DIRECTORY", tmp_path)
    drawn = plots.plot_service(figures())
    assert drawn == ["latency_classes.svg", "latency_percentiles.svg", "latency_rates.svg"]
    first = [(tmp_path / name).read_bytes() for name in drawn]
    assert all(picture.startswith(b"<?xml") for picture in first)
    plots.plot_service(figures())
    assert [(tmp_path / name).read_bytes() for name in drawn] == first
