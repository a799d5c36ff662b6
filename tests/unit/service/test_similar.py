"""Which of the nearest products are shown, and in what order."""

from service.search.similar import SAME_TEXT, Neighbour, choose_similar


def near(product_id: int, similarity: float, **changes: str | float | bool | None) -> Neighbour:
    """Return a neighbour with a code and a text of its own, out of stock."""
    neighbour = Neighbour(product_id, similarity, f"CODE{product_id}", product_id, False, 0.0, False)  # noqa: FBT003
    return neighbour._replace(**changes)  # type: ignore[arg-type]


def chosen(*neighbours: Neighbour, limit: int = 20) -> list[int]:
    return [neighbour.product_id for neighbour in choose_similar(neighbours, limit)]


def test_the_nearest_come_first_and_no_more_than_asked() -> None:
    assert chosen(near(1, 0.7), near(2, 0.9), near(3, 0.8), limit=2) == [2, 3]


def test_stock_and_demand_decide_among_nearly_the_same() -> None:
    assert chosen(near(1, 0.93), near(2, 0.90, available=True), near(3, 0.92, popularity=1.0)) == [2, 3, 1]


def test_stock_does_not_lift_another_part() -> None:
    assert chosen(near(1, 0.9), near(2, 0.7, available=True, popularity=1.0)) == [1, 2]


def test_another_make_comes_last_however_near() -> None:
    assert chosen(near(1, 0.99, other_make=True, available=True), near(2, 0.6)) == [2, 1]


def test_a_vendor_code_comes_once_by_its_best_card() -> None:
    assert chosen(near(1, 0.9, code="A1"), near(2, 0.9, code="A1", available=True), near(3, 0.8)) == [2, 3]


def test_products_without_a_vendor_code_are_not_one() -> None:
    assert chosen(near(1, 0.9, code=None), near(2, 0.8, code=None)) == [1, 2]


def test_one_text_does_not_fill_the_list_while_there_are_others() -> None:
    same = [near(product_id, 1.0, same_text=0) for product_id in range(1, 7)]
    others = [near(10, 0.8), near(11, 0.7)]
    assert chosen(*same, *others) == [1, 2, 3, 10, 11, 4, 5, 6]
    assert chosen(*same, *others, limit=4) == [1, 2, 3, 10]
    assert SAME_TEXT == 3


def test_ties_go_to_the_lower_id_whatever_the_input_order() -> None:
    neighbours = [near(3, 0.9), near(1, 0.9), near(2, 0.9)]
    assert chosen(*neighbours) == chosen(*neighbours[::-1]) == [1, 2, 3]


def test_nothing_near() -> None:
    assert chosen() == []
