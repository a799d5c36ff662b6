"""API keys: what one looks like, and what opens it."""

from datetime import UTC, datetime, timedelta

import pytest

from service.access.key import Key, hash_secret, key_text, new_id, new_secret, read_key

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SECRET, OLD_SECRET = new_secret(), new_secret()


def key(**changes: object) -> Key:
    values: dict[str, object] = {
        "key_id": new_id(), "name": "shop", "scopes": frozenset({"search"}), "secret_hash": hash_secret(SECRET),
    }  # fmt: skip
    return Key(**(values | changes))  # type: ignore[arg-type]


def test_a_new_key_is_recognised_and_read_back() -> None:
    key_id, secret = new_id(), new_secret()
    text = key_text(key_id, secret)
    assert text.startswith("cord_")
    presented = read_key(text)
    assert presented is not None
    assert (presented.key_id, presented.secret) == (key_id, secret)


def test_a_secret_has_256_bits_and_is_not_what_is_kept() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(SECRET) * 6 >= 256
    assert SECRET.encode() not in hash_secret(SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cord_",
        "cord_0123456789_short",
        pytest.param(SECRET, id="its secret alone"),
        "Bearer x",
        "cord_0123456789_" + "ж" * 43,
    ],
)
def test_anything_else_is_no_key(text: str) -> None:
    assert read_key(text) is None


def test_only_its_secret_opens_a_key() -> None:
    assert key().refusal(SECRET, NOW) is None
    assert key().refusal(OLD_SECRET, NOW) == "This API key is not known."
    assert key().refusal("", NOW) == "This API key is not known."


def test_the_secret_before_a_rotation_is_good_for_a_while() -> None:
    rotated = key(previous_hash=hash_secret(OLD_SECRET), previous_until=NOW + timedelta(hours=1))
    assert rotated.refusal(SECRET, NOW) is None
    assert rotated.refusal(OLD_SECRET, NOW) is None
    assert rotated.refusal(OLD_SECRET, NOW + timedelta(hours=1)) == "This API key is not known."
    assert rotated.refusal(SECRET, NOW + timedelta(hours=1)) is None


def test_a_revoked_or_expired_key_opens_nothing_and_says_so_only_to_who_has_the_secret() -> None:
    rotated = {"previous_hash": hash_secret(OLD_SECRET), "previous_until": NOW + timedelta(hours=1)}
    for changes, said in (
        ({"revoked": NOW}, "This API key was revoked."),
        ({"expires": NOW}, "This API key has expired."),
        ({"revoked": NOW} | rotated, "This API key was revoked."),
    ):
        assert key(**changes).refusal(SECRET, NOW) == said
        assert key(**changes).refusal(new_secret(), NOW) == "This API key is not known."
    assert key(expires=NOW + timedelta(seconds=1)).refusal(SECRET, NOW) is None
    assert key(revoked=NOW, **rotated).refusal(OLD_SECRET, NOW) == "This API key was revoked."
