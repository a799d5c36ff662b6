"""Delete versions that nobody will go back to.

Stage: embeddings. Deletes a version's table, stored vectors, queue, dead letters, record and model folder.
"""

import shutil
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from cordsearch.sql import load_query
from embeddings.encoder import TRANSFORMER_PREFIX
from embeddings.queue import LOCK_WAIT
from embeddings.versions import vector_table

_GRACE = "10 minutes"  # services look for another model every half minute; requests end within seconds


def collect_garbage(connection: Connection[Any], model_directory: Path, keep: int) -> list[str]:
    """Delete all versions but the active one and the ``keep`` that were in use or made last; return their ids.

    Versions that were in use minutes ago, or that a living worker has claims of, stay.
    """
    query = load_query(__file__, "sql/collectable_models.sql")
    rows = connection.execute(query, {"keep": keep, "grace": _GRACE}).fetchall()
    for model_id, path in rows:
        with connection.transaction():
            connection.execute("select set_config('lock_timeout', %s, true)", [LOCK_WAIT])
            connection.execute(sql.SQL("drop table if exists {}").format(vector_table(model_id)))
            for file in ("forget_model", "forget_vectors", "forget_pending", "forget_dead_letters"):
                connection.execute(load_query(__file__, f"sql/{file}.sql"), {"model": model_id})
        if not path.startswith(TRANSFORMER_PREFIX):  # a folder that training made; hub names and other paths stay
            shutil.rmtree(model_directory / path, ignore_errors=True)
    return [model_id for model_id, _ in rows]
