"""Log lines of service and worker: for people, or as JSON, with the id of the request they belong to.

Reads nothing; writes to standard error. Both forms hold the same: time, level, event, what the event carries in
``extra`` and, inside a request, ``request_id``.
"""

import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from pythonjsonlogger.orjson import OrjsonFormatter

LogFormat = Literal["text", "json"]

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; None outside of one."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class RequestIdFilter(logging.Filter):
    """Puts the id of the request on its records; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``request_id`` inside a request."""
        if (request_id := REQUEST_ID.get()) is not None:
            record.request_id = request_id
        return True


class LineFormatter(logging.Formatter):
    """Writes what a record carries in ``extra`` as ``key=value``; text with spaces is quoted, one line always."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``; a traceback follows on lines of its own."""
        fields = [f"{key}={_text(value)}" for key, value in vars(record).items() if key not in _STANDARD]
        message = " ".join(record.getMessage().splitlines())
        line = " ".join([_time(record), f"{record.levelname.lower():<7}", message, *fields])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(OrjsonFormatter):
    """One JSON object per line: time, level, logger, event, then what the record carries, ``exc_info`` as text."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger", "message": "event"},
            reserved_attrs=sorted(_STANDARD),
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write levels in small letters, as the other form does."""
        log_data["level"] = log_data["level"].lower()
        return super().process_log_record(log_data)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Begin every object with its time."""
        log_data["time"] = _time(record)
        super().add_fields(log_data, record, message_dict)


class FloodFilter(logging.Filter):
    """Lets at most five warnings of one kind through in a second; the next one says how many were dropped before it.

    A database that is away fails every request in the same way.
    """

    most, seconds = 5, 1.0

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written; what is below a warning always is."""
        if record.levelno < logging.WARNING:
            return True
        kind = (record.name, str(record.msg))
        began, count = self._windows.get(kind, (record.created, 0))
        if record.created - began >= self.seconds:
            if count > self.most:
                record.dropped_before = count - self.most
            began, count = record.created, 0
        self._windows[kind] = (began, count + 1)
        return count < self.most


def service_logging(log_format: LogFormat) -> dict[str, Any]:
    """Return the logging of a service process for ``logging.config.dictConfig``."""
    own = {name: {"level": "INFO"} for name in ("cordsearch", "embeddings", "service", "uvicorn")}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "cordsearch.logs.formatter", "log_format": log_format}},
        "filters": {
            "request_id": {"()": "cordsearch.logs.RequestIdFilter"},
            "flood": {"()": "cordsearch.logs.FloodFilter"},
        },
        "handlers": {
            "lines": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id", "flood"]}
        },
        "loggers": own,
        "root": {"level": "WARNING", "handlers": ["lines"]},
    }


def formatter(log_format: LogFormat) -> logging.Formatter:
    """Return what makes lines of records."""
    return JsonFormatter() if log_format == "json" else LineFormatter()


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return f'"{text}"' if " " in text or not text else text
