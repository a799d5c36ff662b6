"""API keys as an administrator handles them: made, listed, rotated, revoked.

Stage: command line. Writes ``access.api_key``; every running service follows within a second. A key's secret is shown
once, when it is made, and kept nowhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row

from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query
from service.access.key import SCOPES, hash_secret, key_text, new_id, new_secret, read_key
from service.access.rate_limits import read_limit

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST_NAME: Final = 100


class KeyAdministrationError(CordSearchError):
    """A key cannot be made, found or changed as asked."""


@dataclass(frozen=True)
class NewKey:
    """A key with its secret, to be shown once. ``until``: when it expires, or when the secret before it stops."""

    key_id: str
    text: str
    until: datetime | None


def create_key(
    url: str,
    name: str,
    scopes: Sequence[str],
    *,
    valid_for: timedelta | None = None,
    rate_limit: str | None = None,
    address_limit: str | None = None,
) -> NewKey:
    """Make a key with ``scopes``. Raises KeyAdministrationError, SettingsError for a limit that is none."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise KeyAdministrationError(f"Scopes are {', '.join(SCOPES)}; not {', '.join(unknown) or 'none at all'}.")
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise KeyAdministrationError(f"A key needs a name of 1 to {_LONGEST_NAME} printable characters.")
    for limit in (rate_limit, address_limit):
        if limit is not None:
            read_limit(limit)
    key_id, secret = new_id(), new_secret()
    values = {
        "key_id": key_id,
        "name": name.strip(),
        "scopes": sorted(set(scopes)),
        "secret_hash": hash_secret(secret),
        "valid_for": valid_for,
        "rate_limit": rate_limit,
        "address_limit": address_limit,
    }
    (row,) = _run(url, "sql/create_key.sql", values)
    return NewKey(key_id, key_text(key_id, secret), row["expires"])


def list_keys(url: str) -> list[dict[str, Any]]:
    """Return every key without secrets or hashes, oldest first; ``state`` is active, expired or revoked."""
    return _run(url, "sql/list_keys.sql", {})


def rotate_key(url: str, key: str, grace: timedelta) -> NewKey:
    """Give a key a new secret; the old one stays valid for ``grace``. Raises KeyAdministrationError."""
    key_id, secret = _key_id(key), new_secret()
    rows = _run(url, "sql/rotate_key.sql", {"key_id": key_id, "secret_hash": hash_secret(secret), "grace": grace})
    if not rows:
        raise KeyAdministrationError(f"There is no active key {key_id}. `cordsearch keys list` shows what there is.")
    return NewKey(key_id, key_text(key_id, secret), rows[0]["previous_until"])


def revoke_key(url: str, key: str) -> str:
    """Stop a key for good, with all its secrets; return its id. Raises KeyAdministrationError."""
    key_id = _key_id(key)
    if not _run(url, "sql/revoke_key.sql", {"key_id": key_id}):
        raise KeyAdministrationError(f"There is no key {key_id}. `cordsearch keys list` shows what there is.")
    return key_id


def read_period(text: str) -> timedelta:
    """Return the time of ``"30m"``, ``"24h"`` or ``"90d"``. Raises KeyAdministrationError."""
    match = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if match is None:
        raise KeyAdministrationError(f"{text!r} is no time. One looks like 30m, 24h or 90d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _key_id(key: str) -> str:
    """Take an id, or the whole key as it was handed out: what leaked is often at hand as a whole."""
    presented = read_key(key)
    return key if presented is None else presented.key_id


def _run(url: str, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connect(url, row_factory=dict_row) as connection:
        connection.execute(load_query(__file__, "sql/create_schema.sql"))
        found: Any = connection.execute(
            load_query(__file__, query), values
        ).fetchall()  # rows as row_factory makes them
    return list(found)
