"""The worker's computing stands back: behind searches of the same machine, and long computing behind everything.

Long computing has a process of its own, so that duties which share the worker's interpreter go on. Counting the
dictionary takes 20 s of processor time in Python: in a thread it made a refresh take 6 s instead of 1.
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
    with ProcessPoolExecutor(max_workers=1, mp_context=spawned, initializer=_stand_aside) as process:
        process.submit(work, warehouse_url).result()


def stand_back(niceness: int) -> None:
    """Lower the priority of this thread and of what it starts; on Linux that is a thread's own.

    Not of the process: an embedded server that the worker starts again must not stand back.
    """
    if niceness:
        os.nice(niceness)


def _stand_aside() -> None:
    """Leave the processors to the others, and Ctrl-C to the worker."""
    stand_back(_LOW_PRIORITY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
