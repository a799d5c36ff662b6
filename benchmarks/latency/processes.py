"""What a service and its database cost the machine: processor seconds and memory, as Linux accounts them in /proc."""

import os
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessTree:
    """A process and all below it."""

    root: int

    def process_ids(self) -> list[int]:
        """Return the processes that live now."""
        children: dict[int, list[int]] = {}
        for stat in _PROC.glob("[0-9]*/stat"):
            if fields := _stat(stat):
                children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, waiting = [], [self.root]
        while waiting:
            process = waiting.pop()
            found.append(process)
            waiting += children.get(process, ())
        return found

    def cpu_seconds(self) -> float:
        """Return the processor seconds of all, those of children that ended included."""
        ticks = 0
        for process in self.process_ids():
            ticks += sum(int(value) for value in _stat(_PROC / str(process) / "stat")[11:15])
        return ticks / _TICKS

    def memory_mib(self) -> float:
        """Return resident memory in MiB, pages that several processes share counted once (proportional set size).

        Where the kernel does not tell a process's share, its whole resident memory counts.
        """
        return sum(_memory_kib(process) for process in self.process_ids()) / 1024


def _stat(file: Path) -> list[str]:
    """Return the fields of proc_pid_stat(5) behind the name, which may hold anything; nothing when it has ended."""
    try:
        return file.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _memory_kib(process: int) -> int:
    for name, field in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = (_PROC / str(process) / name).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(field):
                return int(line.split()[1])
    return 0


class Meter:
    """Measures what the processes of a run take between :meth:`start` and :meth:`read`."""

    def __init__(self, service: int, database: int) -> None:
        """Take the process ids of the service and of the postmaster."""
        self._trees = {"service": ProcessTree(service), "database": ProcessTree(database)}
        self.start()

    def start(self) -> None:
        """Begin a measurement."""
        self._before = self._now()
        self._started = perf_counter()

    def read(self) -> dict[str, float]:
        """Return wall seconds, and processor seconds of the service, the database and this client."""
        seconds = perf_counter() - self._started
        return {"seconds": seconds} | {
            f"{name}_cpu_seconds": now - self._before[name] for name, now in self._now().items()
        }

    def memory_mib(self) -> dict[str, float]:
        """Return the memory of the service and of the database."""
        return {name: tree.memory_mib() for name, tree in self._trees.items()}

    def _now(self) -> dict[str, float]:
        return {name: tree.cpu_seconds() for name, tree in self._trees.items()} | {"client": process_time()}
