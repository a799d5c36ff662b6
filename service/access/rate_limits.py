"""How often one caller may ask: a limit per key, and one per address.

Stage: service. Counted in the memory of each worker process with GCRA (a leaky bucket kept as one time; throttled-py):
no round trip, exact within a worker. The kernel spreads connections over the workers, so a client with many connections
reaches up to the limit times the workers, one with a single connection the limit itself.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from throttled import MemoryStore, RateLimiterRegistry, RateLimiterType
from throttled.exceptions import BaseThrottledError
from throttled.rate_limiter import BaseRateLimiter, Quota
from throttled.rate_limiter.quota_parser import parse

from cordsearch.errors import SettingsError
from service.access.caller import Caller

NO_LIMIT: Final = "none"
_COUNTED_CALLERS = 100_000  # about 30 MB when an attack fills it; the longest silent are forgotten first
_FULL = 1


class Verdict(NamedTuple):
    """The outcome for one request.

    ``fields`` are the RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10); ``refusal`` says which limit
    was hit, ``retry_after`` in how many seconds to come again.
    """

    fields: tuple[tuple[bytes, bytes], ...] = ()
    refusal: str | None = None
    retry_after: int = 0


_PASSED: Final = Verdict()


@dataclass(frozen=True)
class _Limit:
    name: str
    text: str
    counted: str
    whose: str


class RateLimits:
    """Counts the requests of one worker. Raises SettingsError for limits that are none."""

    def __init__(self, address_limit: str, key_limit: str) -> None:
        self._address_limit, self._key_limit = address_limit, key_limit
        self._store = MemoryStore(options={"MAX_SIZE": _COUNTED_CALLERS})
        self._limiters: dict[str, BaseRateLimiter | None] = {}
        for text in (address_limit, key_limit):
            self._limiter(text)

    def check(self, caller: Caller, requests: int = 1) -> Verdict:
        """Count ``requests`` of ``caller`` and say whether they may pass, all or none."""
        if not caller.is_limited:
            return _PASSED
        policies, states = [], []
        for limit in self._limits_of(caller):
            limiter = self._limiter(limit.text)
            if limiter is None:
                continue
            result = limiter.limit(limit.counted, requests)
            state = result.state
            policies.append(f'"{limit.name}";q={limiter.quota.get_limit()};w={limiter.quota.get_period_sec()}')
            wait = math.ceil(state.retry_after if result.limited else state.reset_after)
            states.append(f'"{limit.name}";r={state.remaining};t={wait}')
            if result.limited:
                refusal = f"Too many requests from {limit.whose}: {limit.text} are allowed."
                return Verdict(_fields(policies, states), refusal, max(wait, _FULL))
        return Verdict(_fields(policies, states))

    def _limits_of(self, caller: Caller) -> tuple[_Limit, ...]:
        key = caller.key
        if key is None:
            return (_Limit("address", self._address_limit, caller.address, "this address"),)
        return (
            _Limit(
                "address", key.address_limit or self._address_limit, f"{key.key_id} {caller.address}", "this address"
            ),
            _Limit("key", key.rate_limit or self._key_limit, key.key_id, f"API key {key.key_id}"),
        )

    def _limiter(self, text: str) -> BaseRateLimiter | None:
        if text not in self._limiters:
            quota = read_limit(text)
            made = None if quota is None else RateLimiterRegistry.get(RateLimiterType.GCRA.value)(quota, self._store)
            self._limiters[text] = made
        return self._limiters[text]


def read_limit(text: str) -> Quota | None:
    """Return the quota of ``"1200/minute"`` or ``"600/minute burst 50"``; None for ``"none"``. Raises SettingsError."""
    if text == NO_LIMIT:
        return None
    try:
        quotas = parse(text)
    except BaseThrottledError as error:
        raise SettingsError(f"{text!r} is no rate limit. One looks like 600/minute, or 600/minute burst 50.") from error
    if len(quotas) != 1 or quotas[0].burst < 1:
        raise SettingsError(f"{text!r} is no rate limit: exactly one is needed, with a burst of one or more.")
    return quotas[0]


def _fields(policies: list[str], states: list[str]) -> tuple[tuple[bytes, bytes], ...]:
    if not policies:
        return ()
    return (
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(states).encode()),
    )
