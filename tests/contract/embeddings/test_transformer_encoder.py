from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import TRANSFORMER_PREFIX, Encoder, ModelError, load_encoder
from embeddings.transformer_encoder import TransformerOptions
from tests.contract.embeddings.encoder_contract import EncoderContract
from tests.tiny_transformer import build_tiny_model

pytestmark = pytest.mark.transformers
pytest.importorskip("sentence_transformers", reason="needs the extra cordsearch[transformers]", exc_type=ImportError)


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

    def test_prefixes_and_dimensions_can_be_chosen(self, tiny_model: Path, tmp_path: Path) -> None:
        path = f"{TRANSFORMER_PREFIX}{tiny_model}"
        plain = load_encoder(path, tmp_path)
        options = {"query_prefix": "пошук: ", "passage_prefix": "товар: ", "dimensions": 8}
        chosen = load_encoder(path, tmp_path, model_id="mine@1", options=options)
        assert (chosen.model_id, chosen.dimensions, chosen.is_slow) == ("mine@1", 8, True)
        first = plain.encode_query("пошук: фара")[:8]
        assert chosen.encode_query("фара") == pytest.approx(first / np.linalg.norm(first), abs=1e-4)
        first = plain.encode_query("товар: фара")[:8]
        assert chosen.encode_texts(["фара"])[0] == pytest.approx(first / np.linalg.norm(first), abs=1e-4)

    def test_more_dimensions_than_there_are_cannot_be_kept(self, tiny_model: Path, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="32 dimensions"):
            load_encoder(f"{TRANSFORMER_PREFIX}{tiny_model}", tmp_path, options={"dimensions": 64})

    def test_a_folder_without_a_model_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(ModelError, match="empty"):
            load_encoder(f"{TRANSFORMER_PREFIX}{tmp_path / 'empty'}", tmp_path)

    def test_another_way_to_open_a_model_is_another_version(self) -> None:
        path = f"{TRANSFORMER_PREFIX}intfloat/multilingual-e5-small"
        assert TransformerOptions().model_id(path) == path
        assert TransformerOptions(device="cuda").model_id(path) == path
        cut = TransformerOptions(dimensions=128).model_id(path)
        assert cut.startswith(f"{path}@")
        assert TransformerOptions(dimensions=128, query_prefix="").model_id(path) != cut


@pytest.mark.filterwarnings("ignore")
def test_the_onnx_backend_gives_the_same_vectors(tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("optimum.onnxruntime", reason="needs sentence-transformers[onnx]")
    path = f"{TRANSFORMER_PREFIX}{tiny_model}"
    onnx = load_encoder(path, tmp_path, options={"backend": "onnx", "device": "cpu"})
    vectors = load_encoder(path, tmp_path).encode_texts(["фара 24V", "klocki hamulcowe"])
    assert onnx.encode_texts(["фара 24V", "klocki hamulcowe"]) == pytest.approx(vectors, abs=1e-3)


@pytest.mark.skipif(find_spec("optimum") is not None, reason="the backend is there")
def test_a_backend_that_is_not_installed_is_named(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ONNX"):
        load_encoder(f"{TRANSFORMER_PREFIX}{tiny_model}", tmp_path, options={"backend": "onnx"})
