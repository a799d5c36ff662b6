"""Progress of long steps on standard error: done, total, rate and time left."""

import logging
import sys
import time
from types import TracebackType
from typing import ClassVar, Self, TextIO

log = logging.getLogger(__name__)

_TERMINAL_INTERVAL_SECONDS = 0.2
_LOG_INTERVAL_SECONDS = 5.0  # a log file should not hold one line per batch


def format_duration(seconds: float) -> str:
    """Return ``75.2`` as ``1m15s`` and ``3.21`` as ``3.2s``."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s"


class Progress:
    """Report how far a step is. ``total`` may be an estimate or None when nobody knows.

    On a terminal one line is redrawn; elsewhere a line is printed every five seconds and at the end. A process whose
    output is a log sets ``logged``: then steps of more than five seconds are told as records of this module.
    """

    logged: ClassVar[bool] = False

    def __init__(self, label: str, total: int | None, unit: str = "rows", stream: TextIO | None = None) -> None:
        self.label = label
        self.total = total
        self.unit = unit
        self.done = 0
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = self._stream.isatty()
        self._interval = _TERMINAL_INTERVAL_SECONDS if self._terminal else _LOG_INTERVAL_SECONDS
        self._started = self._printed = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._started

    def __enter__(self) -> Self:
        self._started = self._printed = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._print(final=True, failed=kind is not None)

    def advance(self, count: int) -> None:
        """Say that ``count`` more units are done."""
        self.done += count
        now = time.monotonic()
        if now - self._printed >= self._interval:
            self._printed = now
            self._print()

    def _line(self, *, final: bool, failed: bool) -> str:
        seconds = max(self.seconds, 1e-9)
        rate = self.done / seconds
        if final:
            outcome = "stopped after" if failed else "in"
            if not self.done and self.total is None:  # over before anything was counted
                return f"{self.label}: {'stopped after' if failed else 'done in'} {format_duration(seconds)}"
            return f"{self.label}: {self.done:,} {self.unit} {outcome} {format_duration(seconds)} ({rate:,.0f}/s)"
        if self.total and self.total >= self.done:
            left = format_duration((self.total - self.done) / rate) if rate else "?"
            return f"{self.label}: {self.done:,} of {self.total:,} {self.unit}, {rate:,.0f}/s, {left} left"
        return f"{self.label}: {self.done:,} {self.unit}, {rate:,.0f}/s"

    def _print(self, *, final: bool = False, failed: bool = False) -> None:
        line = self._line(final=final, failed=failed)
        if self.logged:
            if self.seconds >= _LOG_INTERVAL_SECONDS:
                log.info("progress", extra={"step": line})
            return
        if self._terminal:
            self._stream.write(f"\r\x1b[K{line}" + ("\n" if final else ""))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
