"""Rate limits: what they count, and what they tell."""

import re

import pytest

from cordsearch.errors import SettingsError
from service.access.caller import Caller
from service.access.key import Key, hash_secret
from service.access.rate_limits import RateLimits, read_limit


def anonymous(address: str = "203.0.113.9") -> Caller:
    return Caller(frozenset({"search"}), address)


def with_key(address: str, **limits: str) -> Caller:
    return Caller(frozenset(), address, Key("0123456789", "shop", frozenset(), hash_secret("s"), **limits))  # type: ignore[arg-type]


def test_an_address_is_stopped_at_its_limit_and_no_other() -> None:
    limits = RateLimits("3/hour", "none")
    assert [limits.check(anonymous()).refusal is None for _ in range(5)] == [True, True, True, False, False]
    assert limits.check(anonymous("203.0.113.10")).refusal is None
    refused = limits.check(anonymous())
    assert refused.refusal == "Too many requests from this address: 3/hour are allowed."
    assert 1 <= refused.retry_after <= 1_200


def test_the_fields_are_those_of_the_draft() -> None:
    limits = RateLimits("3/hour", "5/minute")
    fields = dict(limits.check(with_key("203.0.113.9")).fields)
    assert fields[b"ratelimit-policy"] == b'"address";q=3;w=3600, "key";q=5;w=60'
    assert re.fullmatch(rb'"address";r=2;t=\d+, "key";r=4;t=\d+', fields[b"ratelimit"])
    for _ in range(2):
        limits.check(with_key("203.0.113.9"))
    refused = limits.check(with_key("203.0.113.9"))
    assert dict(refused.fields)[b"ratelimit"] == f'"address";r=0;t={refused.retry_after}'.encode()


def test_a_key_has_one_limit_for_all_addresses_and_one_for_each() -> None:
    limits = RateLimits("none", "4/hour")
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"):
        assert limits.check(with_key(address)).refusal is None
    assert limits.check(with_key("203.0.113.5")).refusal == (
        "Too many requests from API key 0123456789: 4/hour are allowed."
    )


def test_a_key_s_own_limits_come_before_the_settings() -> None:
    limits = RateLimits("1/hour", "1/hour")
    own = with_key("203.0.113.9", rate_limit="none", address_limit="3/hour")
    assert [limits.check(own).refusal is None for _ in range(4)] == [True, True, True, False]


def test_an_address_counts_apart_with_and_without_a_key() -> None:
    limits = RateLimits("1/hour", "none")
    assert limits.check(anonymous()).refusal is None
    assert limits.check(with_key("203.0.113.9")).refusal is None
    assert limits.check(anonymous()).refusal is not None


def test_no_limit_has_no_fields() -> None:
    assert RateLimits("none", "none").check(with_key("203.0.113.9")).fields == ()
    local = Caller(frozenset(), "127.0.0.1", is_limited=False)
    limits = RateLimits("1/hour", "1/hour")
    assert all(limits.check(local).refusal is None for _ in range(3))


@pytest.mark.parametrize("text", ["", "many", "0/minute", "5", "5/minute; 6/hour", "5/fortnight", "5/minute burst 0"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="rate limit"):
        read_limit(text)


def test_a_burst_is_a_part_of_the_limit() -> None:
    limits = RateLimits("60/hour burst 2", "none")
    assert [limits.check(anonymous()).refusal is None for _ in range(3)] == [True, True, False]
