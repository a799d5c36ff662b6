import pytest

from embeddings.encoder import Encoder
from tests.contract.embeddings.encoder_contract import TEXTS, EncoderContract
from tests.unit.embeddings.material import trained_encoder


class TestStaticEncoder(EncoderContract):
    """The default encoder keeps the promises."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        return trained_encoder()

    def test_a_query_and_a_text_are_encoded_alike(self, encoder: Encoder) -> None:
        for text in TEXTS:
            assert encoder.encode_texts([text])[0] == pytest.approx(encoder.encode_query(text), abs=1e-5)
