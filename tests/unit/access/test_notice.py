"""What the service says of its doors when it starts."""

import logging
from typing import Any

import pytest

from cordsearch.settings import Settings
from service.access.notice import say_who_may_ask


@pytest.mark.parametrize(
    ("settings", "has_keys", "said", "level"),
    [
        ({}, False, "until the first is made", logging.INFO),
        ({}, True, "needed from everywhere", logging.INFO),
        ({"service_host": "0.0.0.0"}, False, "every request is refused", logging.WARNING),
        ({"service_host": "0.0.0.0"}, True, "needed from everywhere", logging.INFO),
        ({"anonymous": False}, False, "cordsearch keys create", logging.WARNING),
        ({"anonymous": True, "service_host": "0.0.0.0"}, True, "need no API key", logging.WARNING),
    ],
)
def test_the_start_says_who_may_ask(
    settings: dict[str, Any],
    *,
    has_keys: bool,
    said: str,
    level: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        say_who_may_ask(Settings(_env_file=None, **settings), has_keys=has_keys)
    (record,) = caplog.records
    assert said in record.getMessage()
    assert record.levelno == level
