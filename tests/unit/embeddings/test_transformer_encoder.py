import subprocess
import sys
from pathlib import Path

import pytest

from embeddings.encoder import ModelError, load_encoder


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match=r"pip install 'cordsearch\[transformers\]'"):
        load_encoder("sentence-transformers:intfloat/multilingual-e5-small", tmp_path)


def test_the_default_encoder_does_not_load_torch() -> None:
    program = "import sys, embeddings.static_encoder, embeddings.job; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
