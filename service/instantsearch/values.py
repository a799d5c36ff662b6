"""Single values of parameters, which arrive as JSON or, url-encoded, as text. Pure.

Stage: service, HTTP. Reads one value; writes nothing. The same request may come either way: the client of version 4
sends ``params`` as one url-encoded string, in which lists are JSON, the client of version 5 sends plain JSON.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

import orjson
from pydantic import JsonValue

from service.instantsearch.refused import RefusedRequestError

LONGEST_TEXT: Final = 1_000
MOST_STRINGS: Final = 100
_TRUE_OR_FALSE: Final[Mapping[str, bool]] = {"true": True, "false": False, "1": True, "0": False}

Parameters = Mapping[str, JsonValue]


def decode_parameters(encoded: str) -> dict[str, JsonValue]:
    """Return the parameters of a url-encoded string; lists in it are read as JSON.

    Raises:
        RefusedRequestError: there are too many.
    """
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError as error:
        raise RefusedRequestError(f"params cannot be decoded: {error}") from error
    return {name: _decoded(value) for name, value in pairs}


def encode_parameters(parameters: Parameters) -> str:
    """Return ``parameters`` url-encoded, as an answer repeats them; what is not text as JSON."""
    texts = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in parameters.items()
    }
    return urlencode(texts, errors="replace")


def is_off(value: JsonValue) -> bool:
    """Tell whether ``value`` asks for nothing, so that the parameter might as well be missing."""
    return value is None or value is False or value in ("", "false", "[]", "{}", "null") or value in ([], {})


def integer(parameters: Parameters, name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number. Raises RefusedRequestError when it is none, or not between ``low`` and ``high``."""
    value = parameters.get(name)
    if value is None:
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedRequestError(f"{name} must be a whole number, not {_shown(value)}")
    if not low <= value <= high:
        raise RefusedRequestError(f"{name} is {value}; it must be between {low} and {high}")
    return value


def boolean(parameters: Parameters, name: str, *, default: bool) -> bool:
    """Return true or false. Raises RefusedRequestError when it is neither."""
    value = parameters.get(name)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    read = _TRUE_OR_FALSE.get(str(value).lower()) if isinstance(value, str | int) else None
    if read is None:
        raise RefusedRequestError(f"{name} must be true or false, not {_shown(value)}")
    return read


def text(parameters: Parameters, name: str, default: str = "", *, longest: int = LONGEST_TEXT) -> str:
    """Return a text that a database can hold. Raises RefusedRequestError when it is none, or too long."""
    value = parameters.get(name)
    if value is None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RefusedRequestError(f"{name} must be a text, not {_shown(value)}")
    if len(value) > longest:
        raise RefusedRequestError(f"{name} has {len(value)} characters; at most {longest} are allowed")
    check_storable(value, name)
    return value


def texts(parameters: Parameters, name: str) -> list[str] | None:
    """Return a list of texts, also from one text with commas; None when the parameter is missing.

    Raises:
        RefusedRequestError: it is no list of texts, or too long a one.
    """
    value = parameters.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    found = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(found) != len(value):
        raise RefusedRequestError(f"{name} must be a list of texts, not {_shown(value)}")
    if len(found) > MOST_STRINGS:
        raise RefusedRequestError(f"{name} has {len(found)} entries; at most {MOST_STRINGS} are allowed")
    for each in found:
        check_storable(each, name)
    return found


def check_storable(value: str, name: str) -> None:
    """Raise RefusedRequestError when PostgreSQL cannot hold ``value``."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise RefusedRequestError(f"{name} holds a character that no text can have")


def _decoded(value: str) -> JsonValue:
    if not value.startswith("["):
        return value
    try:
        read: JsonValue = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return read


def _shown(value: JsonValue) -> str:
    return repr(value)[:60]
