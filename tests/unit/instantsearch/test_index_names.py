"""The endings of an index name say language, order and whether completions are wanted."""

import pytest

from service.instantsearch.index_names import IndexName, read_index_name
from service.instantsearch.refused import RefusedRequestError


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("products", IndexName()),
        ("prod_SHOP 2", IndexName()),
        ("uk", IndexName()),
        ("products_uk", IndexName("uk")),
        ("products_price_asc", IndexName(None, "price_asc")),
        ("products_pl_price_desc", IndexName("pl", "price_desc")),
        ("products_price_desc_pl", IndexName("pl", "price_desc")),
        ("products_newest", IndexName(None, "newest")),
        ("products_uk_name_asc", IndexName("uk", "name")),
        ("products_popularity_desc_ru", IndexName("ru", "popularity")),
        ("products_name", IndexName()),
        ("products_query_suggestions", IndexName(suggestions=True)),
        ("products_en_query_suggestions", IndexName("en", suggestions=True)),
    ],
)
def test_endings_are_read(name: str, read: IndexName) -> None:
    assert read_index_name(name) == read


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_no_name_and_endless_names_are_refused(name: str) -> None:
    with pytest.raises(RefusedRequestError, match="indexName"):
        read_index_name(name)


@pytest.mark.parametrize("name", ["products_rating_desc", "products_name_desc", "products_popularity_asc_uk"])
def test_an_order_there_is_not_is_refused_by_name(name: str) -> None:
    with pytest.raises(RefusedRequestError, match=r"there is no order '\w+'; there are price_asc"):
        read_index_name(name)
