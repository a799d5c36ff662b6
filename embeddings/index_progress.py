"""How far an index build is. Stage: embeddings. Reads ``pg_stat_progress_create_index``; writes to standard error.

A build is one statement of up to a minute that says nothing itself, so a second connection looks once a second
(https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PROGRESS-REPORTING).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg

from cordsearch.database import connect
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.progress import Progress
from cordsearch.sql import load_query

_SECONDS_BETWEEN_LOOKS = 1.0


@contextmanager
def index_progress(warehouse_url: str, process_id: int, label: str) -> Iterator[None]:
    """Show the progress of what the server process ``process_id`` builds while the ``with`` block runs."""
    done = Event()
    with Progress(label, total=None, unit="pages") as progress:
        watcher = Thread(target=_watch, args=(warehouse_url, process_id, progress, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _watch(warehouse_url: str, process_id: int, progress: Progress, done: Event) -> None:
    try:
        with connect(warehouse_url, autocommit=True) as connection:
            while not done.wait(_SECONDS_BETWEEN_LOOKS):
                row = connection.execute(
                    load_query(__file__, "sql/index_progress.sql"), {"process_id": process_id}
                ).fetchone()
                if row is not None:
                    progress.total = row[1]
                    progress.advance(max(0, row[0] - progress.done))
    except (psycopg.Error, DatabaseUnavailableError):
        return  # progress is a courtesy: the build itself says what is wrong
