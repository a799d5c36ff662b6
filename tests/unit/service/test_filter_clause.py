"""Filters put into statements: the same conditions everywhere, and one more where words stand beside them."""

from service.search.filter_clause import apply_filters
from service.search.filters import Filters

SUPPLIER = Filters(supplier="SEM1", available=True)


def test_the_supplier_has_one_condition_more_beside_words_and_no_value_more() -> None:
    alone = apply_filters("select {filters}", SUPPLIER, own_values=2)
    beside_words = apply_filters("select {filters beside words}", SUPPLIER, own_values=2)
    assert beside_words.values == alone.values
    supplier, available = alone.statement.removeprefix("select ").strip().removeprefix("and ").split("\nand ")
    assert supplier in beside_words.statement
    assert available in beside_words.statement
    assert "@> array[left($3::text, 5)]" in beside_words.statement
    assert "@>" not in alone.statement


def test_both_places_are_filled_in_one_statement() -> None:
    statement = apply_filters("{filters beside words} | {filters}", Filters(has_image=True), own_values=0).statement
    assert statement == "\nand product.has_image = $1::boolean | \nand product.has_image = $1::boolean"


def test_no_filters_leave_nothing() -> None:
    assert apply_filters("{filters beside words}{filters}", Filters(), own_values=1) == ("", ())
