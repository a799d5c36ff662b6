"""A transformer small enough to be made in a test."""

from pathlib import Path


def build_tiny_model(folder: Path) -> Path:
    """Save a transformer with random weights: two layers, a vocabulary of letters; nothing is downloaded."""
    import sentence_transformers  # noqa: PLC0415 - only with the extra cordsearch[transformers]
    import torch  # noqa: PLC0415
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
