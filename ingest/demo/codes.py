"""Stage: demo source. Reads nothing; writes vendor codes and original numbers in the spelling of their makers.

A number is made from a running index by a multiplication modulo the count of possible numbers:
numbers look random, yet two indexes never give one number. The shapes are those of the makers' parts
catalogues: MAN 81.43220-6012, Mercedes-Benz A 006 420 61 20, Scania 1 378 479, Volvo 20535672,
Renault 5010 260 600, DAF 1377128, Iveco 42536793 or 5 0122 1911, ZF 0501.219.345,
BPW 05.397.31.03.0, SAF 3 057 0073 00.
"""

from collections.abc import Callable

_SPREAD = 2_654_435_761  # a prime, so it shares no factor with any count below
ANCHOR_NUMBER = "81.43220-6012"
_ANCHOR_GROUP = 43_220  # reserved: only the anchor number is made of it

SUPPLIER_PREFIX = "SEM"
SPELLINGS = 3


def supplier_numbers(random_numbers: list[int], count: int) -> list[int]:
    """Return ``count`` distinct numbers for codes that begin with ``SEM1``, the SEM143 range always among them.

    ``random_numbers`` is a permutation of 10000..19999; beyond it codes get a digit more.
    """
    first = [14_321, 14_310, 14_398, 14_357, 14_344][: max(1, count // 4)]
    rest = [number for number in random_numbers if number not in first]
    longer = range(100_000, 200_000)
    return [*first, *rest, *longer][:count]


def vendor_code(prefix: str, style: int, number: int) -> str:
    """Return a supplier's code; ``style`` is how this supplier writes: SMP010.123, FEB12345, WAB-104512 ..."""
    match style:
        case 0:
            return f"{prefix}{10_000 + number}"
        case 1:
            return f"{prefix}{number // 1000 + 10:03d}.{number % 1000:03d}"
        case 2:
            return f"{prefix}{100_000 + number}"
        case 3:
            return f"{prefix}-{10_000 + number}"
        case 4:
            return f"{prefix} {number // 100 + 100:04d} {number % 100:02d}"
        case _:
            return f"{prefix}{number // 10_000 + 1}K{number % 10_000:04d}"


VENDOR_CODE_STYLES = 6


def original_number(pattern: str, index: int, spelling: int = 0) -> str:
    """Return original number ``index`` of a maker.

    ``spelling`` 0 is the maker's own; 1 is bare (``81432206012``); 2 is what a hurried clerk types (``81-43220-6012``).
    """
    capacity, write = _PATTERNS[pattern]
    return respell(write((index * _SPREAD + 7_919) % capacity), spelling)


def respell(number: str, spelling: int) -> str:
    """Return ``number`` in another punctuation: 0 as it is, 1 bare, 2 with other separators."""
    if spelling == 0:
        return number
    bare = number.replace(".", "").replace("-", "").replace(" ", "")
    if spelling == 1:
        return bare
    return number.replace(".", "-").replace(" ", "-") if bare != number else f"{number[:3]} {number[3:]}"


def _man(value: int) -> str:
    value, serial = divmod(value, 1_000)
    prefix, group = divmod(value, 80_000)
    group += 15_000
    if group == _ANCHOR_GROUP:
        group += 1
    return f"{('81', '51', '85', '83')[prefix]}.{group:05d}-{6_000 + serial}"


def _mercedes(value: int) -> str:
    value, last = divmod(value, 100)
    value, serial = divmod(value, 100)
    series, group = divmod(value, 900)
    return f"A {series:03d} {group + 10:03d} {serial:02d} {last:02d}"


def _scania(value: int) -> str:
    number = value + 1_100_000
    return f"{number // 1_000_000} {number // 1_000 % 1_000:03d} {number % 1_000:03d}"


def _volvo(value: int) -> str:
    return str(value + 20_100_000)


def _renault(value: int) -> str:
    high, low = divmod(value % 1_000_000, 1_000)
    series = ("5010", "5001", "7420", "7421")[value // 1_000_000]
    if value % 3 == 0:  # a third is written in pairs; which, is the number's own affair, so none has both forms
        return f"{series[:2]} {series[2:]} {high:03d} {low:03d}"
    return f"{series} {high:03d} {low:03d}"


def _daf(value: int) -> str:
    return str(value + 1_200_000)


def _iveco(value: int) -> str:
    number, style = divmod(value, 2)
    if style:
        return f"5 {number // 10_000 % 1_000:04d} {number % 10_000:04d}"
    return str(41_000_000 + number)


def _zf(value: int) -> str:
    series, number = divmod(value, 900_000)
    return f"{('0501', '0750', '1315', '1304')[series]}.{100 + number // 1_000:03d}.{number % 1_000:03d}"


def _bpw(value: int) -> str:
    value, last = divmod(value, 10)
    value, serial = divmod(value, 100)
    value, kind = divmod(value, 100)
    prefix, group = divmod(value, 900)
    return f"{('05', '03', '02')[prefix]}.{group + 100:03d}.{kind:02d}.{serial:02d}.{last}"


def _saf(value: int) -> str:
    value, serial = divmod(value, 10_000)
    kind, group = divmod(value, 400)
    return f"{kind + 1} {group:03d} {serial:04d} 00"


def _generic(value: int) -> str:
    value, last = divmod(value, 20)
    value, serial = divmod(value, 100_000)
    letters = "ABCDEFGHJKLMNPRSTUVX"
    return f"{value % 9 + 1}{letters[value % 20]}{value % 90 + 10}-{serial:05d}-A{letters[last]}"


_PATTERNS: dict[str, tuple[int, Callable[[int], str]]] = {
    "man": (4 * 80_000 * 1_000, _man),
    "mercedes": (980 * 900 * 100 * 100, _mercedes),
    "scania": (1_900_000, _scania),
    "volvo": (3_900_000, _volvo),
    "renault": (4 * 1_000_000, _renault),
    "daf": (1_100_000, _daf),
    "iveco": (2 * 2_000_000, _iveco),
    "zf": (4 * 900_000, _zf),
    "bpw": (3 * 900 * 100 * 100 * 10, _bpw),
    "saf": (4 * 400 * 10_000, _saf),
    "generic": (180 * 100_000 * 20, _generic),
}
PATTERNS = tuple(_PATTERNS)
