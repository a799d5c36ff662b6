from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg
import pytest

from cordsearch.analysis.stem import stem
from cordsearch.settings import Settings
from embeddings import batch, drain, job, vocabulary
from embeddings.encoder import Encoder, ModelError, vector_table_name
from embeddings.job import EmbeddingReport, run_embedding_job
from embeddings.static_encoder import StaticEncoder
from embeddings.versions import supplier_index_name, vector_index_name

Mart = psycopg.Connection[Any]
MART = "staging_marts.dim_product_search"


def run(settings: Settings) -> EmbeddingReport:
    return run_embedding_job(str(settings.database_url), settings)


def versions(mart: Mart) -> dict[int, str]:
    """Return which physical version of each row is there: a row that was not written keeps it."""
    return dict(mart.execute(f"select product_id, xmin::text from {MART}").fetchall())


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is encoded during the test."""
    texts: list[str] = []
    original = StaticEncoder.encode_texts

    def spy(self: StaticEncoder, batch_texts: Sequence[str]) -> Any:
        texts.extend(batch_texts)
        return original(self, batch_texts)

    monkeypatch.setattr(StaticEncoder, "encode_texts", spy)
    return texts


def test_every_product_gets_its_vector_and_document(mart: Mart, settings: Settings, trained: str) -> None:
    report = run(settings)
    assert (report.written, report.products) == (60, 60)
    row = mart.execute(f"""
        select count(*) filter (where abs(l2_norm(embedding) - 1) < 0.01 and embedding_model = '{trained}'
            and indexed_content_hash = content_hash and search_vector <> '') from {MART}
    """).fetchone()
    assert row == (60,)


def test_vector_search_crosses_languages(mart: Mart, settings: Settings, trained: str) -> None:
    run(settings)
    encoder = StaticEncoder.open(settings.model_directory / trained)
    query = "[" + ",".join(map(str, encoder.encode_query("łożysko piasty man tga"))) + "]"
    mart.execute(f"update {MART} set name_pl = null where name_pl like 'łożysko%'")
    row = mart.execute(f"select name_ru from {MART} order by embedding <=> %s::halfvec limit 1", [query]).fetchone()
    assert row == ("подшипник ступицы MAN TGA",)


def test_the_document_is_the_tsvector_postgresql_would_read_from_text(mart: Mart, settings: Settings) -> None:
    mart.execute(
        f"update {MART} set name_ru = %s, content_hash = 'odd' where product_id = 1", ["Д'Артаньян \\ XF105 фара"]
    )
    run(settings)
    row = mart.execute(
        f"select search_vector::text, search_vector::text::tsvector = search_vector from {MART} where product_id = 1"
    ).fetchone()
    assert row is not None
    assert row[1]
    assert "'xf105':" in row[0]
    found = mart.execute(f"select product_id from {MART} where search_vector @@ 'xf105:A & 105:A'::tsquery").fetchall()
    assert (1,) in found


def test_a_second_run_writes_nothing(mart: Mart, settings: Settings, encoded: list[str]) -> None:
    run(settings)
    before = versions(mart)
    encoded.clear()
    assert run(settings).written == 0
    assert versions(mart) == before
    assert encoded == []


def test_only_a_changed_product_is_touched(mart: Mart, settings: Settings, encoded: list[str]) -> None:
    run(settings)
    before = versions(mart)
    mart.execute(f"update {MART} set name_ru = 'фонарь', content_hash = 'new' where product_id = 7")
    mart.execute(f"update {MART} set available_quantity = 5 where product_id = 8")
    encoded.clear()
    assert run(settings).written == 1
    after = versions(mart)
    assert {key for key in after if after[key] != before[key]} == {7, 8}
    assert len(encoded) == 1


def test_vectors_survive_a_full_refresh_without_encoding(mart: Mart, settings: Settings, encoded: list[str]) -> None:
    run(settings)
    before = mart.execute(f"select product_id, embedding::text from {MART} order by 1").fetchall()
    mart.execute(
        f"update {MART} set embedding = null, embedding_model = null, indexed_content_hash = null, search_vector = null"
    )
    encoded.clear()
    report = run(settings)
    assert (report.written, report.encoded_texts, report.restored_texts) == (60, 0, 60)
    assert encoded == []
    assert mart.execute(f"select product_id, embedding::text from {MART} order by 1").fetchall() == before


def test_products_with_equal_texts_are_encoded_once(mart: Mart, settings: Settings, encoded: list[str]) -> None:
    mart.execute(f"update {MART} set name_ru = 'фара', name_uk = null, name_pl = null")
    run(settings)
    assert encoded == ["фара"]


def test_a_killed_job_goes_on_where_it_stopped(mart: Mart, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = batch.write_batch, []

    def killed_at_the_fourth(connection: Mart, version: batch.Version, prepared: batch.PreparedBatch) -> int:
        calls.append(prepared)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(connection, version, prepared)

    monkeypatch.setattr(drain, "write_batch", killed_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        run(settings)
    done = mart.execute(f"select count(*) from {MART} where embedding is not null").fetchone()
    assert done == (30,)
    monkeypatch.setattr(drain, "write_batch", original)
    assert run(settings).written == 30
    assert mart.execute(f"select count(*) from {MART} where embedding is null").fetchone() == (0,)


def test_a_product_changed_while_it_was_encoded_is_taken_up_again(
    mart: Mart, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = batch.prepare_batch

    def change_while_encoding(
        connection: Mart, encoder: Encoder, version: batch.Version, claims: Any, stored: Any
    ) -> batch.PreparedBatch:
        monkeypatch.setattr(drain, "prepare_batch", original)
        prepared = original(connection, encoder, version, claims, stored)
        mart.execute(f"update {MART} set name_ru = 'фонарь', content_hash = 'new' where product_id = 3")
        return prepared

    monkeypatch.setattr(drain, "prepare_batch", change_while_encoding)
    report = run(settings)
    assert (report.pending, report.written) == (60, 60)
    assert mart.execute(f"select indexed_content_hash from {MART} where product_id = 3").fetchone() == ("new",)


def test_a_product_without_text_is_indexed_without_a_vector(mart: Mart, settings: Settings) -> None:
    mart.execute(f"update {MART} set name_ru = null, name_uk = '-2146826246', name_pl = '' where product_id = 5")
    run(settings)
    row = mart.execute(
        f"select embedding, indexed_content_hash is not null from {MART} where product_id = 5"
    ).fetchone()
    assert row == (None, True)
    assert run(settings).written == 0


def test_a_first_build_orders_the_table_and_indexes_it(
    mart: Mart, settings: Settings, trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_FEWEST_TO_REBUILD", 10)
    report = run(settings)
    assert report.rebuilt
    assert set(report.indexes_built) == {
        vector_index_name(trained),
        supplier_index_name(trained),
        "dim_product_search_words_and_filters",
        "dim_product_search_words_and_filters_best",
        "dim_product_search_vendor_code",
    }
    quality = [row[0] for row in mart.execute(f"select static_quality from {MART} order by ctid")]
    assert quality == sorted(quality, reverse=True)
    left = mart.execute("select count(*) from pg_class where relname = 'dim_product_search_heap_order'").fetchone()
    assert left == (0,)
    assert run(settings).indexes_built == ()


def vendor_codes(mart: Mart, model_id: str) -> list[str]:
    """Return them as the vectors lie in their table."""
    rows = mart.execute(f"select vendor_code from embeddings.{vector_table_name(model_id)} order by ctid").fetchall()
    return [row[0] for row in rows]


def test_the_vectors_of_a_supplier_lie_side_by_side_once_they_are_indexed(
    mart: Mart, settings: Settings, trained: str
) -> None:
    mart.execute(f"update {MART} set vendor_code_normalised = chr(65 + (product_id % 7)::integer) || product_id")
    run(settings)
    laid = vendor_codes(mart, trained)
    assert len(laid) == 60
    assert laid == sorted(laid)
    mart.execute(f"update {MART} set vendor_code_normalised = 'A0', content_hash = 'new' where product_id = 60")
    run(settings)
    assert vendor_codes(mart, trained)[-1] == "A0"  # a change is no reason to rewrite the table


def test_vectors_of_an_earlier_release_get_their_index_of_suppliers_and_stay_where_they_are(
    mart: Mart, settings: Settings, trained: str
) -> None:
    mart.execute(f"update {MART} set vendor_code_normalised = chr(65 + (product_id % 7)::integer) || product_id")
    run(settings)
    table = f"embeddings.{vector_table_name(trained)}"
    mart.execute(f"drop index embeddings.{supplier_index_name(trained)}")
    stored = mart.execute("select pg_relation_filenode(%s)", [table]).fetchone()
    assert run(settings).indexes_built == (supplier_index_name(trained),)
    assert mart.execute("select pg_relation_filenode(%s)", [table]).fetchone() == stored


def test_a_lost_index_is_built_again(mart: Mart, settings: Settings, trained: str) -> None:
    run(settings)
    mart.execute(f"drop index embeddings.{vector_index_name(trained)}")
    assert run(settings).indexes_built == (vector_index_name(trained),)


def test_the_dictionary_knows_words_and_completions(mart: Mart, settings: Settings) -> None:
    run(settings)
    term = mart.execute("select * from staging_marts.search_term where word = 'гальмівні'").fetchone()
    assert term is not None
    assert term[2:] == (6, "cyrillic")
    near = mart.execute("select word from staging_marts.search_term where word % 'гальмивні'").fetchall()
    assert ("гальмівні",) in near
    row = mart.execute(
        "select text, product_count from staging_marts.search_suggestion where text_normalised = 'klocki hamulcowe'"
    ).fetchone()
    assert row == ("klocki hamulcowe", 6)


def test_the_dictionary_knows_what_else_parts_are_called(mart: Mart, settings: Settings) -> None:
    mart.execute(f"update {MART} set synonyms = 'ferodo', content_hash = 'new' where name_pl like 'klocki hamulcowe%'")
    run(settings)
    query = "select whole, names from staging_marts.search_other_name where phrase = %s"
    row = mart.execute(query, [stem("ferodo")]).fetchone()
    assert row is not None
    assert (row[0], row[1][-1]) == (False, "klocki hamulcowe")


@pytest.mark.parametrize("table", ["search_other_name", "search_vehicle_model"])
def test_a_dictionary_of_an_older_release_is_built_anew(mart: Mart, settings: Settings, table: str) -> None:
    run(settings)
    mart.execute(f"drop table staging_marts.{table}")
    run(settings)
    assert mart.execute("select to_regclass(%s) is not null", [f"staging_marts.{table}"]).fetchone() == (True,)


def test_many_changes_rebuild_the_dictionary_beside_the_live_one(mart: Mart, settings: Settings) -> None:
    run(settings)
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id <= 2")
    run(settings)
    assert mart.execute("select document_count from staging_marts.search_term where word = 'турбина'").fetchone() == (
        2,
    )
    tables = mart.execute("select count(*) from pg_tables where tablename like 'search_%'").fetchone()
    assert tables == (4,)


def test_a_single_change_adds_its_words_without_a_rebuild(
    mart: Mart, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings)
    monkeypatch.setattr(vocabulary, "_REBUILD_FRACTION", 0.02)  # one of sixty products
    before = mart.execute("select built from embeddings.dictionary_build").fetchone()
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id = 1")
    run(settings)
    assert mart.execute("select built from embeddings.dictionary_build").fetchone() == before
    assert mart.execute("select document_count from staging_marts.search_term where word = 'турбина'").fetchone() == (
        1,
    )
    assert mart.execute("select text from staging_marts.search_suggestion where text = 'турбина'").fetchone()
    mart.execute(f"update {MART} set name_ru = 'стартер', content_hash = 'newer' where product_id = 2")
    run(settings)
    assert mart.execute("select built from embeddings.dictionary_build").fetchone() != before


def test_without_a_model_the_error_says_how_to_get_one(mart: Mart, settings: Settings) -> None:
    mart.execute("delete from embeddings.model")
    with pytest.raises(ModelError, match="cordsearch embed train"):
        run(settings)


def test_stored_vectors_are_what_the_encoder_gives(mart: Mart, settings: Settings, trained: str) -> None:
    run(settings)
    row = mart.execute(f"select embedding::text, name_ru, name_uk, name_pl from {MART} where product_id = 4").fetchone()
    assert row is not None
    text = " ".join(dict.fromkeys(row[1:]))
    expected = StaticEncoder.open(settings.model_directory / trained).encode_query(text)
    assert np.allclose(np.fromstring(row[0].strip("[]"), sep=","), expected, atol=2e-3)
