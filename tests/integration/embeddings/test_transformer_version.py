"""A transformer takes over from the static model, and gives way again. The model is made here: no download."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from cordsearch.settings import Settings
from embeddings.build import build_version, roll_back
from embeddings.job import run_embedding_job
from embeddings.registry import read_active_model
from tests.tiny_transformer import build_tiny_model

pytestmark = [
    pytest.mark.transformers,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
pytest.importorskip("sentence_transformers", reason="needs the extra cordsearch[transformers]", exc_type=ImportError)


def test_a_transformer_of_another_dimension_takes_over_and_gives_way(
    mart: psycopg.Connection[Any], settings: Settings, trained: str, tmp_path: Path
) -> None:
    from embeddings.transformer_encoder import TransformerOptions  # noqa: PLC0415 - after the skip
    from embeddings.transformer_registry import register_transformer  # noqa: PLC0415

    url = str(settings.database_url)
    run_embedding_job(url, settings)
    model = register_transformer(url, str(build_tiny_model(tmp_path / "tiny")), TransformerOptions(dimensions=16))
    active = read_active_model(mart)
    assert active is not None
    assert active.model_id == trained

    report = build_version(url, settings, model.model_id)
    assert (report.written, report.encoded_texts) == (60, 60)
    query = "select count(*) from staging_marts.dim_product_search where vector_dims(embedding) = %s"
    assert mart.execute(query, [16]).fetchone() == (60,)
    active = read_active_model(mart)
    assert active is not None
    assert (active.model_id, active.options) == (model.model_id, {"dimensions": 16})

    roll_back(url, settings)
    assert mart.execute(query, [64]).fetchone() == (60,)
