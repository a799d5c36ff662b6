"""When two queries are the same query to a rule. Pure.

Stage: service, merchandising. Reads the text of a query; writes a key that other spellings of it share.
"""

from functools import lru_cache

from cordsearch.analysis.codes import normalise_code
from service.search.wording import phrase_key


@lru_cache(maxsize=65_536)  # as many as there may be in rules, and then some
def query_key(text: str) -> str:
    """Return the key of ``text``: stems in the order typed; a number alone without its punctuation. Empty for nothing.

    ``Колодки гальмівні`` and ``гальмівна  колодка`` differ by order only, and are two queries; ``81.43220-6012`` and
    ``81432206012`` are one.
    """
    words = phrase_key(text)
    if any(word.isalpha() for word in words):
        return " ".join(words)
    return normalise_code(text).lower()
