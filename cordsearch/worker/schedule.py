"""When things are due: intervals, rest after work, retries, cron lines. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from croniter import croniter

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings

SOURCE_NAMES = ("product", "ecosystem")
NEVER = "never"
_LONGEST_RETRY_SECONDS = 60


def rest_seconds(interval: float, busy: float, share: float) -> float:
    """Return how long to wait after ``busy`` seconds of work, so that at most ``share`` of the time is work.

    Counted from the end of the work; an interval is counted from its begin.
    """
    return max(interval - busy, busy * (1 / share - 1), 0.0)


def retry_seconds(attempts: int) -> int:
    """Return the pause after failed attempt number ``attempts`` (from 0): 1, 2, 4 ... 60 seconds."""
    return min(_LONGEST_RETRY_SECONDS, 1 << min(attempts, 16))


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How far back a pass reads. Most read a little, one now and then reads everything that may still come late.

    A row with moment u that is committed ``late`` seconds after u is found by the first full pass after that. The
    watermark may by then stand ``every`` seconds later, so a full pass goes back by the sum.
    """

    fast: float
    late: float
    every: float

    def of_pass(self, seconds_since_full: float | None) -> tuple[float, bool]:
        """Return the overlap of the next pass and whether it is a full one; None: there was none yet."""
        if seconds_since_full is None or seconds_since_full >= self.every:
            return self.late + self.every, True
        return min(self.fast, self.late), False


def streamed_sources(settings: Settings) -> frozenset[str]:
    """Return which sources the stream follows; the direct loader follows the others.

    Raises SettingsError: an unknown source, or a stream without brokers.
    """
    text = settings.worker_stream_sources
    if text is None:
        return frozenset(SOURCE_NAMES if settings.kafka_bootstrap_servers else ())
    words = {word.strip() for word in text.split(",")} - {"", "none"}
    chosen = frozenset(SOURCE_NAMES) if "all" in words else frozenset(words)
    unknown = sorted(chosen - set(SOURCE_NAMES))
    if unknown:
        raise SettingsError(
            f"CORDSEARCH_WORKER_STREAM_SOURCES names {', '.join(unknown)}. Give product, ecosystem, all or none."
        )
    if chosen and not settings.kafka_bootstrap_servers:
        raise SettingsError(
            "CORDSEARCH_WORKER_STREAM_SOURCES names a source, but CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS is not set. "
            "Give the brokers, or set the first to none: then the direct loader follows every source."
        )
    return chosen


def stream_topics(settings: Settings, sources: frozenset[str]) -> str:
    """Return the topics to read: those of the settings, or of ``sources`` when the stream follows only some."""
    if sources == frozenset(SOURCE_NAMES):
        return settings.kafka_topics
    return rf"^(__debezium-heartbeat\.)?cord\.({'|'.join(sorted(sources))})(\..*)?$"


def cron_lines(settings: Settings) -> Mapping[str, str]:
    """Return the cron line of each duty that has one. Raises SettingsError: a line cannot be read."""
    lines = {
        "reconcile": settings.worker_reconcile_cron,
        "compact": settings.worker_compact_cron,
        "redraw": settings.worker_redraw_cron,
        "train": settings.worker_train_cron,
    }
    for name, line in lines.items():
        if line != NEVER and not croniter.is_valid(line):
            raise SettingsError(
                f"CORDSEARCH_WORKER_{name.upper()}_CRON is {line!r}, which is no cron line. "
                f"Write minute, hour, day, month and weekday, such as 30 2 * * *, or the word never."
            )
    return {name: line for name, line in lines.items() if line != NEVER}
