"""Ways of spoiling a name."""

from ingest.demo import dirt


def test_polish_is_abbreviated_in_capitals_without_diacritics() -> None:
    assert dirt.abbreviate_polish("Klocki hamulcowe przednie") == "KLOCKI HAM. PRZOD"
    assert dirt.abbreviate_polish("Komplet łożysk lewy") == "KPL. LOZYSK L."


def test_one_letter_becomes_latin() -> None:
    spoiled = dirt.mix_in_latin("Фільтр", 0)
    assert spoiled == "Фiльтр"
    assert spoiled != "Фільтр"
    assert dirt.mix_in_latin("Filtr", 3) == "Filtr"


def test_apostrophes_change_their_sign() -> None:
    assert dirt.respell_apostrophe("Стрем'янка", 1) == "Стрем\u2019янка"
    assert dirt.respell_apostrophe("Фільтр", 1) == "Фільтр"


def test_half_of_a_name_stays_russian() -> None:
    assert dirt.half_russian("Колодки гальмівні задні", "Колодки тормозные задние") == "Колодки тормозные задние"
    assert dirt.half_russian("Тяга рульова", "Рычаг рулевой") == "Тяга рулевой"


def test_the_search_form_has_no_separators() -> None:
    assert dirt.search_form("Фільтр масляний XF-105, 2.5") == "ФІЛЬТРМАСЛЯНИЙXF10525"
