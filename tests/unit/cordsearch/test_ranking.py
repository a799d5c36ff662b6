"""Presets of ranking weights, and what overrides them."""

import pytest

from cordsearch.errors import SettingsError
from cordsearch.ranking import RANKING_PRESETS, SIGNALS, RankingPreset, ranking_weights
from cordsearch.settings import Settings, load_settings

FIT_SIGNALS = {"relevance", "coverage", "similarity", "vehicle"}


@pytest.mark.parametrize("preset", RANKING_PRESETS)
def test_every_preset_weighs_every_signal(preset: str) -> None:
    assert set(Settings(_env_file=None, search_ranking=preset).ranking_weights) == set(SIGNALS)


def test_relevance_only_ignores_the_catalogue() -> None:
    weights = ranking_weights("relevance_only", {})
    assert {name for name, weight in weights.items() if weight} == FIT_SIGNALS


@pytest.mark.parametrize("preset", RANKING_PRESETS)
def test_the_catalogue_together_counts_less_than_a_part_number_typed_in_full(preset: RankingPreset) -> None:
    weights = ranking_weights(preset, {})
    whole_code_leads_by = weights["coverage"] * 0.5
    assert sum(weight for name, weight in weights.items() if name not in FIT_SIGNALS) <= whole_code_leads_by + 1e-9


def test_a_weight_of_its_own_overrides_the_preset_and_leaves_the_others() -> None:
    assert ranking_weights("balanced", {"available": 0.5}) == ranking_weights("balanced", {}) | {"available": 0.5}


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDSEARCH_SEARCH_RANKING", "popular_first")
    monkeypatch.setenv("CORDSEARCH_SEARCH_SIGNAL_WEIGHTS", '{"image": 0.2}')
    weights = load_settings().ranking_weights
    assert weights == ranking_weights("popular_first", {"image": 0.2})
    assert weights["popularity"] > ranking_weights("balanced", {})["popularity"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CORDSEARCH_SEARCH_RANKING", "cheap_first", "in_stock_first"),
        ("CORDSEARCH_SEARCH_FUSION", "luck", "'rank' or 'score'"),
        ("CORDSEARCH_SEARCH_SIGNAL_WEIGHTS", '{"beauty": 1}', "no ranking signal beauty"),
        ("CORDSEARCH_SEARCH_SIGNAL_WEIGHTS", '{"image": -1}', "greater than or equal to 0"),
        ("CORDSEARCH_SEARCH_SIGNAL_WEIGHTS", '{"image": NaN}', "finite"),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=message):
        load_settings()
