"""What this machine has: processors and memory, as far as its control group lets us use them."""

import os
from pathlib import Path

_MEMORY_LIMIT_FILES = (
    Path("/sys/fs/cgroup/memory.max"),  # control groups version 2
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),  # version 1
)


def memory_bytes() -> int:
    """Memory this process may use, in bytes: the machine's, or its container's limit if that is lower."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in _MEMORY_LIMIT_FILES:
        try:
            total = min(total, int(file.read_text()))
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
    return total


def processor_count() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
