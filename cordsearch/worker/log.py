"""Log lines of the worker: one line per event, ``time level event key=value ...``, on standard error."""

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from cordsearch.progress import Progress

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Writes what a record carries in ``extra`` as ``key=value``; text with spaces is quoted, one line always."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of ``record``; a traceback follows on lines of its own."""
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        fields = [f"{key}={_text(value)}" for key, value in vars(record).items() if key not in _STANDARD]
        line = " ".join([when, f"{record.levelname.lower():<7}", record.getMessage(), *fields])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return f'"{text}"' if " " in text or not text else text


def configure_logging(*, verbose: bool, stream: TextIO | None = None) -> None:
    """Send the worker's, the stages' and procrastinate's events to ``stream`` (standard error).

    ``verbose`` shows passes that found nothing too.
    """
    Progress.logged = True
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(LineFormatter())
    for name in ("cordsearch", "ingest", "embeddings"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        logger.handlers, logger.propagate = [handler], False
    for name in ("procrastinate", "psycopg.pool"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)  # what it warns of is told by the worker in its own words
        logger.handlers, logger.propagate = [handler], False
