"""Lexemes, as index and query see them."""

from cordsearch.analysis.lexemes import lexemes


def words(text: str) -> list[str]:
    return [lexeme for lexeme, _ in lexemes(text)]


def test_mixed_russian_and_ukrainian_meet() -> None:
    assert set(words("тормозні колодки")) == set(words("Колодки тормозные"))


def test_positions_count_tokens() -> None:
    assert lexemes("Фильтр масляный 309х242") == [("филтр", 1), ("маслян", 2), ("309x242", 3)]


def test_models_joined_by_a_stroke_are_found_by_each() -> None:
    found = {lexeme for lexeme, position in lexemes("XF105/XF106") if position == 1}
    assert found == {"xf105xf106", "xf105", "xf", "105", "xf106", "106"}
    assert {"f2000", "l2000"} <= {lexeme for lexeme, _ in lexemes("F2000/L2000")}
    assert {"xf95", "105"} <= {lexeme for lexeme, _ in lexemes("XF95/105")}


def test_a_part_number_with_a_stroke_stays_whole() -> None:
    for number in ("81.43220/6012", "1K0615301/AA", "A1234567890/B1234567890"):
        assert len(lexemes(number)) == 1


def test_a_short_code_also_gives_its_parts() -> None:
    assert lexemes("xf105") == [("xf105", 1), ("xf", 1), ("105", 1)]
    assert words("SEM14321") == ["sem14321", "sem", "14321"]
    assert words("81.43220-6012") == ["81432206012"]


def test_stop_words_and_single_letters_are_left_out() -> None:
    assert words("колодки для DAF") == words("колодки daf")
    assert words("к-т a") == []


def test_a_size_with_blanks_is_one_lexeme() -> None:
    assert words("барабан 309 x 242") == words("барабан 309х242")


def test_junk_gives_no_lexemes_or_harmless_ones() -> None:
    assert lexemes("") == []
    assert lexemes("  --- ") == []
    assert words("-2146826246") == ["2146826246"]
