"""Answers that may be kept for a moment, and asked for again by what they were.

Stage: service, HTTP. Prices and stock change all day, and who may ask is checked by a key, so an answer is kept by the
one that asked (``private``) and for seconds. The tags are weak (RFC 9110, section 8.8.1): the same answer travels
compressed or not.
"""

from hashlib import blake2b
from typing import Final

from fastapi import Request, Response

KEPT_SECONDS: Final = 10


def entity_tag(content: bytes) -> str:
    """Return the weak entity tag of ``content``."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


def kept_answer(request: Request, content: bytes, *, of: bytes | None = None) -> Response:
    """Return ``content`` as JSON that may be kept for :data:`KEPT_SECONDS`, or 304 if the client has it.

    ``of`` is the part of it that counts, where the rest (how long it took) differs each time.
    """
    tag = entity_tag(content if of is None else of)
    sent = {"ETag": tag, "Cache-Control": f"private, max-age={KEPT_SECONDS}"}
    if has_tag(request.headers.get("If-None-Match"), tag):
        return Response(status_code=304, headers=sent)
    return Response(content, media_type="application/json", headers=sent)


def has_tag(if_none_match: str | None, tag: str) -> bool:
    """Tell whether a client with this ``If-None-Match`` has the answer of ``tag`` (weak comparison)."""
    if if_none_match is None:
        return False
    known = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
