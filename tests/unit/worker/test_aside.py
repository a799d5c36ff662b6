"""What the worker computes stands back; the worker itself, which may have to start the server again, does not."""

import os
from concurrent.futures import ThreadPoolExecutor

from cordsearch.worker.aside import stand_back


def test_a_duty_stands_back_and_the_process_does_not() -> None:
    before = os.nice(0)
    with ThreadPoolExecutor(1, initializer=stand_back, initargs=(3,)) as duties:
        assert duties.submit(os.nice, 0).result() == min(before + 3, 19)
    assert os.nice(0) == before
