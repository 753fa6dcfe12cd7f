"""Readers that gather until enough has come, and a member in a process of its own."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.contract.bus.rigs import BUCKETS, Rig
from xueshi_kit.bus import Consumer, Message, NotAssignedError, Received

PATIENCE_SECONDS = 30.0


async def gather(consumer: Consumer, count: int, *, commit: bool = True, at_once: int = 100) -> list[Received]:
    """Read until `count` messages are there; fails after a time."""
    found: list[Received] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count:
        assert time.monotonic() < deadline, f"only {len(found)} of {count} messages came"
        received = await consumer.poll(at_once, 0.5)
        found += received
        if commit and received:
            await consumer.commit(received)
    return found


async def read_until(consumer: Consumer, found: list[Received], enough: Callable[[], bool]) -> None:
    """Read and commit into `found` until there is enough; what a rebalance takes away meanwhile comes again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not enough():
        assert time.monotonic() < deadline, f"not enough after {len(found)} messages"
        received = await consumer.poll(50, 0.05)
        found += received
        try:
            await consumer.commit(received)
        except NotAssignedError:
            continue


def numbered(topic: str, count: int, start: int = 0) -> list[Message]:
    """Return messages 0, 1, 2, ... over all buckets."""
    return [Message(topic, number % BUCKETS, f"key-{number}", str(number).encode()) for number in range(start, count)]


def values(received: Sequence[Received]) -> list[str]:
    """Return the values as text."""
    return [(message.value or b"").decode() for message in received]


class Member:
    """A member in a process of its own."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def ask(self, command: str) -> object:
        """Send a command and return the answer."""
        self.tell(command)
        return await self.answer()

    def tell(self, command: str) -> None:
        """Send a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())

    async def answer(self) -> object:
        """Return the next answer."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return json.loads(await self.process.stdout.readline())


@asynccontextmanager
async def member_process(rig: Rig, group: str, topic: str) -> AsyncIterator[Member]:
    """Run a member in a process of its own; it is killed at the end."""
    program = str(Path(__file__).with_name("member.py"))
    arguments = [program, rig.kind, rig.url, str(BUCKETS), str(rig.lease_seconds), group, topic]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)
    try:
        yield Member(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
