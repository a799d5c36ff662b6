"""Conditions become the filters of the search, or are refused by name."""

from collections.abc import Sequence

import pytest

from service.instantsearch.conditions import read_facet_filters
from service.instantsearch.filter_language import read_filters
from service.instantsearch.narrowing import narrow
from service.instantsearch.refused import RefusedRequestError
from service.search.filters import Filters


class Names:
    """Two car brands, one of which has two ids."""

    def ids(self, kind: str, name: str) -> Sequence[int]:
        return {("car_brand", "man"): (5, 9), ("car_brand", "daf"): (2,)}.get((kind, name.lower()), ())


@pytest.mark.parametrize(
    ("filters", "narrowed"),
    [
        ("", Filters()),
        ("car_brand:MAN", Filters(car_brand_ids=(5, 9))),
        ("car_brand:MAN OR car_brand:DAF", Filters(car_brand_ids=(2, 5, 9))),
        ("car_brand:MAN OR car_brand_id:7", Filters(car_brand_ids=(5, 7, 9))),
        ("category_id:7 OR category_id = 8", Filters(category_ids=(7, 8))),
        ("(car_brand:MAN OR car_brand:DAF) AND car_brand:daf", Filters(car_brand_ids=(2,))),
        ("car_brand:MAN OR car_brand:Unknown", Filters(car_brand_ids=(5, 9))),
        ("available:true AND has_image:false", Filters(available=True, has_image=False)),
        ("NOT available:true", Filters(available=False)),
        ("NOT car_brand:MAN", Filters(not_car_brand_ids=(5, 9))),
        ("NOT car_brand:MAN AND NOT car_brand_id:7", Filters(not_car_brand_ids=(5, 7, 9))),
        ("car_brand:DAF AND NOT car_brand:MAN", Filters(car_brand_ids=(2,), not_car_brand_ids=(5, 9))),
        ("NOT car_brand:Unknown", Filters()),
        ("available:true OR available:false", Filters()),
        ("price:5 TO 20 AND price >= 10", Filters(price_min=10, price_max=20)),
        ("price:5 TO 10 OR price:10 TO 20", Filters(price_min=5, price_max=20)),
        ("price:7", Filters(price_min=7, price_max=7)),
        ("weight <= 2.5", Filters(weight_max=2.5)),
        ("supplier:'sem-1' AND supplier:SEM", Filters(supplier="SEM1")),
    ],
)
def test_conditions_become_filters(filters: str, narrowed: Filters) -> None:
    assert narrow(read_filters(filters), Names()) == narrowed


@pytest.mark.parametrize(
    "filters",
    [
        "car_brand:Unknown", "available:true AND available:false", "price < 5 AND price > 5", "price:9 TO 3",
        "supplier:SEM AND supplier:XYZ", "car_brand:Unknown AND car_brand:MAN",
    ],
)  # fmt: skip
def test_what_no_product_can_pass_is_known_before_the_search(filters: str) -> None:
    assert narrow(read_filters(filters), Names()) is None


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ("brand:MAN", "'brand'"),
        ("objectID:5", "'objectID'"),
        ("car_brand:MAN OR available:true", "available, car_brand"),
        ("car_brand:MAN AND car_brand:DAF", "car_brand"),
        ("NOT car_brand:MAN OR NOT car_brand:DAF", "car_brand:MAN"),
        ("car_brand:DAF OR NOT car_brand:MAN", "car_brand:DAF"),
        ("price:1 TO 2 OR price:5 TO 6", "price"),
        ("available:1", "available:1"),
        ("available = 1", "available"),
        ("category_id:seven", "category_id:seven"),
        ("category_id > 3", "category_id"),
        ("category_id:99999999999999999999", "category_id"),
        ("supplier:A OR supplier:B", "supplier"),
        ("NOT supplier:A", "supplier:A"),
    ],
)
def test_what_filters_cannot_say_is_refused_by_name(filters: str, named: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        narrow(read_filters(filters), Names())
    assert named in str(refused.value)


def test_a_number_may_come_as_a_facet_value() -> None:
    assert narrow(read_facet_filters(["price:10"]), Names()) == Filters(price_min=10, price_max=10)
