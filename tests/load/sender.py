"""The load generator as the bench sees it: a process of its own that sends ready-made requests (`sending.py`)."""

import asyncio
import os
import pickle
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.load import cpu

OWN = "sender"
"""The name of this process among those whose CPU is reported."""
LENGTH = struct.Struct("!q")
_REPOSITORY = Path(__file__).resolve().parents[2]


class UnexpectedAnswerError(Exception):
    """The service did not answer as it must; the message quotes the beginning of the answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole HTTP request, and how many of its records must be accepted and how many be duplicates."""

    raw: bytes
    accepted: int
    duplicate: int

    @property
    def records(self) -> int:
        """How many records it carries."""
        return self.accepted + self.duplicate


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: to each of the ports in turn, over `connections` in all, each with one request in flight.

    `per_second` paces the requests; None sends each as soon as a connection is free, as a load balancer does that
    gives the next request to whoever is idle. `pids` are the processes whose CPU is noted meanwhile.
    """

    ports: Sequence[int]
    requests: Sequence[Request]
    connections: int
    pids: cpu.Pids = field(default_factory=dict)
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went: from the first byte sent to the last byte answered. Moments are of the monotonic clock, in ns.

    `due_at_ns` is when each request was to be sent: a request that had to wait for a connection counts from there.
    """

    records: int
    seconds: float
    cpu_seconds: dict[str, float]
    began_at_ns: int
    due_at_ns: list[int]

    @property
    def per_second(self) -> float:
        """Records a second."""
        return self.records / self.seconds

    def cpu_us_per_record(self) -> dict[str, float]:
        """Return microseconds of CPU for each record, by process."""
        return {name: seconds * 1e6 / self.records for name, seconds in self.cpu_seconds.items()}


class Sender:
    """The process. Use it as a context; it sends one load at a time, and ends with us, however we end."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.load.sending"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def send(self, load: Load) -> Sent:
        """Send everything and check every answer. Raises `UnexpectedAnswerError`, `OSError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = await asyncio.to_thread(pickle.dumps, load)
        self._process.stdin.write(LENGTH.pack(len(order)) + order)
        await self._process.stdin.drain()
        length = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))[0]
        outcome = pickle.loads(await self._process.stdout.readexactly(length))  # noqa: S301 - our own child's word
        if isinstance(outcome, Sent):
            return outcome
        raise outcome
