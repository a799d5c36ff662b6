"""What else parts are called, learned from names and synonyms."""

from embeddings.other_names import OtherName, OtherNames, head

Product = tuple[str | None, str | None, str | None, str | None]

SYNONYM_ON_TWO: list[Product] = [
    ("Седло тягача DAF XF105", None, "Siodło ciągnika DAF", "fifth wheel, сцепное устройство"),
    ("Седло тягача 38 мм", "Сідло тягача", None, "fifth wheel"),
    ("Накладки седла", None, None, None),
]


def learn(products: list[Product], count: int = 1) -> dict[str, OtherName]:
    learned = OtherNames()
    for *names, synonyms in products:
        learned.add(tuple(names), synonyms, ("DAF",), count)
    return {row.phrase: row for row in learned.rows()}


def test_a_synonym_means_what_its_products_are_called() -> None:
    row = learn(SYNONYM_ON_TWO)["fifth wheel"]
    assert (row.whole, row.names) == (False, ["седло тягача"])


def test_one_product_is_not_enough() -> None:
    assert not learn(SYNONYM_ON_TWO[:1])
    assert learn(SYNONYM_ON_TWO[:1], count=2)["fifth wheel"].names == ["седло тягача", "siodlo ciagnika"]


def test_products_that_do_not_agree_say_nothing() -> None:
    rows = learn([("Фара левая", None, None, "свет"), ("Лампа", None, None, "свет"), ("Реле", None, None, "свет")])
    assert "свет" not in rows


def test_the_longest_common_beginning_counts() -> None:
    rows = learn([("Фара головная левая", None, None, "headlight"), ("Фара головная правая", None, None, "headlight")])
    assert rows["headlight"].names == ["фара головная"]


def test_a_synonym_that_other_parts_are_called_is_left_out() -> None:
    named = [("Фара противотуманная", None, None, None)] * 3
    assert "фар" not in learn([*named, ("Прожектор", None, None, "фара"), ("Прожектор 24V", None, None, "фара")])


def test_a_name_means_the_names_in_other_languages_without_vehicles() -> None:
    rows = learn([("Фара головная DAF CF", None, "Reflektor DAF CF", None), ("Фара головная", None, "Reflektor", None)])
    assert rows["reflektor"] == OtherName("reflektor", whole=True, names=["фара головная"])
    assert not any("daf" in phrase for phrase in rows)


def test_the_order_of_products_changes_nothing() -> None:
    assert learn(SYNONYM_ON_TWO) == learn(SYNONYM_ON_TWO[::-1])


def test_a_name_ends_before_the_first_number_or_code_and_after_four_words() -> None:
    assert head("Болт M24 колеса") == ("болт",)
    assert head("Крышка бака для топлива в сборе левая") == ("крышка", "бака", "топлива", "сборе")
    assert head("309x242") == ()
