"""Log lines of the worker: one line per event, ``time level event key=value ...`` or JSON, on standard error."""

import logging
import sys
from typing import TextIO

from cordsearch.logs import LogFormat, formatter
from cordsearch.progress import Progress


def configure_logging(*, verbose: bool, stream: TextIO | None = None, log_format: LogFormat = "text") -> None:
    """Send the worker's, the stages' and procrastinate's events to ``stream`` (standard error).

    ``verbose`` shows passes that found nothing too.
    """
    Progress.logged = True
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(formatter(log_format))
    for name in ("cordsearch", "ingest", "embeddings"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        logger.handlers, logger.propagate = [handler], False
    for name in ("procrastinate", "psycopg.pool"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)  # what it warns of is told by the worker in its own words
        logger.handlers, logger.propagate = [handler], False
