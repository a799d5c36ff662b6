"""The stream inside the worker: one member of the consumer group in a thread, started again when it fails.

Reads Kafka, writes bronze (``ingest.stream.consumer``); Kafka shares the partitions between the workers' streams.
"""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings
from cordsearch.worker.schedule import retry_seconds

if TYPE_CHECKING:
    from ingest.stream.store import Written

log = logging.getLogger("cordsearch.worker")


class Stream:
    """Runs until :meth:`stop`; ``on_news`` is called, in the stream's thread, after rows were committed."""

    def __init__(self, settings: Settings, warehouse_url: str, topics: str, on_news: Callable[[], None]) -> None:
        self._settings = settings.model_copy(update={"kafka_topics": topics})
        self._url, self._on_news = warehouse_url, on_news
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Finish the batch under way; wait up to ``seconds`` for it."""
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        from ingest.stream.consumer import run_stream  # noqa: PLC0415 - needs the extra cordsearch[stream]

        failures = 0
        while not self._stop.is_set():
            try:
                report = run_stream(self._settings, self._url, self._stop, after_batch=self._told)
                log.info("stream.stopped", extra={"did": str(report)})
            except Exception as error:
                known = isinstance(error, CordSearchError)
                details = {"error": str(error), "again_in": retry_seconds(failures)}
                log.error("stream.failed", extra=details, exc_info=None if known else error)  # noqa: TRY400
            self._stop.wait(retry_seconds(failures))
            failures += 1

    def _told(self, written: "Written") -> None:
        if written.rows or written.dead_letters:
            log.info("stream", extra={"rows": written.rows, "dead_letters": written.dead_letters})
            self._on_news()
