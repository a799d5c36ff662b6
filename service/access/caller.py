"""Who sends a request, and what that allows. Pure: the request's head and the keys in, a ``Caller`` out.

Three kinds of callers:

* with an API key: its scopes, from anywhere; ``admin`` is all of them;
* without, where ``CORDSEARCH_ANONYMOUS=true``: ``search`` and ``events``;
* without, on this machine, in a service that listens on the loopback interface only, has no keys and was told nothing:
  everything. That is ``make run``. A request that a proxy passed on is not from this machine.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from service.access.key import Key

METRICS: Final = "metrics"  # what an admin key or an address of CORDSEARCH_METRICS_NETWORKS may see
_ANONYMOUS: Final = frozenset({"search", "events"})
_EVERYTHING: Final = frozenset({"search", "events", "admin", METRICS})
LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})
_KEY_HEADERS: Final = frozenset({b"x-api-key", b"x-algolia-api-key"})
_KEY_PARAMETER: Final = "x-algolia-api-key"  # widgets send it so, in small letters or capitals, to save a preflight
_KEY_PARAMETER_PATHS: Final = "/1/"

Network = IPv4Network | IPv6Network


class Caller(NamedTuple):
    """Who sends a request.

    ``refusal`` says why the key that was sent opens nothing. ``address`` is what its limit counts by: an IPv4 address,
    or the /64 network of an IPv6 one, because a subscriber owns all of it.
    """

    scopes: frozenset[str]
    address: str
    key: Key | None = None
    refusal: str | None = None
    is_limited: bool = True


class _Head(NamedTuple):
    """What matters of a request's head."""

    key: str | None
    host: str
    origin: str | None
    is_forwarded: bool


class Keys(Protocol):
    """What telling callers apart needs of the keys."""

    @property
    def is_in_use(self) -> bool:
        """Whether a key was ever made."""

    def find(self, text: str) -> Key | str:
        """Return the key, or why there is none."""


class Callers:
    """Tells callers apart by the settings of one service. Raises SettingsError for networks that are none."""

    def __init__(self, settings: Settings) -> None:
        self._anonymous = settings.anonymous
        self._is_private = settings.anonymous is None and settings.service_host in LOOPBACK_NAMES
        self._metrics_networks = read_networks("CORDSEARCH_METRICS_NETWORKS", settings.metrics_networks)

    def identify(self, scope: dict[str, Any], keys: Keys) -> Caller:
        """Return who sends the request of the ASGI ``scope``."""
        head = _read_head(scope)
        client = scope.get("client")
        address = _read_address(client[0] if client else "")
        bucket = _bucket(address)
        if head.key is not None:
            found = keys.find(head.key)
            if isinstance(found, str):
                return Caller(frozenset(), bucket, refusal=found)
            return Caller(_EVERYTHING if "admin" in found.scopes else found.scopes, bucket, key=found)
        direct = None if head.is_forwarded else address
        if direct is not None and self._is_private and direct.is_loopback and not keys.is_in_use:
            return Caller(
                _EVERYTHING if _is_same_site(head.host, head.origin) else _ANONYMOUS, bucket, is_limited=False
            )
        scopes = _ANONYMOUS if self._anonymous else frozenset[str]()
        if direct is not None and _within(direct, self._metrics_networks):
            scopes |= {METRICS}
        return Caller(scopes, bucket)


def read_networks(name: str, text: str) -> tuple[Network, ...]:
    """Return the networks of a setting, separated by commas. Raises SettingsError naming the setting."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"{name}: {error}. Networks look like 10.0.0.0/8, separated by commas.") from error


def _read_head(scope: dict[str, Any]) -> _Head:
    key: str | None = None
    host, origin, is_forwarded = "", None, False
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            key = value[7:].strip().decode("latin-1")
        elif name in _KEY_HEADERS:
            key = key or value.strip().decode("latin-1")
        elif name in _FORWARDED:
            is_forwarded = True
        elif name == b"host":
            host = value.decode("latin-1")
        elif name == b"origin":
            origin = value.decode("latin-1")
    if key is None and scope["path"].startswith(_KEY_PARAMETER_PATHS):
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        key = next((value for name, value in query if name.lower() == _KEY_PARAMETER), None)
    return _Head(key, host, origin, is_forwarded)


@lru_cache(maxsize=256)
def _is_same_site(host: str, origin: str | None) -> bool:
    """Whether a browser's page of another site cannot be behind this request.

    Such a page reaches the loopback interface of whoever opens it: by a request across origins, which names its
    origin, or under a name of its own that leads there (DNS rebinding), which is in ``Host``.
    """
    name = urlsplit(f"//{host}").hostname if "@" not in host else None
    return name in LOOPBACK_NAMES and (origin is None or urlsplit(origin).netloc == host)


@lru_cache(maxsize=8_192)
def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=8_192)
def _bucket(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return "unknown"
    return str(IPv6Network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _within(address: IPv4Address | IPv6Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
