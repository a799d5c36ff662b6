"""Train the default model from the catalogue's own parallel names.

Stage: embeddings. Reads the names of ``staging_marts.dim_product_search``; writes a model folder below the model
directory and a row of ``embeddings.model``, which becomes active if it is the first.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from psycopg import Connection, errors

from cordsearch.database import connect
from cordsearch.progress import Progress
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from embeddings.contrastive import TrainingResult, TrainingSettings, plan_steps, train
from embeddings.encoder import ModelError
from embeddings.parallel import Names, ParallelCorpus, build_corpus
from embeddings.registry import RegisteredModel, create_schema, read_active_model, register_model
from embeddings.static_encoder import ModelMetadata, save_model

_FEWEST_ENTRIES = 2  # one entry has no wrong answer to be told from


def train_by_settings(warehouse_url: str, settings: Settings) -> ModelMetadata:
    """Train, save and register a model of the dimensions and within the time that the settings give.

    Raises:
        ModelError: as :func:`train_static_model`.
    """
    training = TrainingSettings(time_budget=settings.embedding_training_seconds)
    return train_static_model(warehouse_url, settings.model_directory, settings.embedding_dimensions, training)


def train_static_model(
    warehouse_url: str, model_directory: Path, dimensions: int = 256, training: TrainingSettings | None = None
) -> ModelMetadata:
    """Train, save and register a model of so many dimensions; return what was saved.

    It becomes the active one if there is none yet. Otherwise search goes on with the live one until this one's vectors
    are there: ``embeddings.build.build_version``.

    Raises:
        ModelError: the catalogue has no product with a name in two languages, or the folder cannot be written.
    """
    training = replace(training or TrainingSettings(), dimensions=dimensions)
    with connect(warehouse_url, autocommit=True) as connection:
        create_schema(connection)
        corpus = build_corpus(_read_names(connection))
        metadata = train_on_corpus(corpus, model_directory, training)
        register_model(connection, registered(metadata), activate=read_active_model(connection) is None)
    return metadata


def train_on_corpus(corpus: ParallelCorpus, model_directory: Path, training: TrainingSettings) -> ModelMetadata:
    """Train on a corpus and save the model without registering it.

    Raises:
        ModelError: the corpus is too small, or the folder cannot be written.
    """
    if corpus.entries < _FEWEST_ENTRIES:
        raise ModelError(
            "There is nothing to train on: staging_marts.dim_product_search has fewer than two products with names in "
            "two languages. Load and transform the catalogue first: cordsearch ingest snapshot; cordsearch transform"
        )
    with Progress("train the encoder", total=plan_steps(corpus.entries, training), unit="steps") as progress:
        result = train(corpus, training, progress.advance)
    return save_model(result.table, _metrics(corpus, training, result), model_directory)


def registered(metadata: ModelMetadata) -> RegisteredModel:
    """Return the registry row of a saved model; the path is relative, so that the directory can move."""
    return RegisteredModel(
        metadata.name, metadata.version, metadata.model_id, metadata.dimensions, metadata.model_id, metadata.metrics
    )


def _read_names(connection: Connection[Any]) -> Iterator[Names]:
    try:
        for row in connection.execute(load_query(__file__, "sql/read_names.sql"), binary=True):
            yield Names(*row)
    except errors.UndefinedTable as error:
        raise ModelError(
            "staging_marts.dim_product_search is missing. Load and transform the catalogue first: "
            "cordsearch ingest snapshot; cordsearch transform"
        ) from error


def _metrics(corpus: ParallelCorpus, training: TrainingSettings, result: TrainingResult) -> dict[str, Any]:
    return {
        "entries": corpus.entries,
        "texts": corpus.texts.shape[0],
        "words": corpus.texts.shape[1],
        "steps": result.steps,
        "planned_steps": result.planned_steps,
        "seconds": round(result.seconds, 2),
        "loss": round(result.loss, 4),
        "batch_accuracy": round(result.accuracy, 4),
        "settings": asdict(training),
    }
