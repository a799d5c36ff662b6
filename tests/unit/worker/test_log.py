"""One line per event."""

import logging

from cordsearch.worker.log import LineFormatter


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
