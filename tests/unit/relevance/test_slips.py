"""The ways people mistype, as the judged set makes them."""

import pytest
from rapidfuzz.distance import OSA

from benchmarks.relevance.slips import code_neighbours, in_latin_letters, mistype, wrong_layout


@pytest.mark.parametrize(
    ("text", "language"),
    [("амортизатор", "ru"), ("гальмівні колодки", "uk"), ("klocki hamulcowe", "pl"), ("brake pads", "en")],
)
def test_a_slip_is_small_repeatable_and_spares_the_first_letter(text: str, language: str) -> None:
    for seed in map(str, range(50)):
        slip = mistype(text, language, seed)
        assert slip == mistype(text, language, seed)
        assert slip != text
        assert slip[0] == text[0]
        assert OSA.distance(slip, text) <= 2  # "h" for "ch" is two letters


def test_short_words_are_not_mistyped() -> None:
    assert mistype("abs гур", "ru", "1") == "abs гур"


def test_the_wrong_layout_gives_what_the_same_keys_give() -> None:
    assert wrong_layout("тяга", "ru", "en") == "nzuf"
    assert wrong_layout("klocki", "en", "ru") == "лдщслш"
    assert wrong_layout("łożysko", "en", "uk") == wrong_layout("lozysko", "en", "uk")
    assert wrong_layout("подшипники ы", "ru", "uk") == "подшипники і"


def test_latin_letters_follow_the_scheme() -> None:
    assert in_latin_letters("гальмівний щуп", "chat") == "galmivniy schup"
    assert in_latin_letters("гальмівний щуп", "passport") == "halmivnyi shchup"


def test_neighbours_of_a_code_differ_in_one_character_and_do_not_exist() -> None:
    taken = frozenset({"81432206012", "81432206013"})
    near = code_neighbours("81432206012", taken, 5)
    assert len(set(near)) == 5
    for code in near:
        assert code not in taken
        assert sum(a != b for a, b in zip(code, "81432206012", strict=True)) == 1
