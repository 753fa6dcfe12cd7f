"""CPU time by process, from the kernel's own books (`/proc/<pid>/stat`, proc_pid_stat(5)).

Counted is user and system time of a process, of all its threads, of its living descendants and of those that have
ended and were waited for. PostgreSQL is its postmaster with every backend that there was between two readings, its
checkpointer and WAL writer included: a backend that ends moves from the living into the postmaster's `cutime`.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

Pids = Mapping[str, Sequence[int]]
"""Processes by the name under which they are reported."""

_TICKS = os.sysconf("SC_CLK_TCK")
# Places in the line behind the command's closing bracket: parent, then utime, stime, cutime, cstime.
_PARENT, _TIMES = 1, slice(11, 15)


class _Stat(NamedTuple):
    parent: int
    ticks: int


def read(pids: Pids) -> dict[str, float]:
    """Return the CPU seconds that each of the named groups of processes has used since its start."""
    stats = dict(_stats())
    children: defaultdict[int, list[int]] = defaultdict(list)
    for pid, stat in stats.items():
        children[stat.parent].append(pid)
    return {name: sum(_ticks(pid, stats, children) for pid in group) / _TICKS for name, group in pids.items()}


def used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the CPU seconds between two readings."""
    return {name: after[name] - before[name] for name in before}


def _ticks(pid: int, stats: Mapping[int, _Stat], children: Mapping[int, Sequence[int]]) -> int:
    own = stats[pid].ticks if pid in stats else 0
    return own + sum(_ticks(child, stats, children) for child in children.get(pid, ()))


def _stats() -> Iterator[tuple[int, _Stat]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it may end while it is read
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                yield int(entry.name), _Stat(int(fields[_PARENT]), sum(map(int, fields[_TIMES])))
