"""API keys: what one looks like, what is kept of it, how it is checked. Pure.

A key is ``cord_<id>_<secret>``. The id is public: it names the key in lists and logs. The secret is 256 random bits, of
which only SHA-256 is kept. A slow hash (bcrypt, argon2) protects passwords because people choose guessable ones; nobody
can guess one of 2**256 equally likely secrets, however fast the hash is, so a fast one is safe and a request need not
pay for a slow one (NIST SP 800-63B, section 5.1.1.2, asks for slow hashes of memorized secrets only). A keyed hash
(HMAC) would add a second secret to look after, and nobody has anything to guess without it either.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

Scope = Literal["search", "events", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

PREFIX: Final = "cord"
_ID_BYTES = 5
_SECRET_BYTES = 32
_TEXT = re.compile(rf"{PREFIX}_([0-9a-f]{{{2 * _ID_BYTES}}})_([0-9A-Za-z_-]{{43}})")


@dataclass(frozen=True)
class Presented:
    """A well-formed key as a client sent it."""

    key_id: str
    secret: str


@dataclass(frozen=True)
class Key:
    """What the service knows of one key.

    ``previous_hash`` is of the secret before the last rotation, valid until ``previous_until``.
    """

    key_id: str
    name: str
    scopes: frozenset[str]
    secret_hash: bytes
    previous_hash: bytes | None = None
    previous_until: datetime | None = None
    expires: datetime | None = None
    revoked: datetime | None = None
    rate_limit: str | None = None
    address_limit: str | None = None

    def refusal(self, secret: str, now: datetime) -> str | None:
        """Return why ``secret`` does not open anything with this key, or None when it does.

        Both hashes are always compared, and compared in constant time; the secret counts before what the key's own
        state would tell, so that nobody without it learns that a key was revoked or has expired.
        """
        found = hash_secret(secret)
        is_current = hmac.compare_digest(found, self.secret_hash)
        is_previous = hmac.compare_digest(found, self.previous_hash or bytes(len(found)))
        in_grace = self.previous_until is not None and now < self.previous_until
        if not is_current and not (is_previous and in_grace):
            return "This API key is not known."
        if self.revoked is not None:
            return "This API key was revoked."
        if self.expires is not None and now >= self.expires:
            return "This API key has expired."
        return None


def new_id() -> str:
    """Return the public part of a new key."""
    return secrets.token_hex(_ID_BYTES)


def new_secret() -> str:
    """Return 256 random bits in 43 characters that need no quoting in a URL, a header or a shell."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def key_text(key_id: str, secret: str) -> str:
    """Return the key as it is handed to a client."""
    return f"{PREFIX}_{key_id}_{secret}"


def read_key(text: str) -> Presented | None:
    """Return the parts of a key; None when ``text`` is none."""
    match = _TEXT.fullmatch(text)
    return None if match is None else Presented(match[1], match[2])


def hash_secret(secret: str) -> bytes:
    """Return what is kept of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()
