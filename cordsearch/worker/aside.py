"""Long computing in a process of its own, at low priority, so that duties which share the worker's interpreter go on.

Counting the dictionary takes 20 s of processor time in Python: in a thread it made a refresh take 6 s instead of 1.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

_LOW_PRIORITY = 10


def run_aside(work: Callable[[str], None], warehouse_url: str) -> None:
    """Call ``work(warehouse_url)``, a function of a module, in a process of its own. Raises what it raises."""
    spawned = multiprocessing.get_context("spawn")  # a fork would share the worker's connections and locks
    with ProcessPoolExecutor(max_workers=1, mp_context=spawned, initializer=_stand_back) as process:
        process.submit(work, warehouse_url).result()


def _stand_back() -> None:
    """Leave the processors to the others, and Ctrl-C to the worker."""
    os.nice(_LOW_PRIORITY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
