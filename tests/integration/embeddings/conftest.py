"""A small mart with sixty products and a model trained on them, made once; every test writes to a copy of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cordsearch.database import connect, create_database, database_url, prepare_extensions
from cordsearch.settings import Settings
from embeddings.train import train_static_model
from tests.unit.embeddings.material import SMALL, parallel_names

TEMPLATE = "embeddings_template"
ROWS = """
insert into staging_marts.dim_product_search (
    product_id, name_ru, name_uk, name_pl, category_names, group_names, content_hash, popularity, static_quality, tier
) values (
    %s, %s, %s, %s, '{Запчасти}', '{Группа}', md5(concat_ws('|', %s::text, %s::text, %s::text)),
    0.5, (%s %% 10) / 10.0, case when %s %% 10 = 9 then 0 else 1 end
)
"""


@pytest.fixture(scope="session")
def trained_mart(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Id of the model trained on the template database, and the directory it is in."""
    create_database(postgres_url, TEMPLATE)
    url = database_url(postgres_url, TEMPLATE)
    prepare_extensions(url)
    with connect(url, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "mart.sql").read_text(encoding="utf-8"))
        for number, names in enumerate(parallel_names(), start=1):
            texts = names[:3]
            connection.execute(ROWS, [number, *texts, *texts, number, number])
    directory = tmp_path_factory.mktemp("models")
    return train_static_model(url, directory, 64, SMALL).model_id, directory


@pytest.fixture
def mart_url(trained_mart: tuple[str, Path], new_database: Callable[[str | None], str]) -> str:
    """URL of this test's copy."""
    assert trained_mart
    return new_database(TEMPLATE)


@pytest.fixture
def mart(mart_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Connection to this test's copy, each statement its own transaction."""
    with connect(mart_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def settings(mart_url: str, trained_mart: tuple[str, Path], tmp_path: Path) -> Settings:
    """Settings of a job on that copy, ten products at a time."""
    settings = Settings(
        DATABASE_URL=mart_url, data_directory=tmp_path, embedding_dimensions=64, embedding_batch_size=10
    )
    shutil.copytree(trained_mart[1], settings.model_directory)
    return settings


@pytest.fixture
def trained(trained_mart: tuple[str, Path]) -> str:
    """Id of the active model."""
    return trained_mart[0]
