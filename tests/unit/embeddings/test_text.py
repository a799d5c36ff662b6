import subprocess
import sys

import numpy as np
import pytest

from embeddings.text import BUCKETS, ProductText, is_junk, product_text, skeleton, text_hash, word_features, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Колодки ТОРМОЗНЫЕ", "колодки тормозные"),
        ("309*242", "309 х 242"),
        ("81.43220-6012", "81432206012"),
        ("Łożysko", "lozysko"),
        ("фiльтр", "фільтр"),
    ],
)
def test_spellings_of_one_thing_give_the_same_words(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_a_model_written_together_shares_its_parts_with_the_one_written_apart() -> None:
    assert set(words("XF 105")) < set(words("XF105"))


@pytest.mark.parametrize("text", ["", "   ", "- . , /", "\u200b"])
def test_a_text_without_words_has_none(text: str) -> None:
    assert words(text) == []


def test_a_pasted_page_costs_no_more_than_256_words() -> None:
    assert len(words("тяга " * 10_000)) == 256


@pytest.mark.parametrize(
    ("cyrillic", "latin"), [("амортизатор", "amortyzator"), ("фильтр", "filtr"), ("вентилятор", "wentylator")]
)
def test_cognates_in_two_alphabets_have_one_skeleton(cyrillic: str, latin: str) -> None:
    assert skeleton(cyrillic) == skeleton(latin)
    assert np.intersect1d(word_features(cyrillic), word_features(latin)).size > 5


def test_features_are_buckets_and_the_same_in_another_process() -> None:
    features = word_features("гальмівні")
    assert features.min() >= 0
    assert features.max() < BUCKETS
    program = "from embeddings.text import word_features; print(word_features('гальмівні').tolist())"
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == str(features.tolist())


def test_cached_features_cannot_be_spoiled() -> None:
    with pytest.raises(ValueError, match="read-only"):
        word_features("тяга")[0] = 1


@pytest.mark.parametrize("text", [None, "", "-2146826246", ".", "#", "???"])
def test_junk_is_recognised(text: str | None) -> None:
    assert is_junk(text)


def test_the_text_of_a_product_leaves_out_junk_and_repetition() -> None:
    product = ProductText("Фара DAF", "Фара DAF", "-2146826246", "прожектор", "24V", ("DAF",))
    assert product_text(product) == "Фара DAF прожектор 24V DAF"


def test_a_part_for_many_makes_is_about_none_of_them() -> None:
    assert product_text(ProductText("Хомут", None, None, car_brand_names=("DAF", "MAN", "Volvo", "Iveco"))) == "Хомут"


def test_a_product_without_any_text_has_an_empty_one() -> None:
    assert product_text(ProductText(None, None, None)) == ""


def test_the_hash_of_a_text_is_known() -> None:
    assert text_hash("") == "d41d8cd98f00b204e9800998ecf8427e"
