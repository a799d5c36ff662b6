"""``cordsearch embed`` as a person types it."""

from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from cordsearch.cli import app
from cordsearch.settings import Settings
from cordsearch.worker.backends import APPLICATION_NAME
from embeddings.contrastive import TrainingSettings
from embeddings.train import train_static_model
from tests.unit.embeddings.material import SMALL


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("CORDSEARCH_DATA_DIRECTORY", str(settings.data_directory))
    monkeypatch.setenv("CORDSEARCH_EMBEDDING_DIMENSIONS", "64")
    monkeypatch.setenv("CORDSEARCH_WORKER_NICENESS", "0")  # the commands run in this process


def embed(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["embed", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_model_is_built_switched_to_and_rolled_back(settings: Settings, trained: str) -> None:
    assert "60 of 60 products written" in embed("run")
    training = TrainingSettings(dimensions=32, batch=SMALL.batch, least_steps=2, most_steps=2)
    second = train_static_model(str(settings.database_url), settings.model_directory, 32, training).model_id
    assert "60 of 60 products written" in embed("run", "--model", second, "--no-switch", "--rest", "0.1")
    states = {line.split()[-1]: line.split()[0] for line in embed("models").splitlines()[1:]}
    assert states == {trained: "active", second: "built"}
    assert "recall@10" in embed("models")
    embed("run", "--model", second)
    assert f"Active encoder: {trained}" in embed("rollback")
    assert embed("collect-garbage", "--keep", "0") == "Nothing to delete.\n"  # it was in use a moment ago


def test_a_second_training_says_how_to_switch(mart: psycopg.Connection[Any]) -> None:
    mart.execute("update staging_marts.dim_product_search set name_pl = null where product_id < 10")
    said = embed("train")
    assert "cordsearch embed run --model cord-static@" in said


def test_dead_letters_are_listed_and_retried(mart: psycopg.Connection[Any], trained: str) -> None:
    embed("run")
    mart.execute(
        "insert into embeddings.dead_letter (model, product_id, text, error) values (%s, 7, 'фара', 'choked')",
        [trained],
    )
    assert f"product 7 {trained}: choked\n    фара\n" in embed("dead-letters", "list")
    assert "1 products are queued again" in embed("dead-letters", "retry")
    assert "1 of 60 products written" in embed("run")
    assert embed("dead-letters", "list") == ""


def test_a_worker_takes_its_sessions_for_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[tuple[str]] = []

    def job(url: str, _settings: Settings, *, check: bool) -> None:  # noqa: ARG001
        with psycopg.connect(url) as connection:
            names.extend(connection.execute("select current_setting('application_name')").fetchall())

    monkeypatch.setattr("embeddings.job.run_embedding_job", job)
    embed("run")
    assert names == [(APPLICATION_NAME,)]


def test_a_check_compares_every_product(trained: str) -> None:
    assert trained in embed("run", "--check")
