"""PostgreSQL's processes that work for the worker stand back too, where the server is the embedded one.

Reads ``pg_stat_activity``; changes the priority of processes of this machine, on Linux. A process of PostgreSQL cannot
lower its own priority, but whoever runs the embedded server may. Those that help a statement in parallel have its name.
"""

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

import psycopg

from cordsearch.database import connect
from cordsearch.errors import DatabaseUnavailableError
from cordsearch.sql import load_query

log = logging.getLogger("cordsearch.worker")

APPLICATION_NAME = "cordsearch-worker"
_DBT = "cordsearch_dbt"  # dbt/profiles.yml
_LOOK_SECONDS = 0.2  # the shortest refresh takes a second
_AGAIN_SECONDS = 2.0  # after the server was gone


def keep_backends_back(url: str, niceness: int, stopping: threading.Event) -> None:
    """Give every process of the server at ``url`` that works for a worker this ``niceness``, until ``stopping``.

    ``url`` is that of the embedded server. Returns earlier where the system does not allow it: then all stays as it is.
    """
    while not stopping.is_set():
        try:
            with connect(url, autocommit=True) as connection:
                while not stopping.wait(_LOOK_SECONDS):
                    names = {"names": [APPLICATION_NAME, _DBT]}
                    for (process_id,) in connection.execute(load_query(__file__, "sql/own_backends.sql"), names):
                        _stand_back(process_id, niceness)
        except PermissionError:
            log.info("worker.backends_not_niced", extra={"because": "the system does not allow it"})
            return
        except (psycopg.Error, DatabaseUnavailableError):
            stopping.wait(_AGAIN_SECONDS)


def _stand_back(process_id: int, niceness: int) -> None:
    with suppress(ProcessLookupError, FileNotFoundError):  # it has just ended
        is_server = Path(f"/proc/{process_id}/comm").read_text(encoding="utf-8").startswith("postgres")
        if is_server and os.getpriority(os.PRIO_PROCESS, process_id) < niceness:
            os.setpriority(os.PRIO_PROCESS, process_id, niceness)
