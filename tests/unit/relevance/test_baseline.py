"""A class that got worse makes the command fail and is named."""

from pathlib import Path

import pytest

from benchmarks.relevance import baseline
from benchmarks.relevance.__main__ import check_baseline

FIGURES = {"test": {"typo": {"ndcg_10": 0.95}, "overall": {"ndcg_10": 0.95}}}


@pytest.fixture(autouse=True)
def own_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "BASELINE_FILE", tmp_path / "baseline.json")


def test_a_drop_fails_and_names_the_class(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_baseline(20_000, FIGURES, write=True) == 0
    assert check_baseline(20_000, FIGURES, write=False) == 0
    worse = {"test": {"typo": {"ndcg_10": 0.90}, "overall": {"ndcg_10": 0.95}}}
    assert check_baseline(20_000, worse, write=False) == 1
    assert "test, typo: nDCG@10 fell from 0.950 to 0.900" in capsys.readouterr().err


def test_another_size_has_no_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    check_baseline(20_000, FIGURES, write=True)
    assert check_baseline(30_000, FIGURES, write=False) == 0
    assert "No baseline" in capsys.readouterr().err
