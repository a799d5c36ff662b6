"""Which products are taken up, by whom, and what becomes of a worker's share when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import psycopg
import pytest

from cordsearch.analysis import lexemes
from cordsearch.analysis.stem import stem
from cordsearch.database import connect
from cordsearch.settings import Settings
from embeddings import dictionary, search_document
from embeddings.batch import Version, prepare_batch, write_batch
from embeddings.drain import Pace, Worker
from embeddings.encoder import ModelError, vector_table_name
from embeddings.failures import read_dead_letters, retry_dead_letters
from embeddings.job import run_embedding_job
from embeddings.queue import WorkQueue
from embeddings.registry import read_active_model
from embeddings.static_encoder import StaticEncoder
from embeddings.versions import prepare_version

Mart = psycopg.Connection[Any]
MART = "staging_marts.dim_product_search"
BEFORE_ALL = -(2**63)


@pytest.fixture
def url(settings: Settings) -> str:
    return str(settings.database_url)


def queued(mart: Mart) -> list[int]:
    return [row[0] for row in mart.execute("select product_id from embeddings.pending order by 1")]


def count(mart: Mart, query: str) -> int:
    row = mart.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def documents(mart: Mart) -> list[str]:
    """Lexemes of Cyrillic words; other ones may be codes, which have no stem."""
    return [
        row[0]
        for row in mart.execute(
            f"select distinct lexeme from {MART}, unnest(search_vector) as entry (lexeme) where lexeme ~ '[а-яі]'"
        )
    ]


def vectors_of(mart: Mart, model_id: str) -> list[tuple[Any, ...]]:
    """Vectors of a version, each with the place and the writer of its row."""
    table = f"embeddings.{vector_table_name(model_id)}"
    return mart.execute(f"select product_id, embedding::text, ctid, xmin from {table} order by 1").fetchall()


def clear_analysis_caches() -> None:
    for cached in (lexemes._chunk_lexemes, search_document._lexemes_of_field, search_document.search_vector):
        cached.cache_clear()


def test_only_changes_that_concern_a_vector_or_a_document_are_queued(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"update {MART} set available_quantity = 5, content_hash = content_hash where product_id = 1")
    assert queued(mart) == []
    mart.execute(f"update {MART} set content_hash = 'new' where product_id = 2")
    mart.execute(f"update {MART} set vendor_code_normalised = 'SEM1' where product_id = 3")
    mart.execute(f"insert into {MART} (product_id, name_ru, content_hash) values (100, 'турбина', 'x')")
    mart.execute(f"delete from {MART} where product_id = 4")
    assert queued(mart) == [2, 3, 4, 100]
    report = run_embedding_job(url, settings)
    assert (report.pending, report.written) == (4, 3)
    assert queued(mart) == []
    table = f"embeddings.{vector_table_name(report.model_id)}"
    stored = dict(
        mart.execute(f"select product_id, vendor_code from {table} where product_id in (3, 4, 100)").fetchall()
    )
    assert stored == {3: "SEM1", 100: None}


def test_a_stock_change_stays_a_heap_only_update(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"alter table {MART} set (fillfactor = 50)")
    mart.execute(f"vacuum full {MART}")
    with connect(url) as writer:
        writer.execute(f"update {MART} set available_quantity = 5 where product_id = 1")
        row = writer.execute(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'dim_product_search'"
        ).fetchone()
    assert row == (1, 1)


def test_a_new_table_without_triggers_is_compared_whole(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"create table staging_marts.made_anew as table {MART}")
    mart.execute(
        "update staging_marts.made_anew set embedding = null, indexed_content_hash = null, search_vector = null"
    )
    mart.execute(f"drop table {MART}")
    mart.execute("alter table staging_marts.made_anew rename to dim_product_search")
    report = run_embedding_job(url, settings)
    assert (report.written, report.encoded_texts) == (60, 0)
    assert count(mart, f"select count(*) from {MART} where embedding is null or search_vector is null") == 0
    mart.execute(f"update {MART} set content_hash = 'new' where product_id = 2")
    assert queued(mart) == [2]


def test_a_check_finds_what_no_trigger_saw(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"alter table {MART} disable trigger all")
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id = 2")
    mart.execute(f"alter table {MART} enable trigger all")
    assert run_embedding_job(url, settings).written == 0
    assert run_embedding_job(url, settings, check=True).written == 1


def test_two_workers_share_the_work_and_none_is_done_twice(mart: Mart, settings: Settings, url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        reports = [run.result() for run in [threads.submit(run_embedding_job, url, settings) for _ in range(4)]]
    assert sum(report.written for report in reports) == 60
    assert count(mart, f"select count(*) from {MART} where embedding is null") == 0
    built = [name for report in reports for name in report.indexes_built]
    assert len(built) == len(set(built)) == 5
    assert queued(mart) == []


def test_workers_claim_different_products_and_a_dead_worker_loses_its_claims(
    mart: Mart, settings: Settings, url: str, trained: str
) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"update {MART} set content_hash = 'new'")
    first, second = connect(url, autocommit=True), connect(url, autocommit=True)
    taken = WorkQueue(first, trained).claim(40, BEFORE_ALL)
    rest = WorkQueue(second, trained)
    assert [claim.product_id for claim in rest.claim(100, BEFORE_ALL)] == list(range(41, 61))
    assert rest.claim(100, BEFORE_ALL) == []
    first.close()
    assert _eventually_claimed(rest) == [claim.product_id for claim in taken]
    second.close()
    assert run_embedding_job(url, settings).written == 60


def _eventually_claimed(queue: WorkQueue) -> list[int]:
    """The server needs a moment to notice that a connection is gone."""
    for _ in range(100):
        if claims := queue.claim(100, BEFORE_ALL):
            return [claim.product_id for claim in claims]
        time.sleep(0.05)
    return []


def test_a_worker_that_was_taken_for_dead_writes_nothing(
    mart: Mart, settings: Settings, url: str, trained: str
) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id = 7")
    encoder = StaticEncoder.open(settings.model_directory / trained)
    with connect(url, autocommit=True) as slow:
        queue = WorkQueue(slow, trained)
        version = Version(trained, is_active=True, worker=queue.worker)
        batch = prepare_batch(slow, encoder, version, queue.claim(10, BEFORE_ALL))
        mart.execute("update embeddings.pending set claimed_until = now() - interval '1 second'")
        mart.execute(f"update {MART} set name_ru = 'зеркало' where product_id = 7")  # the hash does not tell
        assert run_embedding_job(url, settings).written == 1
        assert write_batch(slow, version, batch) == 0
    row = mart.execute(f"select search_vector @@ 'зеркал:*'::tsquery from {MART} where product_id = 7").fetchone()
    assert row == (True,)


def test_a_batch_waits_for_nobody_who_is_writing_the_mart(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"update {MART} set content_hash = 'new' where product_id <= 2")
    with connect(url) as refresh:
        refresh.execute(f"update {MART} set content_hash = 'newer' where product_id = 2")
        assert run_embedding_job(url, settings).written == 1
        refresh.commit()
    assert run_embedding_job(url, settings).written == 1
    assert count(mart, f"select count(*) from {MART} where indexed_content_hash is distinct from content_hash") == 0


def test_what_could_not_be_written_is_given_back(mart: Mart, settings: Settings, url: str, trained: str) -> None:
    run_embedding_job(url, settings)
    mart.execute(f"update {MART} set content_hash = 'new' where product_id <= 2")
    encoder = StaticEncoder.open(settings.model_directory / trained)
    with connect(url) as stock, connect(url, autocommit=True) as reader, connect(url, autocommit=True) as writer:
        stock.execute(f"update {MART} set available_quantity = 5 where product_id = 2")
        worker = Worker(reader, writer, encoder, Pace(10), is_active=True)
        assert worker.drain(2).written == 1
        assert queued(mart) == [2]
        stock.commit()
        assert worker.drain(1).written == 1


KILLED = """
import os, sys
from cordsearch.settings import Settings
from embeddings import drain
from embeddings.job import run_embedding_job
settings = Settings(DATABASE_URL=sys.argv[1], data_directory=sys.argv[2], embedding_batch_size=10)
write, batches = drain.write_batch, []
def write_some(connection, version, batch):
    batches.append(batch)
    if len(batches) == 4:
        with connection.transaction():
            write(connection, version, batch)
            print("in the middle", flush=True)
            sys.stdin.read()
    return write(connection, version, batch)
drain.write_batch = write_some
run_embedding_job(sys.argv[1], settings)
"""


def test_a_job_killed_in_the_middle_of_a_batch_loses_nothing(mart: Mart, settings: Settings, url: str) -> None:
    arguments = [sys.executable, "-c", KILLED, url, str(settings.data_directory)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "in the middle\n"
        assert count(mart, f"select count(*) from {MART} where embedding is not null") == 30
        os.kill(job.pid, signal.SIGKILL)
    written = 0
    for _ in range(100):
        written += run_embedding_job(url, settings).written
        if not queued(mart):
            break
        time.sleep(0.05)
    assert written == 30
    assert count(mart, f"select count(*) from {MART} where embedding is null") == 0


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts with one of these words fail to be encoded during the test."""
    poison: list[str] = []
    original = StaticEncoder.encode_texts

    def fail(self: StaticEncoder, texts: Sequence[str]) -> Any:
        if any(word in text for word in poison for text in texts):
            raise RuntimeError("the model choked")
        return original(self, texts)

    monkeypatch.setattr(StaticEncoder, "encode_texts", fail)
    return poison


def test_a_text_that_cannot_be_encoded_is_parked_and_the_job_goes_on(
    mart: Mart, settings: Settings, url: str, poisoned: list[str]
) -> None:
    mart.execute(f"update {MART} set name_ru = 'турбина' where product_id in (7, 33)")
    poisoned.append("турбина")
    report = run_embedding_job(url, settings)
    assert (report.written, report.failed) == (60, 2)
    assert "dead-letters" in str(report)
    assert sorted((letter.product_id, letter.error) for letter in read_dead_letters(mart)) == [
        (7, "RuntimeError: the model choked"),
        (33, "RuntimeError: the model choked"),
    ]
    row = mart.execute(
        f"select embedding is null, search_vector @@ 'турбин:*'::tsquery from {MART} where product_id = 7"
    ).fetchone()
    assert row == (True, True)
    assert run_embedding_job(url, settings).written == 0

    assert retry_dead_letters(mart) == 2
    assert run_embedding_job(url, settings).failed == 2
    poisoned.clear()
    assert retry_dead_letters(mart) == 2
    report = run_embedding_job(url, settings)
    assert (report.written, report.failed) == (2, 0)
    assert read_dead_letters(mart) == []
    assert count(mart, f"select count(*) from {MART} where embedding is null") == 0


def test_a_vector_that_is_not_finite_is_a_dead_letter(
    mart: Mart, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = StaticEncoder.encode_texts

    def broken(self: StaticEncoder, texts: Sequence[str]) -> Any:
        vectors = original(self, texts)
        vectors[["tga" in text.lower() for text in texts]] = np.nan
        return vectors

    monkeypatch.setattr(StaticEncoder, "encode_texts", broken)
    report = run_embedding_job(url, settings)
    assert (report.written, report.failed) == (60, 10)
    assert count(mart, f"select count(*) from {MART} where embedding is null") == 10


def test_a_model_that_encodes_nothing_stops_the_job(
    mart: Mart, settings: Settings, url: str, poisoned: list[str]
) -> None:
    poisoned.append("")
    settings = settings.model_copy(update={"embedding_batch_size": 60})
    with pytest.raises(ModelError, match="could not encode any of 60 texts"):
        run_embedding_job(url, settings)
    assert read_dead_letters(mart) == []
    poisoned.clear()
    assert run_embedding_job(url, settings).written == 60


def test_resting_changes_the_pace_and_not_the_outcome(mart: Mart, settings: Settings, url: str) -> None:
    report = run_embedding_job(url, settings.model_copy(update={"embedding_rest": 0.1}))
    assert (report.written, report.encoded_texts) == (60, 60)
    assert count(mart, f"select count(*) from {MART} where embedding is null") == 0


def test_a_stale_dictionary_is_left_to_another_job(mart: Mart, settings: Settings, url: str) -> None:
    run_embedding_job(url, settings)
    before = mart.execute("select built from embeddings.dictionary_build").fetchone()
    mart.execute(f"update {MART} set name_ru = 'турбина', content_hash = 'new' where product_id <= 10")
    report = run_embedding_job(url, settings, rebuild_dictionary=False)
    assert report.dictionary_is_stale
    assert mart.execute("select built from embeddings.dictionary_build").fetchone() == before
    assert count(mart, "select count(*) from staging_marts.search_term where word = 'турбина'") == 1
    report = run_embedding_job(url, settings)
    assert not report.dictionary_is_stale
    assert count(mart, "select document_count from staging_marts.search_term where word = 'турбина'") == 10


def test_documents_of_other_rules_of_analysis_are_written_anew(
    mart: Mart, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_id = run_embedding_job(url, settings).model_id
    before = documents(mart)
    vectors = vectors_of(mart, model_id)
    monkeypatch.setattr("embeddings.queue.ANALYSIS_VERSION", 1_000)
    for module in (lexemes, dictionary):
        monkeypatch.setattr(module, "stem", lambda word: f"{stem(word)}!")
    clear_analysis_caches()
    try:
        report = run_embedding_job(url, settings)
    finally:
        monkeypatch.undo()
        clear_analysis_caches()
    assert (report.written, report.encoded_texts) == (60, 0)
    assert set(documents(mart)) == {f"{lexeme}!" for lexeme in before}
    assert vectors_of(mart, model_id) == vectors
    assert count(mart, "select count(*) from staging_marts.search_term where lexeme not like '%!'") == 0


def test_documents_are_not_written_anew_twice(settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_embedding_job(url, settings)
    monkeypatch.setattr("embeddings.queue.ANALYSIS_VERSION", 1_000)
    assert [run_embedding_job(url, settings).written for _ in range(2)] == [60, 0]


def test_a_batch_that_the_release_before_was_writing_is_not_taken_for_this_ones(
    mart: Mart, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_id = run_embedding_job(url, settings).model_id
    mart.execute(f"update {MART} set content_hash = 'new' where product_id = 2")
    encoder = StaticEncoder.open(settings.model_directory / model_id)
    with connect(url, autocommit=True) as reader, connect(url, autocommit=True) as writer:
        queue = WorkQueue(reader, model_id)
        version = Version(model_id, is_active=True, worker=queue.worker)
        batch = prepare_batch(reader, encoder, version, queue.claim(10, BEFORE_ALL))
        monkeypatch.setattr("embeddings.queue.ANALYSIS_VERSION", 1_000)
        model = read_active_model(mart)
        assert model is not None
        prepare_version(mart, model, encoder, check=False)
        assert write_batch(writer, version, batch) == 0
    assert len(queued(mart)) == 60
