"""Vendor codes and original numbers."""

import re

import pytest

from ingest.demo.codes import (
    ANCHOR_NUMBER,
    PATTERNS,
    VENDOR_CODE_STYLES,
    original_number,
    respell,
    supplier_numbers,
    vendor_code,
)

_SHAPES = {
    "man": r"\d\d\.\d{5}-\d{4}",
    "mercedes": r"A \d{3} \d{3} \d\d \d\d",
    "scania": r"\d \d{3} \d{3}",
    "volvo": r"\d{8}",
    "renault": r"(\d{4}|\d\d \d\d) \d{3} \d{3}",
    "daf": r"\d{7}",
    "iveco": r"\d{8}|5 \d{4} \d{4}",
    "zf": r"\d{4}\.\d{3}\.\d{3}",
    "bpw": r"\d\d\.\d{3}\.\d\d\.\d\d\.\d",
    "saf": r"\d \d{3} \d{4} \d\d",
    "generic": r"\d[A-Z]\d\d-\d{5}-A[A-Z]",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_numbers_have_their_makers_shape_and_never_repeat(pattern: str) -> None:
    numbers = [original_number(pattern, index) for index in range(20_000)]
    assert all(re.fullmatch(_SHAPES[pattern], number) for number in numbers)
    assert len({respell(number, 1) for number in numbers}) == len(numbers)


def test_the_anchor_number_is_nobody_elses() -> None:
    assert all(original_number("man", index) != ANCHOR_NUMBER for index in range(100_000))


def test_other_spellings_keep_the_digits() -> None:
    assert respell(ANCHOR_NUMBER, 1) == "81432206012"
    assert respell(ANCHOR_NUMBER, 2) == "81-43220-6012"
    assert respell("20535672", 2) == "205 35672"


def test_supplier_codes_always_include_the_range_of_the_reference_query() -> None:
    numbers = supplier_numbers(list(range(10_000, 20_000)), 6_728)
    assert len(set(numbers)) == 6_728
    assert all(str(number).startswith("1") for number in numbers)
    assert 14_321 in supplier_numbers(list(range(10_000, 20_000)), 20)
    assert len(set(supplier_numbers(list(range(10_000, 20_000)), 25_000))) == 25_000


def test_vendor_codes_of_one_style_never_repeat() -> None:
    for style in range(VENDOR_CODE_STYLES):
        assert len({vendor_code("FEB", style, number) for number in range(60_000)}) == 60_000
