"""One line per event, for people or as JSON, with the id of the request."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from cordsearch.logs import REQUEST_ID, FloodFilter, LineFormatter, LogFormat, RequestIdFilter, formatter


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


def warning(created: float, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "service", "msg": "%s failed", "levelno": level, "created": created})


def test_a_flood_of_one_warning_is_told_of_and_not_written() -> None:
    flood = FloodFilter()
    assert [flood.filter(warning(100 + number / 100)) for number in range(9)] == [True] * 5 + [False] * 4
    after = warning(101.5)
    assert flood.filter(after)
    assert after.__dict__["dropped_before"] == 4
    later = warning(103.0)
    assert flood.filter(later)
    assert "dropped_before" not in later.__dict__


def test_information_is_never_dropped() -> None:
    flood = FloodFilter()
    assert all(flood.filter(warning(100.0, logging.INFO)) for _ in range(50))


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_logging_of_the_service_can_be_set_up(log_format: LogFormat) -> None:
    code = (
        "import logging, logging.config, sys; from cordsearch.logs import service_logging;"
        f" logging.config.dictConfig(service_logging({log_format!r}));"
        " logging.getLogger('service.search').info('ready'); logging.getLogger('asyncio').info('hidden')"
    )
    written = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    assert written.count("\n") == 1
    assert "ready" in written
    assert written.startswith("{") == (log_format == "json")
