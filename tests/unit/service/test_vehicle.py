"""Models that a query does not ask for."""

import pytest

from service.search.query import understand
from service.search.vehicle import other_models
from tests.unit.service.builders import vocabulary

WORDS = vocabulary("колодки", "daf", "xf", "cf", "mercedes", "benz", "axor", "sprinter")
MODELS = {
    "daf": {"xf105", "xf95", "cf85", "xf"},
    "mercedes": {"axor", "sprintr"},
    "benz": {"axor", "sprintr"},
}


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("колодки daf xf105", ("cf85", "xf95")),
        ("колодки даф хф 105", ("cf85", "xf105", "xf95")),
        ("колодки mercedes-benz axor", ("sprintr",)),
        ("колодки mercedes-benz", ()),
        ("колодки daf", ()),
        ("колодки daf 9999", ()),
        ("колодки", ()),
        ("daf", ()),
    ],
)
def test_the_other_models_of_the_make_are_known_where_one_was_named(typed: str, others: tuple[str, ...]) -> None:
    assert other_models(understand(typed, WORDS).terms, lambda make: MODELS.get(make, ())) == others
