"""What the figures were taken on."""

import os
import platform
from pathlib import Path

import asyncpg

_SETTINGS = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers",
    "max_wal_size", "checkpoint_timeout",
)  # fmt: skip
_GIB = 1024**3


def cpus() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def describe() -> dict[str, str | int | float]:
    """Return the machine, and how busy it was with other things before."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "cpus": cpus(),
        "cpu": names[0] if names else platform.machine(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average_before": round(os.getloadavg()[0], 2),
    }


async def describe_postgres(dsn: str) -> dict[str, str]:
    """Return the version and the settings that decide how fast a commit is."""
    connection = await asyncpg.connect(dsn)
    try:
        return {name: str(await connection.fetchval("SELECT current_setting($1)", name)) for name in _SETTINGS}
    finally:
        await connection.close()


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8").splitlines()
    except OSError:
        return []
