"""Texts that cannot be encoded: found one by one, parked, tried again on request.

Stage: embeddings. Reads and writes ``embeddings.dead_letter``; the products are searched by their words meanwhile.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from cordsearch.sql import load_query
from embeddings.encoder import Encoder, ModelError

logger = logging.getLogger(__name__)

_FEWEST_TO_BLAME_THE_MODEL = 20  # that many different texts do not fail by themselves


class DeadLetter(NamedTuple):
    """A row of ``embeddings.dead_letter``."""

    model: str
    product_id: int
    text: str
    error: str
    failed: datetime


def encode_what_can_be(encoder: Encoder, texts: Sequence[str]) -> tuple[NDArray[np.float32], dict[int, str]]:
    """Encode ``texts``; return vectors, shape (len(texts), dimensions), and text number -> error of those that fail.

    A failing batch is halved until the text is found. The vector of a text that fails is zero.

    Raises:
        ModelError: not one of many texts can be encoded, so it is not the texts.
    """
    vectors, errors = _encode(encoder, texts)
    if len(errors) == len(texts) >= _FEWEST_TO_BLAME_THE_MODEL:
        raise ModelError(
            f"The model {encoder.model_id} could not encode any of {len(texts)} texts: {errors[0]}. "
            f"Nothing was written; see whether the model's files and its device work."
        )
    return vectors, errors


def _encode(encoder: Encoder, texts: Sequence[str]) -> tuple[NDArray[np.float32], dict[int, str]]:
    try:
        vectors = encoder.encode_texts(texts)
    except Exception as error:  # noqa: BLE001 - whatever a model raises concerns one text, not the job
        if len(texts) == 1:
            return np.zeros((1, encoder.dimensions), dtype=np.float32), {0: f"{type(error).__name__}: {error}"}
        middle = len(texts) // 2
        first, errors = _encode(encoder, texts[:middle])
        second, later = _encode(encoder, texts[middle:])
        return np.concatenate([first, second]), errors | {middle + at: text for at, text in later.items()}
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    vectors[broken] = 0
    return vectors, {int(at): "the vector is not finite" for at in broken}


def park(connection: Connection[Any], model_id: str, failed: Sequence[tuple[int, str, str]]) -> None:
    """Record (product id, text, error) of one batch, in the caller's transaction."""
    for product_id, text, error in failed:
        connection.execute(
            load_query(__file__, "sql/park_dead_letter.sql"),
            {"model": model_id, "product": product_id, "text": text, "error": error},
        )
        logger.warning("product %d could not be encoded with %s: %s", product_id, model_id, error)


def read_dead_letters(connection: Connection[Any], limit: int = 100) -> list[DeadLetter]:
    """Return the newest dead letters."""
    rows = connection.execute(load_query(__file__, "sql/read_dead_letters.sql"), {"limit": limit})
    return [DeadLetter(*row) for row in rows]


def retry_dead_letters(connection: Connection[Any]) -> int:
    """Queue every dead letter's product again; return how many."""
    return connection.execute(load_query(__file__, "sql/retry_dead_letters.sql")).rowcount
