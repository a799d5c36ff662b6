"""Build a version of the vectors beside the live one, switch to it, and switch back.

Stage: embeddings. Reads the mart; writes a version's table and index, and which model is active. Search goes on
with the live version all the time: it has its own table and its own index.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from cordsearch.database import connect
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.drain import Pace, Worker
from embeddings.encoder import ModelError
from embeddings.index_progress import index_progress
from embeddings.indexes import build_indexes, vector_indexes
from embeddings.job import EmbeddingReport, finish_version, open_encoder, wait_for_others
from embeddings.mart_copy import copy_all_to_mart
from embeddings.queue import lock_mart
from embeddings.registry import RegisteredModel, activate_model, create_schema, find_model, read_models
from embeddings.versions import prepare_version


def build_version(
    warehouse_url: str, settings: Settings, model_id: str, *, activate: bool = True, rest: float | None = None
) -> EmbeddingReport:
    """Bring the version of a registered model up to date, and make it the one that is searched.

    Any number of these may run at once, on any number of machines; they share the work. One that was killed is gone
    on with by the next.

    Args:
        warehouse_url: libpq URL of the warehouse.
        settings: where models are kept, how large batches are.
        model_id: id of the model, or enough of its beginning.
        activate: False leaves the live version in use.
        rest: pause after each batch in multiples of its time; None takes the setting.

    Raises:
        ModelError: no such model, it cannot be opened, or it encodes nothing.
    """
    with connect(warehouse_url, autocommit=True) as reader, connect(warehouse_url, autocommit=True) as writer:
        create_schema(reader)
        model = find_model(reader, model_id)
        encoder = open_encoder(model, settings.model_directory)
        report = EmbeddingReport(model.model_id)
        report.products = prepare_version(writer, model, encoder, check=True)
        pace = Pace(settings.embedding_batch_size, settings.embedding_rest if rest is None else rest)
        worker = Worker(reader, writer, encoder, pace, is_active=model.active)
        report.pending = worker.queue.count()
        with report.timed("vectors"):
            report.add(worker.drain(report.pending))
            wait_for_others(worker)

        @contextmanager
        def watched(step: str) -> Iterator[None]:
            with report.timed(step), index_progress(warehouse_url, writer.info.backend_pid, step):
                yield

        wanted = vector_indexes(model.model_id, model.dimensions)
        built = build_indexes(writer, wanted, report.products, watched, alone=pace.rest > 0)
        report.indexes_built = tuple(index.name for index in built)
        finish_version(writer, report, encoder, settings, measure=wanted[-1] in built or model.built is None)
        with report.timed("changes meanwhile"):
            report.add(worker.drain(worker.queue.count()))
        if activate:
            with report.timed("switch"):
                switch_version(writer, model.model_id)
            with report.timed("copy to the mart"):
                copy_all_to_mart(writer, find_model(writer, model.model_id), pace)
    return report


def switch_version(connection: Connection[Any], model_id: str) -> None:
    """Make a built version the one that is searched, in one short transaction that keeps no reader waiting.

    What the version before had not yet written is queued for this one, documents included.

    Raises:
        ModelError: the version is not built.
    """
    with connection.transaction():
        lock_mart(connection)  # nobody queues a product between the two statements
        model = find_model(connection, model_id)
        if model.built is None:
            raise ModelError(f"The vectors of {model.model_id} are not built: cordsearch embed run --model {model_id}")
        if not model.active:
            connection.execute(load_query(__file__, "sql/hand_over_queue.sql"), {"model": model.model_id})
            activate_model(connection, model.model_id)


def previous_version(connection: Connection[Any]) -> RegisteredModel:
    """Return the version that was in use before the active one.

    Raises:
        ModelError: there is none, or its vectors were collected as garbage.
    """
    before = {
        model.deactivated: model
        for model in read_models(connection)
        if model.deactivated is not None and model.built is not None and not model.active
    }
    if not before:
        raise ModelError(
            "No version that was in use before is kept. Build one beside the live one: "
            "cordsearch embed run --model <id>; cordsearch embed models lists them."
        )
    return before[max(before)]


def roll_back(warehouse_url: str, settings: Settings) -> EmbeddingReport:
    """Make the version that was in use before the active one again; only what changed since then is encoded.

    Raises:
        ModelError: there is none, or its model cannot be opened.
    """
    with connect(warehouse_url, autocommit=True) as connection:
        create_schema(connection)
        model = previous_version(connection)
    return build_version(warehouse_url, settings, model.model_id)
