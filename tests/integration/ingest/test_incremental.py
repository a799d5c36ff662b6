"""SOURCE -> BRONZE kept up to date: every change arrives once, whatever happens on the way."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from ingest import change_page, change_writer, failures
from ingest.change_source import ChangeReader
from ingest.change_writer import ChangeWriter
from ingest.checkpoint import TableKey
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_report import IncrementalFailedError
from ingest.snapshot import run_snapshot
from ingest.sources import SourceDatabase
from ingest.tables import TABLES, TABLES_BY_NAME
from ingest.warehouse_session import WarehouseSession
from tests.integration.ingest.following import (
    NOON,
    ROWS,
    add,
    ages,
    events,
    follow,
    new_events,
    reconcile,
    staging,
    touch,
    truth,
)

STORAGE = TABLES_BY_NAME["Storage"]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "RETRY_DELAYS_SECONDS", (0.0, 0.01, 0.01))


@pytest.fixture
def source(source_url: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(source_url, autocommit=True) as connection:
        yield connection


def test_the_first_pass_takes_a_snapshot_and_finds_nothing_more(
    sources: tuple[SourceDatabase, ...], empty_database: str
) -> None:
    report = run_incremental(sources, empty_database)
    assert (len(report.tables), report.events, report.failures) == (36, 0, [])
    assert {table.method for table in report.tables} == {"updated", "full_diff"}
    assert all(len(events(empty_database, table.name)) == ROWS for table in TABLES)
    again = run_incremental(sources, empty_database)
    assert (again.events, again.dead_rows) == (0, 0)
    assert all(len(events(empty_database, table.name)) == ROWS for table in TABLES)
    assert {table.isolation for table in again.tables} == {"one snapshot"}


def test_changes_are_appended_and_a_pass_without_changes_appends_nothing(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    follow(sources, empty_database)
    touch(source, 4, "Склад №4")
    add(source, 500)
    report = follow(sources, empty_database)
    (table,) = report.tables
    assert (table.created, table.updated, table.deleted, table.method) == (1, 1, 0, "updated")
    assert new_events(empty_database) == [(4, "u"), (500, "c")]
    assert follow(sources, empty_database).events == 0
    assert staging(empty_database) == truth(sources, new_database)
    _, _, payload = events(empty_database)[-1]
    assert set(payload) == {"before", "after", "source", "op", "ts_ms"}
    assert payload["source"]["snapshot"] == "false"


def test_an_event_is_only_as_old_as_its_read_and_staging_sees_the_last(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follow(sources, empty_database)
    touch(source, 4, "first")
    follow(sources, empty_database)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600 * 10**9)  # this machine's clock is put back an hour
    touch(source, 4, "second", NOON + timedelta(seconds=1))
    follow(sources, empty_database)
    monkeypatch.setattr(time, "time_ns", real)
    assert staging(empty_database)[4]["Name"] == "second"
    moments = [payload["ts_ms"] for key, _, payload in events(empty_database) if key == 4]
    assert moments == sorted(moments)


def test_a_row_committed_late_inside_the_overlap_is_found(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], source_url: str, empty_database: str
) -> None:
    follow(sources, empty_database)
    with connect(source_url) as slow:
        touch(slow, 7, "committed late", NOON - timedelta(seconds=200))
        touch(source, 10, "committed at once", NOON)
        assert [key for key, _ in new_events(empty_database)] == []
        follow(sources, empty_database)
        assert new_events(empty_database) == [(10, "u")]
        slow.commit()
    follow(sources, empty_database)
    assert new_events(empty_database) == [(10, "u"), (7, "u")]
    assert follow(sources, empty_database).events == 0


def test_a_row_later_than_the_overlap_is_found_by_reconciliation(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    touch(source, 4, "newest")
    follow(sources, empty_database)
    add(source, 900, NOON - timedelta(days=9))
    touch(source, 13, "changed without a new Updated", NOON - timedelta(days=9))
    assert follow(sources, empty_database).events == 0
    reconcile(sources, empty_database)
    assert new_events(empty_database) == [(900, "c")]
    assert reconcile(sources, empty_database, every_row=True).events == 1
    assert staging(empty_database) == truth(sources, new_database)


@pytest.mark.parametrize("page_size", [1, 4, 5, 20])
def test_equal_moments_across_a_page_boundary(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, page_size: int
) -> None:
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s where "ID" < 60""", [NOON])
    report = follow(sources, empty_database, limits=Limits(page_size=page_size))
    assert report.events == 20
    assert sorted(key for key, _ in new_events(empty_database)) == [1 + 3 * n for n in range(20)]


def test_a_moment_in_the_future_does_not_hide_what_comes_after(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    touch(source, 4, "from the future", datetime(2999, 1, 1))  # noqa: DTZ001
    follow(sources, empty_database)
    touch(source, 7, "from today", datetime.now())  # noqa: DTZ005 - datetime2 has no zone
    assert follow(sources, empty_database).events == 1
    touch(source, 10, "a little later", datetime.now())  # noqa: DTZ005
    assert follow(sources, empty_database).events == 1
    assert new_events(empty_database) == [(7, "u"), (10, "u")]


def test_a_table_without_updated_is_compared_whole(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    name = "ProductAvailabilityCartLimits"
    follow(sources, empty_database, name)
    source.execute(f'update dbo."{name}" set "MinAvailabilityUA" = -77 where "ID" in (1, 40)')
    source.execute(f'delete from dbo."{name}" where "ID" in (4, 109)')
    (table,) = follow(sources, empty_database, name).tables
    assert (table.method, table.updated, table.deleted, table.rows_read) == ("full_diff", 2, 2, ROWS - 2)
    assert staging(empty_database, name) == truth(sources, new_database, name)
    assert follow(sources, empty_database, name).events == 0


def test_rows_deleted_for_good_become_delete_events_with_their_last_image(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    follow(sources, empty_database)
    touch(source, 4, "last words")
    follow(sources, empty_database)
    source.execute('delete from dbo."Storage" where "ID" in (1, 4, 109)')
    assert follow(sources, empty_database).events == 0
    (table,) = reconcile(sources, empty_database).tables
    assert (table.deleted, table.created, table.updated) == (3, 0, 0)
    gone = {key: payload for key, op, payload in events(empty_database) if op == "d"}
    assert gone.keys() == {1, 4, 109}
    assert gone[4]["before"]["Name"] == "last words"
    assert gone[4]["after"] is None
    assert gone[1]["before"]["ID"] == 1
    assert gone[1]["source"]["table"] == "Storage"
    assert staging(empty_database) == truth(sources, new_database)
    assert reconcile(sources, empty_database).events == 0
    add(source, 4)
    assert follow(sources, empty_database).events == 1
    assert staging(empty_database) == truth(sources, new_database)


def test_a_source_that_lost_most_of_its_rows_is_not_believed(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    add(source, 1_000)
    columns = ", ".join(f'"{name}"' for name in STORAGE.column_names if name != "ID")
    source.execute(f'insert into dbo."Storage" ("ID", {columns}) select 2000 + i, {columns} from dbo."Storage" '
                   'cross join generate_series(1, 1200) as i where "ID" = 1')  # fmt: skip
    run_incremental(sources, empty_database, ["Storage"])
    before = len(events(empty_database))
    source.execute('delete from dbo."Storage"')
    with pytest.raises(IncrementalFailedError, match=r"1,238 of 1,238 rows are gone.*Nothing was deleted"):
        run_reconciliation(sources, empty_database, ["Storage"])
    with pytest.raises(IncrementalFailedError, match=r"rows are gone at the source"):
        run_reconciliation(sources, empty_database, ["Storage"], every_row=True)
    assert len(events(empty_database)) == before
    run_reconciliation(sources, empty_database, ["Storage"], Limits(largest_delete_share=1.0))
    assert staging(empty_database) == {}


def test_a_new_column_is_kept_and_reported(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    follow(sources, empty_database)
    source.execute("""alter table dbo."Storage" add column "Colour" text default 'red', add column "Span" interval,
                   add column "Rate" numeric(9, 3) default 1.5""")
    report = follow(sources, empty_database)
    assert report.events > 0
    notes = " ".join(report.tables[0].notes)
    assert "new column Colour (text) is kept" in notes
    assert "new column Span (interval) is not kept" in notes
    assert "ecosystem.Storage: new column Colour" in str(report)
    last = events(empty_database)[-1][2]["after"]
    assert (last["Colour"], last["Rate"], "Span" in last) == ("red", "1.500", False)


def test_a_vanished_and_a_retyped_column_fail_their_tables_alone(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    run_incremental(sources, empty_database)
    source.execute('alter table dbo."CarBrand" drop column "Name"')
    source.execute("""alter table dbo."Category" alter column "Name" type integer using 5""")
    source.execute('drop table dbo."ProductSlug"')
    touch(source, 4, "still followed")
    with pytest.raises(IncrementalFailedError) as caught:
        run_incremental(sources, empty_database)
    reasons = {failure.table: failure.reason for failure in caught.value.report.failures}
    assert reasons.keys() == {"CarBrand", "Category", "ProductSlug"}
    assert "has no column Name" in reasons["CarBrand"]
    assert "column Name of dbo.Category is now integer, was nvarchar" in reasons["Category"]
    assert "does not exist" in reasons["ProductSlug"]
    assert (caught.value.report.events, len(caught.value.report.tables)) == (1, 33)
    assert new_events(empty_database) == [(4, "u")]


def test_a_refused_row_is_parked_once_and_is_not_taken_for_deleted(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str
) -> None:
    follow(sources, empty_database, "Product")
    source.execute("""update dbo."Product" set "Weight" = 'NaN', "Updated" = %s where "ID" in (4, 7)""", [NOON])
    assert follow(sources, empty_database, "Product").dead_rows == 2
    assert follow(sources, empty_database, "Product").dead_rows == 0
    assert reconcile(sources, empty_database, "Product", every_row=True).events == 0
    with connect(empty_database) as connection:
        rows = connection.execute("select row_key, column_name from bronze.dead_row").fetchall()
    assert rows == [("4", "Weight"), ("7", "Weight")]
    assert 4 in staging(empty_database, "Product")


class Killed(BaseException):
    """Stands for a process that ends."""


PASSES: dict[str, Callable[..., object]] = {"updated": follow, "compare": partial(reconcile, every_row=True)}


@pytest.mark.parametrize("method", PASSES)
@pytest.mark.parametrize("moment", ["before the copy", "between copy and commit"])
def test_a_killed_pass_goes_on_without_loss_or_repetition(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    empty_database: str,
    new_database: Any,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    method: str,
) -> None:
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])
    source.execute('delete from dbo."Storage" where "ID" in (4, 70)')
    calls = 0

    def dying(name: str) -> None:
        real: Any = getattr(change_page, name)

        def work(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            result = real(*arguments, **options) if moment == "between copy and commit" else None
            if calls == 3:
                raise Killed
            return result if result is not None else real(*arguments, **options)

        monkeypatch.setattr(change_page, name, work)

    dying("advance_incremental" if moment == "between copy and commit" else "_bring")
    with pytest.raises(Killed):
        PASSES[method](sources, empty_database)
    monkeypatch.undo()
    before = len(events(empty_database)) - ROWS
    assert 0 < before < 35
    follow(sources, empty_database)
    reconcile(sources, empty_database)
    changed = new_events(empty_database)
    assert sorted(changed) == sorted({(key, "u") for key, op in changed if op == "u"} | {(4, "d"), (70, "d")})
    assert len(changed) == ROWS
    assert staging(empty_database) == truth(sources, new_database)


@pytest.mark.parametrize("moment", ["before the commit", "after the commit"])
def test_a_lost_warehouse_connection_is_retried_without_loss_or_repetition(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])
    real_apply, real_transact, calls = change_page.apply_change, ChangeWriter._transact, 0

    def cut(connection: psycopg.Connection[Any], *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        done = real_apply(connection, *arguments)
        if calls == 2:
            with connect(empty_database, autocommit=True) as other:
                other.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        return done

    def lost_answer(writer: ChangeWriter, work: Any, doing: str, *rest: Any) -> Any:
        def after_commit(connection: psycopg.Connection[Any]) -> Any:
            nonlocal calls
            done = work(connection)
            if doing.startswith("writing"):
                calls += 1
                if calls == 2:
                    connection.commit = None  # type: ignore[assignment,method-assign] # marks the one below
            return done

        return real_transact(writer, after_commit, doing, *rest)

    if moment == "before the commit":
        monkeypatch.setattr(change_writer, "apply_change", cut)
    else:
        real_exit = psycopg.Transaction.__exit__

        def leave(transaction: psycopg.Transaction, *arguments: Any) -> Any:
            result = real_exit(transaction, *arguments)
            if "commit" in vars(transaction.connection):
                del transaction.connection.commit
                raise psycopg.OperationalError("the answer to COMMIT was lost")
            return result

        monkeypatch.setattr(ChangeWriter, "_transact", lost_answer)
        monkeypatch.setattr(psycopg.Transaction, "__exit__", leave)
    assert follow(sources, empty_database).events == ROWS
    assert calls >= 4
    monkeypatch.undo()
    assert len(events(empty_database)) == 2 * ROWS
    assert follow(sources, empty_database).events == 0


def test_a_lost_source_connection_is_retried(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])
    real, calls = ChangeReader.fetch, 0

    def fetch(reader: ChangeReader, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in (2, 5):
            process: Any = reader.connect().connection.driver_connection
            source.execute("select pg_terminate_backend(%s, 5000)", [process.info.backend_pid])
        return real(reader, *arguments)

    monkeypatch.setattr(ChangeReader, "fetch", fetch)
    assert follow(sources, empty_database).events == ROWS
    assert len(events(empty_database)) == 2 * ROWS


def test_two_loaders_at_once_leave_the_table_to_the_first(
    sources: tuple[SourceDatabase, ...], empty_database: str
) -> None:
    follow(sources, empty_database)
    with (
        WarehouseSession(empty_database) as session,
        ChangeWriter(session, STORAGE, TableKey("ecosystem", "Storage")) as first,
    ):
        assert first.lock()
        report = follow(sources, empty_database, "Storage", "CarBrand")
        assert [(table.table, table.busy) for table in report.tables if table.busy] == [("Storage", True)]
        assert "Left to another loader at work: Storage" in str(report)
    assert not follow(sources, empty_database).tables[0].busy


def test_a_loader_that_lost_its_lock_is_fenced_off(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follow(sources, empty_database)
    touch(source, 4, "once")
    real = change_page.apply_change

    def overtaken(*arguments: Any) -> Any:
        with connect(empty_database, autocommit=True) as other:
            other.execute("update bronze.incremental_checkpoint set revision = revision + 1")
        return real(*arguments)

    monkeypatch.setattr(change_writer, "apply_change", overtaken)
    with pytest.raises(IncrementalFailedError, match="Another loader is working on table Storage"):
        follow(sources, empty_database)
    assert new_events(empty_database) == []


def test_a_new_snapshot_is_compared_before_the_table_is_followed_on(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    ((before,),) = source.execute('select "Name" from dbo."Storage" where "ID" = 4').fetchall()
    follow(sources, empty_database)
    touch(source, 4, "between", NOON)
    run_snapshot(sources, empty_database, tables=["Storage"], restart=True)
    touch(source, 4, before, NOON - timedelta(days=100))  # content as at first: an old hash would call it unchanged
    report = follow(sources, empty_database)
    assert "it was loaded anew" in report.tables[0].notes[0]
    assert staging(empty_database) == truth(sources, new_database)


def test_unknown_tables_are_named_and_freshness_moves(sources: tuple[SourceDatabase, ...], empty_database: str) -> None:
    with pytest.raises(CordSearchError, match="No source has a table named Nonsense"):
        follow(sources, empty_database, "Nonsense")
    follow(sources, empty_database)
    before = ages(empty_database)["Storage"].looked_at
    assert before is not None
    time.sleep(0.002)
    follow(sources, empty_database)
    after = ages(empty_database)["Storage"].looked_at
    assert after is not None
    assert after > before


def test_a_process_killed_in_the_middle_of_a_transaction_leaves_nothing_half_done(
    sources: tuple[SourceDatabase, ...],
    source: psycopg.Connection[Any],
    source_url: str,
    empty_database: str,
    new_database: Any,
) -> None:
    """SIGKILL, between the third page's rows and their commit."""
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])
    script = (
        "import os, signal, sys\n"
        "from ingest import change_page\n"
        "from ingest.follow_plan import Limits\n"
        "from ingest.incremental import run_incremental\n"
        "from ingest.sources import source_database\n"
        "real, calls = change_page.advance_incremental, []\n"
        "def advance(*arguments, **options):\n"
        "    calls.append(real(*arguments, **options))\n"
        "    if len(calls) == 3:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return calls[-1]\n"
        "change_page.advance_incremental = advance\n"
        "run_incremental([source_database('ecosystem', sys.argv[1])], sys.argv[2], ['Storage'], Limits(page_size=10))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, source_url, empty_database], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert len(events(empty_database)) == ROWS + 20
    deadline = time.monotonic() + 20
    while follow(sources, empty_database).tables[0].busy:  # until the server notices that the process is gone
        assert time.monotonic() < deadline
    assert sorted(new_events(empty_database)) == [(1 + 3 * n, "u") for n in range(ROWS)]
    assert staging(empty_database) == truth(sources, new_database)


def test_two_loaders_started_at_once_append_every_change_once(
    sources: tuple[SourceDatabase, ...], source: psycopg.Connection[Any], empty_database: str, new_database: Any
) -> None:
    follow(sources, empty_database)
    source.execute("""update dbo."Storage" set "Name" = 'bulk', "Updated" = %s""", [NOON])
    source.execute('delete from dbo."Storage" where "ID" = 4')
    with ThreadPoolExecutor(4) as pool:
        passes = [pool.submit(work, sources, empty_database) for work in (follow, reconcile) * 4]
        assert sum(done.result().events for done in passes) <= ROWS
    follow(sources, empty_database)
    reconcile(sources, empty_database)
    assert sorted(new_events(empty_database)) == sorted([(4, "d"), *((1 + 3 * n, "u") for n in range(ROWS) if n != 1)])
    assert staging(empty_database) == truth(sources, new_database)
