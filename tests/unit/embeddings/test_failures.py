"""One text that a model chokes on does not take the others with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from embeddings.drain import Pace
from embeddings.encoder import ModelError, vector_table_name
from embeddings.failures import encode_what_can_be


class Choking:
    """Encodes a text as its length; chokes on some."""

    model_id = "choking@1"
    dimensions = 2
    is_slow = False

    def __init__(self, *poison: str) -> None:
        self.poison = set(poison)
        self.calls = 0

    def encode_query(self, text: str) -> Any:
        return self.encode_texts([text])[0]

    def encode_texts(self, texts: Sequence[str]) -> Any:
        self.calls += 1
        if self.poison & set(texts):
            raise ValueError("choked")
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(len(texts), 2)


def test_only_the_text_that_fails_has_no_vector() -> None:
    texts = [f"{number} " * (number % 7) + str(number) for number in range(1, 101)]
    encoder = Choking(texts[3], texts[64])
    vectors, errors = encode_what_can_be(encoder, texts)
    assert errors == {3: "ValueError: choked", 64: "ValueError: choked"}
    expected = np.array([[len(text), 1] for text in texts], dtype=np.float32)
    expected[[3, 64]] = 0
    assert np.array_equal(vectors, expected)
    assert encoder.calls < 40


def test_a_vector_that_is_not_finite_is_an_error() -> None:
    class Infinite(Choking):
        def encode_texts(self, texts: Sequence[str]) -> Any:
            return super().encode_texts(texts) / np.array([[0 if text == "b" else 1] for text in texts])

    with np.errstate(divide="ignore"):
        vectors, errors = encode_what_can_be(Infinite(), ["a", "b"])
    assert errors == {1: "the vector is not finite"}
    assert vectors.tolist() == [[1, 1], [0, 0]]


def test_a_few_texts_may_all_fail_and_many_may_not() -> None:
    few = [str(number) for number in range(19)]
    assert len(encode_what_can_be(Choking(*few), few)[1]) == 19
    many = [str(number) for number in range(20)]
    with pytest.raises(ModelError, match="choking@1 could not encode any of 20 texts: ValueError: choked"):
        encode_what_can_be(Choking(*many), many)


def test_no_texts_are_no_failure() -> None:
    vectors, errors = encode_what_can_be(Choking(), [])
    assert (vectors.shape, errors) == ((0, 2), {})


def test_batches_are_small_only_when_there_are_pauses() -> None:
    assert Pace(5_000).claimed_at_once == 5_000
    assert Pace(5_000, rest=0.5).claimed_at_once == 250
    assert Pace(10, rest=0.5).claimed_at_once == 10


def test_every_model_has_a_table_of_its_own() -> None:
    names = {vector_table_name(model) for model in ("cord-static@1", "cord-static@2", "sentence-transformers:a@1")}
    assert len(names) == 3
    assert all(name.removeprefix("vectors_").isalnum() for name in names)
