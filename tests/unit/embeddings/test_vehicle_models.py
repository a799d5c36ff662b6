"""Models of makes, learned from names."""

from embeddings.vehicle_models import VehicleModel, VehicleModels


def learned(*products: tuple[tuple[str | None, ...], tuple[str, ...], int]) -> list[VehicleModel]:
    models = VehicleModels()
    for names, makes, count in products:
        models.add(names, makes, count)
    return models.rows()


def test_what_mostly_stands_after_one_make_is_its_model() -> None:
    rows = learned(
        (("Сальник DAF XF95", None, "Uszczelniacz DAF XF95"), ("DAF",), 10),
        (("Фара DAF CF85 левая", None, None), ("DAF",), 6),
    )
    assert rows == [VehicleModel("daf", "cf85", 6), VehicleModel("daf", "xf95", 10)]


def test_what_stands_after_several_makes_is_no_model() -> None:
    assert learned(
        (("Лампа DAF 24V", None, "Lampa DAF lewy"), ("DAF",), 10),
        (("Лампа MAN 24V", None, "Lampa MAN lewy"), ("MAN",), 10),
    ) == []  # fmt: skip


def test_what_also_stands_elsewhere_is_no_model() -> None:
    assert learned(
        ((None, None, "Lampa DAF Bosch"), ("DAF",), 10),
        ((None, None, "Świeca Bosch"), (), 10),
    ) == []  # fmt: skip


def test_a_make_of_two_words_is_both_and_a_word_of_the_sentence_ends_it() -> None:
    rows = learned((("Фара Mercedes-Benz Axor левая LED", None, None), ("Mercedes-Benz",), 5))
    assert rows == [VehicleModel("benz", "axor", 5), VehicleModel("mercedes", "axor", 5)]


def test_several_models_of_a_name_are_all_learned_and_a_name_ends_its_make() -> None:
    rows = learned((("Фара DAF XF105 CF85", "DAF", "Lampa przednia"), ("DAF",), 5))
    assert [row.model for row in rows] == ["cf85", "xf105"]


def test_a_rare_word_is_no_model() -> None:
    assert learned((("Фара DAF XG", None, None), ("DAF",), 4)) == []
