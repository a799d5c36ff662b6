"""Who a change of a rule is put down to."""

import pytest
from fastapi import Request

from service.access.caller import Caller
from service.access.key import Key
from service.access.requirement import CALLER
from service.routes.merchandising import caller_name


@pytest.mark.parametrize(
    ("key", "name"), [(None, "anonymous"), (Key("0123456789", "Olena", frozenset({"admin"}), b""), "Olena")]
)
def test_a_change_is_put_down_to_the_name_of_the_key(key: Key | None, name: str) -> None:
    caller = Caller(frozenset({"admin"}), "127.0.0.1", key)
    assert caller_name(Request({"type": "http", CALLER: caller})) == name
