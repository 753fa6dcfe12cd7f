"""How much work and memory a process spends on something, read from /proc."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
MIB = 1024 * KIB
_USER_TIME, _SYSTEM_TIME = 11, 12
_RESET_PEAK = "5"


@dataclass(slots=True)
class Spent:
    """What was spent in a block, once it has ended: seconds of CPU, bytes of resident memory at the peak."""

    cpu_seconds: float = 0.0
    memory_bytes: int = 0


@contextmanager
def watching(pid: int) -> Iterator[Spent]:
    """Measure a process during the block."""
    spent = Spent()
    Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)
    seconds, resident = _cpu_seconds(pid), _status(pid, "VmRSS")
    yield spent
    spent.cpu_seconds = _cpu_seconds(pid) - seconds
    spent.memory_bytes = _status(pid, "VmHWM") - resident


def _cpu_seconds(pid: int) -> float:
    # The name of the program, in brackets, may hold blanks.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * KIB
    raise LookupError(name)
