"""Part numbers: their normal form, and how to tell them from words.

Stage: text analysis. Reads: vendor codes, original numbers, query tokens. Writes: the normalised code that
``product_code.code_normalised`` holds; the dbt macro ``normalise_code`` is the same function in SQL, and a contract
test compares the two.
"""

import re
from functools import lru_cache
from typing import Final

_CYRILLIC: Final = "АВСЕНІКМОРТХУЇЁ"
_LATIN: Final = "ABCEHIKMOPTXYIE"
_LOOKALIKES: Final = str.maketrans(_CYRILLIC, _LATIN)
# Letters of the Latin and Cyrillic alphabets and ASCII digits; every other character is punctuation to us. The two
# signs inside the Latin-1 letters (multiplication U+00D7, division U+00F7) are not letters.
_NOT_CODE: Final = re.compile(r"[^A-Z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u04ff]+")
_HAS_DIGIT: Final = re.compile(r"[0-9]")
_HAS_LETTER: Final = re.compile(r"[^\W\d_]")
_SIZE: Final = re.compile(r"m?\d+(?:[.,]\d+)?(?:\s*[xх*×]\s*\d+(?:[.,]\d+)?)+", re.IGNORECASE)
_CODE: Final = re.compile(r"[^\W_]+(?:[-./ ][^\W_]+)*")

MINIMUM_DIGITS_OF_A_BARE_CODE: Final = 5


@lru_cache(maxsize=65_536)
def normalise_code(text: str) -> str:
    """Return the form under which a part number is stored and searched: ``81.43220-6012`` -> ``81432206012``.

    Upper case, Cyrillic look-alikes turned into Latin letters, everything but letters and digits dropped.
    Letters without a Latin double stay. Leading zeros are significant and stay.
    """
    return _NOT_CODE.sub("", text.upper().translate(_LOOKALIKES))


def looks_like_code(token: str) -> bool:
    """Tell whether ``token`` can only be a part number, so that no one may "correct" it into a word.

    True for letters with digits (``SEM143``, ``xf105``), punctuated digits (``81.43220-6012``) and bare digits from
    five on; False for words, sizes (``309x242``), short numbers (``105``) and decimals (``22.5``).
    """
    token = token.strip()
    if not _HAS_DIGIT.search(token) or _SIZE.fullmatch(token) or not _CODE.fullmatch(token):
        return False
    if _HAS_LETTER.search(token):
        return True
    return sum(character.isdigit() for character in token) >= MINIMUM_DIGITS_OF_A_BARE_CODE
