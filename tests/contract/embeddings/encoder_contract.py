"""What every encoder promises. A new encoder subclasses ``EncoderContract`` and gives the fixture ``encoder``."""

import numpy as np
import pytest

from embeddings.encoder import Encoder

TEXTS = ["колодки гальмівні DAF XF105", "klocki hamulcowe", "фара 24V"]
BLANK = ["", "   ", "- / ."]


class EncoderContract:
    """The suite."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        raise NotImplementedError

    def test_it_says_which_model_it_is(self, encoder: Encoder) -> None:
        assert encoder.model_id
        assert encoder.dimensions > 0

    def test_texts_become_rows_of_length_one(self, encoder: Encoder) -> None:
        vectors = encoder.encode_texts(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_a_query_becomes_one_vector_of_length_one(self, encoder: Encoder) -> None:
        vector = encoder.encode_query(TEXTS[0])
        assert vector.shape == (encoder.dimensions,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)

    def test_nothing_becomes_nothing(self, encoder: Encoder) -> None:
        assert encoder.encode_texts([]).shape == (0, encoder.dimensions)

    @pytest.mark.parametrize("blank", BLANK)
    def test_a_text_without_words_becomes_the_zero_vector(self, encoder: Encoder, blank: str) -> None:
        assert not encoder.encode_query(blank).any()
        vectors = encoder.encode_texts([TEXTS[0], blank])
        assert vectors[0].any()
        assert not vectors[1].any()

    def test_a_text_has_one_vector_whatever_stands_beside_it(self, encoder: Encoder) -> None:
        alone = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
        assert np.allclose(alone, encoder.encode_texts(TEXTS), atol=1e-4)

    def test_encoding_is_repeatable(self, encoder: Encoder) -> None:
        assert np.array_equal(encoder.encode_query(TEXTS[0]), encoder.encode_query(TEXTS[0]))

    def test_a_text_is_nearest_to_itself(self, encoder: Encoder) -> None:
        vectors = encoder.encode_texts(TEXTS)
        for row, text in enumerate(TEXTS):
            assert int((vectors @ encoder.encode_query(text)).argmax()) == row

    def test_a_very_long_text_is_no_problem(self, encoder: Encoder) -> None:
        assert np.isfinite(encoder.encode_query("колодки " * 10_000)).all()
