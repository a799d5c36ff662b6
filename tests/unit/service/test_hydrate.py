"""The name to show."""

import pytest

from service.search.hydrate import display_name


@pytest.mark.parametrize(
    ("names", "language", "shown"),
    [
        (("Колодки", "Колодкі", "Klocki"), "uk", ("Колодкі", "uk")),
        (("Колодки", None, "Klocki"), "uk", ("Колодки", "ru")),
        (("Колодки", "-2146826246", None), "uk", ("Колодки", "ru")),
        (("Колодки", "Колодкі", ""), "pl", ("Колодкі", "uk")),
        (("Колодки", None, "Klocki"), "en", ("Klocki", "pl")),
        ((None, None, "Klocki"), "ru", ("Klocki", "pl")),
        ((None, "123", " "), "ru", (None, None)),
    ],
)
def test_the_name_nearest_to_the_language_that_is_a_name(
    names: tuple[str | None, str | None, str | None], language: str, shown: tuple[str | None, str | None]
) -> None:
    row = dict(zip(("name_ru", "name_uk", "name_pl"), names, strict=True))
    assert display_name(row, language) == shown
