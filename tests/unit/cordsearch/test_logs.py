"""One line per event, for people or as JSON, with the id of the request."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from cordsearch.logs import REQUEST_ID, LineFormatter, RequestIdFilter, formatter


def test_a_line_holds_what_the_record_carries() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "job.done",
            "levelname": "INFO",
            "created": 0.25,
            "duty": "refresh",
            "seconds": 0.12345,
            "did": "a\nb c",
        }
    )
    assert LineFormatter().format(record) == (
        '1970-01-01T00:00:00.250Z info    job.done duty=refresh seconds=0.123 did="a b c"'
    )


@pytest.fixture
def request_id() -> Iterator[str]:
    token = REQUEST_ID.set("abc-1")
    yield "abc-1"
    REQUEST_ID.reset(token)


@pytest.fixture
def written() -> tuple[logging.Logger, io.StringIO]:
    """A logger of its own that writes JSON, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    handler.addFilter(RequestIdFilter())
    logger = logging.Logger("service.test")  # noqa: LOG001 - nobody else should find it
    logger.addHandler(handler)
    return logger, stream


def only_line(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_json_holds_the_same(written: tuple[logging.Logger, io.StringIO], request_id: str) -> None:
    logger, stream = written
    logger.warning("нема %s", "бази", extra={"route": "/search", "milliseconds": 1.5})
    line = only_line(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "service.test",
        "event": "нема бази",
        "route": "/search",
        "milliseconds": 1.5,
        "request_id": request_id,
    }


def test_a_traceback_and_a_broken_line_stay_one_json_line(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    try:
        int("two\nlines")
    except ValueError:
        logger.exception("failed\nbadly")
    line = only_line(stream)
    assert line["event"] == "failed\nbadly"
    assert "ValueError: invalid literal" in line["exc_info"]
    assert "request_id" not in line


def test_a_line_for_people_cannot_be_forged(request_id: str) -> None:
    record = logging.makeLogRecord({"msg": "one\n2026-01-01 error   two", "levelname": "INFO", "created": 0.0})
    assert RequestIdFilter().filter(record)
    line = LineFormatter().format(record)
    assert "\n" not in line
    assert line.endswith(f"request_id={request_id}")
