"""Duties that no change at the source asks for."""

from pathlib import Path

import psycopg
import pytest

from cordsearch.database import connect
from cordsearch.settings import Settings
from cordsearch.worker.duties import Duties
from embeddings.registry import active_model, read_models

WORDS = "select count(*) from staging_marts.search_term where word = 'зюмбрик'"
WAITING = """
    select count(*) from staging_marts.dim_product_search
    where embedding_model is distinct from %s or indexed_content_hash is distinct from content_hash
"""


def test_a_retrained_encoder_takes_over_with_all_its_vectors(catalogue_database: str, tmp_path: Path) -> None:
    settings = Settings(DATABASE_URL=catalogue_database, data_directory=tmp_path)
    before = active_model(catalogue_database)
    assert before is not None
    with connect(catalogue_database) as connection:  # other names make another encoder
        connection.execute("update staging_marts.dim_product_search set name_pl = name_ru where product_id % 3 = 0")
    duties = Duties(settings, catalogue_database, (), lambda: False)
    duties.train()
    duties.close()
    after = active_model(catalogue_database)
    assert after is not None
    assert after.model_id != before.model_id
    with connect(catalogue_database) as connection:
        assert connection.execute(WAITING, [after.model_id]).fetchone() == (0,)
        kept = {model.model_id for model in read_models(connection)}
    assert {before.model_id, after.model_id} <= kept


def test_the_dictionary_is_counted_in_a_process_of_its_own(catalogue_database: str, tmp_path: Path) -> None:
    settings = Settings(DATABASE_URL=catalogue_database, data_directory=tmp_path)
    with connect(catalogue_database) as connection:
        connection.execute("update staging_marts.dim_product_search set name_uk = 'Зюмбрик' where product_id < 50")
        assert connection.execute(WORDS).fetchone() == (0,)
    duties = Duties(settings, catalogue_database, (), lambda: False)
    assert duties.count_words() == "the dictionary was counted anew"
    with connect(catalogue_database) as connection:
        assert connection.execute(WORDS).fetchone() == (1,)
        connection.execute("drop table staging_marts.dim_product_search cascade")
    with pytest.raises(psycopg.errors.UndefinedTable):  # what goes wrong there is told here
        duties.count_words()
    duties.close()
