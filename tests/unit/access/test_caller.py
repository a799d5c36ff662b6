"""Who a request comes from, and what that opens."""

from typing import Any

import pytest

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings
from service.access.caller import METRICS, Caller, Callers
from service.access.key import Key, hash_secret

KEY = Key("0123456789", "shop", frozenset({"search"}), hash_secret("s"))
ADMIN = Key("9876543210", "staff", frozenset({"admin"}), hash_secret("s"))
EVERYTHING = frozenset({"search", "events", "admin", METRICS})
ANONYMOUS = frozenset({"search", "events"})


class Keys:
    """Two keys, known by their ids."""

    def __init__(self, *, is_in_use: bool = True) -> None:
        self.is_in_use = is_in_use

    def find(self, text: str) -> Key | str:
        return {"shop": KEY, "staff": ADMIN}.get(text, "This API key is not known.")


def identify(
    client: str | None = "127.0.0.1", *, keys: bool = False, path: str = "/search", query: str = "",
    host: str = "127.0.0.1", headers: dict[str, str] | None = None, **settings: Any,
) -> Caller:  # fmt: skip
    sent = {"host": host} | (headers or {})
    scope = {
        "type": "http", "path": path, "query_string": query.encode(),
        "client": None if client is None else (client, 40_000),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    return Callers(Settings(_env_file=None, **settings)).identify(scope, Keys(is_in_use=keys))


@pytest.mark.parametrize("client", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_everything_until_a_key_is_made(client: str) -> None:
    caller = identify(client)
    assert caller.scopes == EVERYTHING
    assert not caller.is_limited
    assert identify(client, keys=True).scopes == {METRICS}
    assert identify(client, keys=True).is_limited


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"])
def test_what_a_proxy_passed_on_is_not_from_this_machine(header: str) -> None:
    caller = identify(headers={header: "127.0.0.1"})
    assert caller.scopes == frozenset()
    assert caller.is_limited


@pytest.mark.parametrize("client", ["10.0.0.7", "203.0.113.9", "2001:db8::1", None, "testclient", "/run/socket"])
def test_others_may_nothing_without_a_key(client: str | None) -> None:
    assert identify(client).scopes == frozenset()


def test_a_service_that_others_reach_trusts_not_even_this_machine() -> None:
    assert identify(service_host="0.0.0.0").scopes == {METRICS}
    assert identify(service_host="::").scopes == {METRICS}


def test_anonymous_opens_search_and_events_to_all_and_nothing_else() -> None:
    assert identify("203.0.113.9", anonymous=True).scopes == ANONYMOUS
    assert identify("203.0.113.9", anonymous=True, keys=True).scopes == ANONYMOUS
    assert identify(anonymous=True).scopes == ANONYMOUS | {METRICS}
    assert identify(anonymous=True, headers={"x-forwarded-for": "203.0.113.9"}).scopes == ANONYMOUS
    assert identify(anonymous=False).scopes == {METRICS}


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example", None),  # DNS rebinding: a name of another site that leads to this machine
        ("evil.example:8000", "http://evil.example:8000"),
        ("127.0.0.1:8000", "http://evil.example"),  # a page of another site asks this machine
        ("127.0.0.1:8000", "null"),
        ("127.0.0.1@evil.example", None),
        ("127.0.0.1:8000", "http://127.0.0.1:9999"),
    ],
)
def test_a_page_of_another_site_in_the_browser_here_may_not_administer(host: str, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    assert identify(host=host, headers=headers).scopes == ANONYMOUS
    for own in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost"):
        assert identify(host=own, headers={"origin": f"http://{own}"}).scopes == EVERYTHING


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer shop"},
        {"authorization": "bearer  shop"},
        {"x-api-key": "shop"},
        {"x-algolia-api-key": "shop"},
    ],
)
def test_a_key_opens_its_scopes_from_anywhere(headers: dict[str, str]) -> None:
    for client in ("203.0.113.9", "127.0.0.1"):
        caller = identify(client, headers=headers)
        assert caller.scopes == {"search"}
        assert caller.key is KEY
        assert caller.is_limited


def test_an_admin_key_opens_everything() -> None:
    assert identify("203.0.113.9", headers={"x-api-key": "staff"}).scopes == EVERYTHING


def test_a_key_in_the_address_counts_only_where_widgets_send_it() -> None:
    query = "x-algolia-agent=a&x-algolia-api-key=shop"
    assert identify("203.0.113.9", path="/1/indexes/*/queries", query=query).key is KEY
    assert identify("203.0.113.9", path="/1/events", query="X-Algolia-API-Key=shop").key is KEY
    assert identify("203.0.113.9", path="/search", query=query).key is None


def test_a_wrong_key_opens_less_than_none() -> None:
    caller = identify(headers={"x-api-key": "stolen"}, anonymous=True)
    assert caller.scopes == frozenset()
    assert caller.refusal == "This API key is not known."
    assert identify(headers={"x-api-key": "stolen"}).scopes == frozenset()
    assert identify(headers={"authorization": "Basic c2hvcDpz"}).scopes == EVERYTHING  # a login of the proxy's, no key


def test_limits_count_by_address_and_by_network_in_ipv6() -> None:
    assert identify("203.0.113.9").address == "203.0.113.9"
    assert identify("::ffff:203.0.113.9").address == "203.0.113.9"
    assert identify("2001:db8:1:2:3:4:5:6").address == identify("2001:db8:1:2::1").address
    assert identify("2001:db8:1:2::1").address != identify("2001:db8:1:3::1").address
    assert identify(None).address == identify("nonsense").address


def test_metrics_are_for_the_networks_of_the_setting() -> None:
    networks: dict[str, Any] = {"metrics_networks": "10.1.0.0/16, 2001:db8::/32", "anonymous": False}
    assert identify("10.1.2.3", **networks).scopes == {METRICS}
    assert identify("2001:db8::5", **networks).scopes == {METRICS}
    assert identify("10.2.0.1", **networks).scopes == frozenset()
    assert identify("127.0.0.1", **networks).scopes == frozenset()
    assert identify("10.1.2.3", headers={"x-forwarded-for": "10.1.2.3"}, **networks).scopes == frozenset()


def test_networks_that_are_none_are_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="CORDSEARCH_METRICS_NETWORKS"):
        identify(metrics_networks="everywhere")
