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

MINIMUM_DIGITS_OF_A_BARE_CODE: Final = 5


@lru_cache(maxsize=65_536)
def normalise_code(text: str) -> str:
    """Return the form under which a part number is stored and searched: ``81.43220-6012`` -> ``81432206012``.

    Upper case, Cyrillic look-alikes turned into Latin letters, everything but letters and digits dropped.
    Letters without a Latin double stay. Leading zeros are significant and stay.
    """
    return _NOT_CODE.sub("", text.upper().translate(_LOOKALIKES))
