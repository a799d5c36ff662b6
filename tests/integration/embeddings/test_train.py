from dataclasses import replace
from typing import Any

import psycopg
import pytest

from cordsearch.settings import Settings
from embeddings.encoder import ModelError, load_encoder
from embeddings.registry import activate_model, active_model, read_active_model
from embeddings.train import train_static_model
from tests.unit.embeddings.material import SMALL

Mart = psycopg.Connection[Any]


def test_a_trained_model_is_registered_active_and_opens(mart: Mart, settings: Settings, trained: str) -> None:
    model = active_model(str(settings.database_url))
    assert model is not None
    assert (model.model_id, model.dimensions) == (trained, 64)
    assert model.metrics["entries"] == 60
    assert load_encoder(model.path, settings.model_directory).model_id == trained
    assert mart.execute("select count(*) from embeddings.model where active").fetchone() == (1,)


def test_a_second_training_leaves_the_live_model_until_it_is_activated(
    mart: Mart, settings: Settings, trained: str
) -> None:
    training = replace(SMALL, seed=2, least_steps=2, most_steps=2)
    second = train_static_model(str(settings.database_url), settings.model_directory, 64, training)
    assert second.model_id != trained
    current = read_active_model(mart)
    assert current is not None
    assert current.model_id == trained
    activate_model(mart, second.model_id)
    current = read_active_model(mart)
    assert current is not None
    assert current.model_id == second.model_id
    activate_model(mart, trained)
    back = read_active_model(mart)
    assert back is not None
    assert back.model_id == trained


def test_activating_an_unknown_model_changes_nothing(mart: Mart, trained: str) -> None:
    with pytest.raises(ModelError, match="not registered"):
        activate_model(mart, "nobody@1")
    current = read_active_model(mart)
    assert current is not None
    assert current.model_id == trained


def test_a_warehouse_without_models_has_no_active_one(empty_database: str) -> None:
    assert active_model(empty_database) is None


def test_a_catalogue_in_one_language_cannot_teach(mart: Mart, settings: Settings) -> None:
    mart.execute("update staging_marts.dim_product_search set name_uk = null, name_pl = '-2146826246'")
    with pytest.raises(ModelError, match="nothing to train on"):
        train_static_model(str(settings.database_url), settings.model_directory, 64, SMALL)
    assert mart.execute("select count(*) from embeddings.model").fetchone() == (1,)


def test_a_missing_mart_is_named(empty_database: str, settings: Settings) -> None:
    with pytest.raises(ModelError, match="cordsearch transform"):
        train_static_model(empty_database, settings.model_directory, 64, SMALL)
