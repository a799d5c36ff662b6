from pathlib import Path

import pytest

from embeddings.encoder import TRANSFORMER_PREFIX, Encoder, load_encoder
from tests.contract.embeddings.encoder_contract import EncoderContract

pytestmark = pytest.mark.transformers
sentence_transformers = pytest.importorskip(
    "sentence_transformers", reason="needs the extra cordsearch[transformers]", exc_type=ImportError
)


def build_tiny_model(folder: Path) -> Path:
    """Save a transformer with random weights: two layers, a vocabulary of letters; nothing is downloaded."""
    import torch  # noqa: PLC0415 - after the skip
    from transformers import BertConfig, BertModel, BertTokenizer  # noqa: PLC0415

    letters = [
        chr(code) for code in (*range(ord("a"), ord("z") + 1), *range(0x0430, 0x0460), *range(ord("0"), ord("9") + 1))
    ]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), ":"]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt"), strip_accents=False).save_pretrained(folder)
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu")  # adds mean pooling by itself
    model.max_seq_length = 64
    model.save(str(folder / "whole"))
    return folder / "whole"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
class TestTransformerEncoder(EncoderContract):
    """A model of the extra keeps the promises."""

    @pytest.fixture
    def encoder(self, tiny_model: Path, tmp_path: Path) -> Encoder:
        return load_encoder(f"{TRANSFORMER_PREFIX}{tiny_model}", tmp_path)

    def test_e5_models_get_their_prefixes(self, tiny_model: Path, tmp_path: Path) -> None:
        e5 = tmp_path / "tiny-e5"
        e5.symlink_to(tiny_model)
        plain = load_encoder(f"{TRANSFORMER_PREFIX}{tiny_model}", tmp_path)
        prefixed = load_encoder(f"{TRANSFORMER_PREFIX}{e5}", tmp_path)
        assert prefixed.encode_query("фара") == pytest.approx(plain.encode_query("query: фара"), abs=1e-5)
        assert prefixed.encode_texts(["фара"]) == pytest.approx(plain.encode_texts(["passage: фара"]), abs=1e-5)
