"""The server's processes that work for the worker stand back; those that search do not."""

import os
import threading
from collections.abc import Iterator

import pytest

from cordsearch.database import connect
from cordsearch.worker.backends import keep_backends_back
from cordsearch.worker.queue import session_url
from tests.worker import wait_for

NICENESS = 19


@pytest.fixture
def keeper(postgres_url: str) -> Iterator[threading.Thread]:
    stopping = threading.Event()
    thread = threading.Thread(target=keep_backends_back, args=(postgres_url, NICENESS, stopping))
    thread.start()
    yield thread
    stopping.set()
    thread.join(timeout=30)
    assert not thread.is_alive()


def niceness(process_id: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, process_id)


def test_what_works_for_the_worker_stands_back(keeper: threading.Thread, postgres_url: str) -> None:
    with connect(postgres_url, application_name="cordsearch-service") as searches:
        before = niceness(searches.info.backend_pid)
        for url in (session_url(postgres_url), session_url(postgres_url, search_path="worker")):
            with connect(url) as works:
                wait_for("it stands back", lambda pid=works.info.backend_pid: niceness(pid) == NICENESS)  # type: ignore[misc]
        with connect(postgres_url, application_name="cordsearch_dbt") as transforms:
            wait_for("dbt stands back", lambda: niceness(transforms.info.backend_pid) == NICENESS)
        assert niceness(searches.info.backend_pid) == before < NICENESS
    assert keeper.is_alive()


def test_where_the_system_forbids_it_all_stays_as_it_is(
    keeper: threading.Thread, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(which: int, process_id: int, priority: int) -> None:
        raise PermissionError(which, process_id, priority)

    monkeypatch.setattr(os, "setpriority", forbid)
    with connect(session_url(postgres_url)) as works:
        before = niceness(works.info.backend_pid)
        keeper.join(timeout=30)
        assert not keeper.is_alive()
        assert niceness(works.info.backend_pid) == before


def test_a_connection_that_is_cut_is_made_again(keeper: threading.Thread, postgres_url: str) -> None:
    with connect(postgres_url, autocommit=True) as connection:
        cut = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where query like '%application_name = any%' and pid <> pg_backend_pid()"
        )
        wait_for("it looked", lambda: connection.execute(cut).rowcount > 0)
    with connect(session_url(postgres_url)) as works:
        wait_for("it stands back", lambda: niceness(works.info.backend_pid) == NICENESS)
    assert keeper.is_alive()
