"""Analogues: reasons, and which of them come beside the hits of a part number."""

import pytest

from service.search.analogues import (
    Analogue,
    AnalogueReason,
    Analogues,
    choose_replacements,
    read_analogue,
    typed_in_full,
)
from service.search.candidate import Candidate, Retrieved, RetrieverRun
from service.search.query import understand
from tests.unit.service.builders import signals, vocabulary


def of(replaces: int, *product_ids: int, other_make: bool = False) -> Analogues:
    declared = (AnalogueReason("declared", None),)
    found = [Analogue(product_id, replaces, declared, other_make) for product_id in product_ids]
    return Analogues(found, len(found), is_bounded=False)


def test_every_reason_is_told() -> None:
    row = {
        "product_id": 1, "analogue_id": 2, "declared": True, "other_make": False,
        "shared_numbers": ["81.43", "5010"], "vendor_codes": ["SEM 1"],
    }  # fmt: skip
    assert read_analogue(row) == Analogue(
        2,
        1,
        (
            AnalogueReason("declared", None),
            AnalogueReason("shared_number", "81.43"),
            AnalogueReason("shared_number", "5010"),
            AnalogueReason("vendor_code_is_original_number", "SEM 1"),
        ),
    )


def test_the_best_of_every_product_come_first_each_once() -> None:
    chosen = choose_replacements([2, 1], {1: of(1, 10, 11), 2: of(2, 20, 10)}, 10)
    assert [(each.product_id, each.replaces) for each in chosen] == [(20, 2), (10, 1), (11, 1)]


def test_no_more_replacements_than_asked() -> None:
    assert len(choose_replacements([1], {1: of(1, *range(10, 30))}, 10)) == 10


def test_what_may_be_another_part_is_not_offered_unasked() -> None:
    assert choose_replacements([1], {1: of(1, 10, other_make=True)}, 10) == []


def test_products_without_analogues() -> None:
    assert choose_replacements([1, 2], {1: of(1)}, 10) == []


@pytest.mark.parametrize(
    ("text", "matched", "coverage", "is_whole"),
    [
        ("sem-14321", "SEM14321", 1.0, True),
        ("SEM143", "SEM14321", 0.5, False),  # only begins like it
        ("KNB 0545 98", "KNB 0545 98", 1.0, True),  # its letters are a word, all together a number
        ("колодки SEM14321", "SEM14321", 1.0, False),  # beside a word
    ],
)
def test_a_number_is_typed_in_full_or_not(text: str, matched: str, coverage: float, *, is_whole: bool) -> None:
    query = understand(text, vocabulary("колодки"))
    assert query.codes
    found = [Candidate(7, 1.0, coverage, matched, signals())]
    runs = [RetrieverRun("code", "ok", 1.0, Retrieved(found, 1, bounded=False))]
    assert typed_in_full(query, runs) == ({7} if is_whole else set())


def test_other_retrievers_say_nothing_of_numbers() -> None:
    found = [Candidate(7, 1.0, 1.0, "колодк", signals())]
    runs = [RetrieverRun("fulltext", "ok", 1.0, Retrieved(found, 1, bounded=False))]
    assert typed_in_full(understand("SEM14321", vocabulary()), runs) == set()
