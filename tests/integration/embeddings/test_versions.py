"""Several versions side by side: built beside the live one, switched to, rolled back, collected."""

from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from cordsearch.database import connect
from cordsearch.settings import Settings
from embeddings import build, drain, garbage, mart_copy
from embeddings.batch import write_batch
from embeddings.build import build_version, roll_back, switch_version
from embeddings.encoder import ModelError, vector_table_name
from embeddings.garbage import collect_garbage
from embeddings.job import run_embedding_job
from embeddings.overview import models_table
from embeddings.registry import find_model, read_active_model
from embeddings.static_encoder import StaticEncoder
from embeddings.train import train_static_model
from tests.unit.embeddings.material import SMALL

Mart = psycopg.Connection[Any]
MART = "staging_marts.dim_product_search"


@pytest.fixture
def url(settings: Settings) -> str:
    return str(settings.database_url)


@pytest.fixture
def live(mart: Mart, settings: Settings, url: str, trained: str) -> str:
    """Id of the live version: built, indexed, active."""
    assert mart
    run_embedding_job(url, settings)
    return trained


def train_another(settings: Settings, dimensions: int = 64) -> str:
    training = replace(SMALL, seed=9, least_steps=2, most_steps=2)
    return train_static_model(str(settings.database_url), settings.model_directory, dimensions, training).model_id


def active(mart: Mart) -> str:
    model = read_active_model(mart)
    assert model is not None
    return model.model_id


def value(mart: Mart, query: str) -> Any:
    row = mart.execute(query).fetchone()
    assert row is not None
    return row[0]


def vectors_are_those_of(mart: Mart, settings: Settings, model_id: str, table: str, column: str = "embedding") -> None:
    """Compare the vectors in a table with what the encoder gives for the products' texts."""
    encoder = StaticEncoder.open(settings.model_directory / model_id)
    rows = mart.execute(
        f"select stored.{column}::text, product.name_ru, product.name_uk, product.name_pl from {table} as stored"
        f" inner join {MART} as product using (product_id) where product_id <= 20"
    ).fetchall()
    assert len(rows) == 20
    for vector, *names in rows:
        expected = encoder.encode_query(" ".join(dict.fromkeys(names)))
        assert np.allclose(np.fromstring(vector.strip("[]"), sep=","), expected, atol=2e-3)


@pytest.mark.parametrize("dimensions", [64, 32])
def test_a_version_is_built_beside_the_live_one_and_takes_over(
    mart: Mart, settings: Settings, url: str, live: str, dimensions: int
) -> None:
    second = train_another(settings, dimensions)
    report = build_version(url, settings, second, activate=False)
    assert (report.written, report.encoded_texts) == (60, 60)
    assert active(mart) == live
    vectors_are_those_of(mart, settings, live, f"embeddings.{vector_table_name(live)}")
    vectors_are_those_of(mart, settings, second, f"embeddings.{vector_table_name(second)}")
    report = build_version(url, settings, second)
    assert report.encoded_texts == 0
    assert active(mart) == second
    vectors_are_those_of(mart, settings, second, MART)
    assert value(mart, f"select count(*) from {MART} where embedding_model = '{second}'") == 60
    assert run_embedding_job(url, settings).written == 0


def test_recall_of_the_index_is_measured_and_kept(mart: Mart, settings: Settings, url: str, live: str) -> None:
    recall = find_model(mart, live).metrics["index"]
    assert recall["recall_at_10"] == pytest.approx(1.0, abs=0.05)
    assert recall["vectors"] == 60
    assert recall["queries"] == 60
    report = build_version(url, settings, train_another(settings, 32))
    assert report.recall is not None
    assert str(report.recall) in str(report)


def test_rolling_back_restores_the_version_before_and_what_changed_meanwhile(
    mart: Mart, settings: Settings, url: str, live: str
) -> None:
    second = train_another(settings, 32)
    build_version(url, settings, second)
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id = 7")
    run_embedding_job(url, settings)
    report = roll_back(url, settings)
    assert report.model_id == active(mart) == live
    assert (report.written, report.encoded_texts) == (1, 1)
    vectors_are_those_of(mart, settings, live, MART)
    assert value(mart, "select count(*) from embeddings.pending where model = '" + live + "'") == 0
    assert roll_back(url, settings).model_id == second


def test_without_an_earlier_version_there_is_nothing_to_roll_back_to(settings: Settings, url: str, live: str) -> None:
    assert live
    with pytest.raises(ModelError, match="No version that was in use before"):
        roll_back(url, settings)


def test_a_version_that_is_not_built_is_not_switched_to(mart: Mart, settings: Settings, live: str) -> None:
    second = train_another(settings)
    with pytest.raises(ModelError, match="not built"):
        switch_version(mart, second)
    assert active(mart) == live


def test_a_change_the_old_version_had_not_written_is_written_by_the_new_one(
    mart: Mart, settings: Settings, url: str, live: str
) -> None:
    second = train_another(settings)
    build_version(url, settings, second, activate=False)
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id = 7")
    build_version(url, settings, second)
    run_embedding_job(url, settings)
    assert active(mart) != live
    assert value(mart, f"select indexed_content_hash from {MART} where product_id = 7") == "new"
    assert value(mart, f"select search_vector @@ 'турбин:*'::tsquery from {MART} where product_id = 7")


def test_a_killed_build_goes_on_where_it_stopped(
    mart: Mart, settings: Settings, url: str, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = train_another(settings)
    original, calls = write_batch, []

    def killed_at_the_third(connection: Any, version: Any, batch: Any) -> int:
        calls.append(batch)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(connection, version, batch)

    monkeypatch.setattr(drain, "write_batch", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        build_version(url, settings, second)
    monkeypatch.setattr(drain, "write_batch", original)
    assert active(mart) == live
    assert build_version(url, settings, second).written == 40
    assert active(mart) == second


def test_a_switch_that_was_killed_before_the_copy_is_completed_by_the_next_run(
    mart: Mart, settings: Settings, url: str, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = train_another(settings, 32)

    def killed(*_: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build, "copy_all_to_mart", killed)
        with pytest.raises(KeyboardInterrupt):
            build_version(url, settings, second)
    assert active(mart) == second != live
    run_embedding_job(url, settings)
    vectors_are_those_of(mart, settings, second, MART)


def test_a_product_that_left_the_mart_leaves_the_vectors(mart: Mart, settings: Settings, url: str, live: str) -> None:
    mart.execute(f"delete from {MART} where product_id = 7")
    run_embedding_job(url, settings)
    assert value(mart, f"select count(*) from embeddings.{vector_table_name(live)} where product_id = 7") == 0
    assert value(mart, "select count(*) from embeddings.pending") == 0


def test_garbage_collection_keeps_the_active_and_the_newest(
    mart: Mart, settings: Settings, url: str, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = train_another(settings, 32), train_another(settings, 48)
    build_version(url, settings, second)
    build_version(url, settings, third)
    assert collect_garbage(mart, settings.model_directory, keep=0) == []  # they were in use a moment ago
    monkeypatch.setattr(garbage, "_GRACE", "0 seconds")
    assert collect_garbage(mart, settings.model_directory, keep=1) == [live]
    assert not (settings.model_directory / live).exists()
    assert (settings.model_directory / second).exists()
    assert value(mart, f"select to_regclass('embeddings.{vector_table_name(live)}')") is None
    assert value(mart, f"select count(*) from embeddings.vector_store where model = '{live}'") == 0
    assert active(mart) == third
    assert roll_back(url, settings).model_id == second


def test_garbage_collection_leaves_a_version_that_is_being_built(
    mart: Mart, settings: Settings, url: str, live: str
) -> None:
    assert live
    second = train_another(settings)
    with connect(url, autocommit=True) as other:
        mart.execute("update embeddings.model set vector_table = 'vectors_x' where model_id = %s", [second])
        other.execute(
            "insert into embeddings.pending (model, product_id, claimed_by, claimed_until)"
            " values (%s, 1, 1, now() + interval '1 minute')",
            [second],
        )
        assert collect_garbage(mart, settings.model_directory, keep=0) == []
        other.execute("update embeddings.pending set claimed_until = now() - interval '1 minute'")
        assert collect_garbage(mart, settings.model_directory, keep=0) == [second]


def test_the_list_names_every_version_and_its_state(mart: Mart, settings: Settings, live: str) -> None:
    second = train_another(settings)
    lines = models_table(mart).splitlines()
    assert {line.split()[0]: line.split()[-1] for line in lines[1:]} == {"active": live, "registered": second}


def test_a_model_is_found_by_the_beginning_of_its_id(mart: Mart, settings: Settings, live: str) -> None:
    second = train_another(settings)
    assert find_model(mart, second[:-4]).model_id == second
    with pytest.raises(ModelError, match="Several models begin"):
        find_model(mart, "cord-static@")
    with pytest.raises(ModelError, match=live):
        find_model(mart, "nobody")


def test_another_dimension_waits_for_a_long_reader_without_keeping_others_waiting(
    mart: Mart, settings: Settings, url: str, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live
    second = train_another(settings, 32)
    with connect(url) as reader:
        reader.execute(f"select count(*) from {MART}")
        monkeypatch.setattr(mart_copy, "sleep", lambda _: reader.commit())
        build_version(url, settings, second)
    assert value(mart, f"select count(*) from {MART} where vector_dims(embedding) = 32") == 60
    with connect(url) as reader:
        reader.execute(f"select count(*) from {MART}")
        monkeypatch.setattr(mart_copy, "sleep", lambda _: None)
        monkeypatch.setattr(mart_copy, "_MOST_TRIES", 2)
        with pytest.raises(ModelError, match="another length"):
            mart_copy.fit_column(mart, 64)
