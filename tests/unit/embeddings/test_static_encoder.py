import json
from pathlib import Path

import numpy as np
import pytest

from embeddings.bag import FloatMatrix
from embeddings.encoder import ModelError, load_encoder
from embeddings.static_encoder import StaticEncoder, save_model
from embeddings.text import BUCKETS


@pytest.fixture
def table() -> FloatMatrix:
    return np.random.default_rng(1).standard_normal((BUCKETS, 8), dtype=np.float32)


def test_a_saved_model_opens_under_its_id(tmp_path: Path, table: FloatMatrix) -> None:
    metadata = save_model(table, {"loss": 0.5}, tmp_path)
    encoder = load_encoder(metadata.model_id, tmp_path)
    assert encoder.model_id == metadata.model_id
    assert encoder.dimensions == 8
    assert json.loads((tmp_path / metadata.model_id / "model.json").read_text())["metrics"] == {"loss": 0.5}


def test_the_same_table_is_the_same_version_and_another_is_not(tmp_path: Path, table: FloatMatrix) -> None:
    first, again = save_model(table, {}, tmp_path), save_model(table, {}, tmp_path)
    other = save_model(table + 1, {}, tmp_path)
    assert first.model_id == again.model_id != other.model_id
    assert sorted(folder.name for folder in tmp_path.iterdir()) == sorted({first.model_id, other.model_id})


def test_a_missing_model_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cordsearch embed train"):
        load_encoder("cord-static@000000000000", tmp_path)


@pytest.mark.parametrize("damage", ["{", "{}", '{"name": 1}'])
def test_damaged_metadata_is_reported(tmp_path: Path, table: FloatMatrix, damage: str) -> None:
    folder = tmp_path / save_model(table, {}, tmp_path).model_id
    (folder / "model.json").write_text(damage)
    with pytest.raises(ModelError, match="damaged"):
        StaticEncoder.open(folder)


def test_a_cut_off_table_is_reported(tmp_path: Path, table: FloatMatrix) -> None:
    folder = tmp_path / save_model(table, {}, tmp_path).model_id
    (folder / "table.npy").write_bytes((folder / "table.npy").read_bytes()[:1000])
    with pytest.raises(ModelError, match="damaged"):
        StaticEncoder.open(folder)


def test_a_table_of_other_features_is_refused(tmp_path: Path, table: FloatMatrix) -> None:
    folder = tmp_path / save_model(table, {}, tmp_path).model_id
    described = json.loads((folder / "model.json").read_text()) | {"features_version": 0}
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match="another version"):
        StaticEncoder.open(folder)
