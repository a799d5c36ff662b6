"""Progress lines: totals, rates, failure."""

import io

import pytest

from cordsearch.progress import Progress, format_duration


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "3.2s"), (59.94, "59.9s"), (75.2, "1m15s"), (3600, "60m00s")])
def test_durations_read_like_a_clock(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_the_last_line_gives_the_total_and_a_rate() -> None:
    stream = io.StringIO()
    with Progress("product", total=10, stream=stream) as progress:
        progress.advance(4)
        progress.advance(6)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("product: 10 rows in ")
    assert line.endswith("/s)")


def test_a_failed_step_says_where_it_stopped() -> None:
    stream = io.StringIO()

    def step() -> None:
        with Progress("product", total=10, stream=stream) as progress:
            progress.advance(4)
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        step()
    assert "product: 4 rows stopped after" in stream.getvalue()


def test_time_left_is_estimated_from_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 10.0, 10.0, 10.0, 10.0])
    monkeypatch.setattr("cordsearch.progress.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    progress = Progress("product", total=100, stream=stream)
    progress.__enter__()
    progress.advance(50)
    assert stream.getvalue() == "product: 50 of 100 rows, 5/s, 10.0s left\n"


def test_a_step_that_was_over_at_once_shows_no_zero() -> None:
    stream = io.StringIO()
    with Progress("index", total=None, stream=stream):
        pass
    assert stream.getvalue().startswith("index: done in 0.0s")
