"""Answers have the shape that the client reads."""

from typing import Any

import pytest

from service.instantsearch.answers import record, result
from service.instantsearch.asked import read_request

PRODUCT = {"product_id": 7, "name": "Тяга", "price": 3.5, "names": {"uk": "Тяга", "ru": None}}


def answered(total: int, **request: Any) -> dict[str, Any]:
    asked = read_request({"indexName": "products", **request})
    return result(asked, [], total=total, total_is_exact=True, took_ms=3.2)


@pytest.mark.parametrize(
    ("total", "request_", "window"),
    [
        (45, {}, {"page": 0, "nbPages": 3, "hitsPerPage": 20}),
        (45, {"page": 2, "hitsPerPage": 10}, {"page": 2, "nbPages": 5, "hitsPerPage": 10}),
        (0, {}, {"page": 0, "nbPages": 0, "hitsPerPage": 20}),
        (50_000, {}, {"page": 0, "nbPages": 50, "hitsPerPage": 20}),
        (45, {"hitsPerPage": 0}, {"page": 0, "nbPages": 0, "hitsPerPage": 0}),
        (45, {"offset": 7, "length": 5}, {"offset": 7, "length": 5}),
    ],
)
def test_pages_end_where_nothing_can_be_reached(total: int, request_: dict[str, Any], window: dict[str, int]) -> None:
    found = answered(total, **request_)

    assert found.items() >= window.items()
    assert found["nbHits"] == total
    assert found["processingTimeMS"] == 4


@pytest.mark.parametrize(
    ("retrieve", "kept"),
    [
        (None, {"product_id", "name", "price", "names"}),
        (["*"], {"product_id", "name", "price", "names"}),
        (["name", "names.uk", "unknown"], {"name", "names"}),
        (["*", "-price"], {"product_id", "name", "names"}),
        (["-price"], {"product_id", "name", "names"}),
        ([], set()),
    ],
)
def test_a_record_holds_what_is_retrieved_and_its_id(retrieve: list[str] | None, kept: set[str]) -> None:
    assert record(PRODUCT, retrieve).keys() == kept | {"objectID"}
    assert record(PRODUCT, retrieve)["objectID"] == "7"
