"""Cursors: what was shown already, so that the next page shows something else. Pure.

Stage: service, between HTTP and the search. A cursor holds the ids that were shown, and a digest of them and of what
was asked: it fits no other question, and a changed one is refused. It is no secret, and no server remembers it.

What is shown is left out of the next page, so nothing comes twice; what was not shown stays to be shown, wherever a
change of stock or price puts it meanwhile, so nothing is skipped.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from hashlib import blake2b
from itertools import accumulate

from service.search.choices import Progress

LONGEST_CURSOR = 28_000  # ids of nine bytes each, in base 64
_DIGEST = 12  # bytes


class CursorError(ValueError):
    """A cursor that this service did not give for this question."""


def encode(progress: Progress, question: str) -> str:
    """Return the cursor of the page after ``progress``; ``question`` is what was asked, in any fixed form."""
    content = bytearray()
    _append(content, progress.reach)
    before = 0
    for product_id in sorted(progress.shown):
        _append(content, product_id - before)
        before = product_id
    return urlsafe_b64encode(_digest(content, question) + content).rstrip(b"=").decode()


def decode(cursor: str, question: str) -> Progress:
    """Return how far its owner is.

    Raises:
        CursorError: the cursor was changed, is none, or belongs to another question.
    """
    try:
        whole = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, Base64Error) as error:
        raise CursorError("the cursor is none that was given out; start again without one") from error
    digest, content = whole[:_DIGEST], whole[_DIGEST:]
    is_whole = urlsafe_b64encode(whole).rstrip(b"=") == cursor.encode("ascii")
    if not is_whole or digest != _digest(content, question):
        raise CursorError(
            "the cursor does not belong to this search; send it with the same parameters, or start again without one"
        )
    reach, *gaps = _numbers(content)
    return Progress(frozenset(accumulate(gaps)), reach)


def _append(content: bytearray, number: int) -> None:
    """Write a number in base 128, lowest digit first; all but the last digit are marked."""
    while number > 127:
        content.append(number & 127 | 128)
        number >>= 7
    content.append(number)


def _numbers(content: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in content:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0


def _digest(content: bytes | bytearray, question: str) -> bytes:
    asked = blake2b(question.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    return blake2b(asked + content, digest_size=_DIGEST, person=b"cordsearch-curs").digest()
